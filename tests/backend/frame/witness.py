"""Looks for a secret wherever a page or the server could have kept it."""

import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any
from urllib.parse import unquote

import pytest
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client, RequestFactory

from tests.factories import dump


class Witness:
    """A browser that remembers every answer, and knows every other place where something can be kept."""

    def __init__(self, client: Client, logs: pytest.LogCaptureFixture) -> None:
        self.client = client
        self.client.raise_request_exception = False
        self.logs = logs
        self.answers: list[Any] = []
        self.found: list[str] = []

    def get(self, *paths: str) -> None:
        self.answers += [self.client.get(path) for path in paths]

    def post(self, path: str, data: Mapping[str, Any]) -> Any:
        self.answers.append(self.client.post(path, data))
        return self.answers[-1]

    def everything(self) -> Iterator[str]:
        for answer in self.answers:
            yield unescape(answer.getvalue().decode())
            yield f"{answer.headers} {answer.cookies}"
            yield from self._messages(answer)
        yield from (f"{record.getMessage()} {record.__dict__}" for record in self.logs.records)
        yield self.logs.text
        yield from self.found
        yield from self.kept()

    def kept(self) -> Iterator[str]:
        """Yield what sessions, cache and database hold now."""
        yield from (str(session.get_decoded()) for session in Session.objects.all())
        yield str(list(getattr(cache, "_cache", {}).items()))
        yield dump(with_log=True)

    def remember(self, *texts: str) -> None:
        """Remember `texts`, and what is kept now, for a state that will be undone."""
        self.found += [*texts, *self.kept()]

    @staticmethod
    def _messages(answer: Any) -> Iterator[str]:
        if morsel := answer.cookies.get(CookieStorage.cookie_name):
            storage: Any = CookieStorage(RequestFactory().get("/"))
            yield str([str(message) for message in storage._decode(morsel.value) or []])

    def has_seen(self, text: str) -> bool:
        return any(text in place for place in self.everything())

    def has_seen_key(self, pem: str) -> bool:
        # A repr writes a line feed differently, so look for each line.
        lines = [line for line in pem.splitlines() if line and not line.startswith("-----")]
        return any(line in place for place in self.everything() for line in lines)

    def parts_seen(self, *secrets: str) -> set[str]:
        """Return every 20 characters of a secret that are found anywhere, even percent-encoded."""
        parts = {secret[at : at + 20] for secret in secrets for at in range(len(secret) - 19)}
        runs = {
            run
            for place in self.everything()
            for spelling in (place, unquote(place))
            for run in re.findall(r"[A-Za-z0-9+/=]{20,}", spelling)
        }
        return {run[at : at + 20] for run in runs for at in range(len(run) - 19)} & parts
