"""Several forms sent at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.db import connection as database
from django.test import Client

from tests.conftest import signed_in


def at_once(user: User, path: str, forms: list[dict[str, str]]) -> list[Any]:
    """Send all of `forms` at the same moment, each from a browser of its own; return the answers."""
    return together([(signed_in(user), path, form) for form in forms])


def together(forms: list[tuple[Client, str, dict[str, str]]]) -> list[Any]:
    """Send each form to its address with its browser, all at the same moment; return the answers."""
    begin = Barrier(len(forms))

    def send(sent: tuple[Client, str, dict[str, str]]) -> Any:
        browser, path, form = sent
        browser.raise_request_exception = False
        begin.wait(10)
        try:
            return browser.post(path, form)
        finally:
            database.close()

    with ThreadPoolExecutor(len(forms)) as pool:
        return list(pool.map(send, forms))


def codes(answers: list[Any]) -> list[int]:
    """Return the status codes in their order."""
    return sorted(answer.status_code for answer in answers)


def said(answers: list[Any]) -> list[str]:
    """Return what the next pages will say, with the level of each message, in the order of the alphabet."""
    return sorted(
        f"{message.level_tag}: {message}" for answer in answers for message in get_messages(answer.wsgi_request)
    )
