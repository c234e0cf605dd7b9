"""What the tests of users, roles and commands share."""

import sys
from collections.abc import Callable, Iterator

import pytest
from allauth.core import context
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.test import Client, RequestFactory
from pytest_django import Settings

from backend.frame import present_password
from backend.frame.session import SessionStore
from backend.people.management.commands import createsuperuser, people
from tests.conftest import signed_in

Meanwhile = Callable[[Callable[[], object]], None]


@pytest.fixture
def as_grace(grace: User) -> Client:
    """Grace manages people or roles; each file says which."""
    return signed_in(grace)


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """Let something happen once the password was checked, which takes a while, and before anything is saved."""
    check = present_password.is_right

    def arrange(event: Callable[[], object]) -> None:
        def checked(request: HttpRequest) -> bool:
            is_right = check(request)
            event()
            return is_right

        monkeypatch.setattr(present_password, "is_right", checked)

    return arrange


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Answer the questions on a terminal one after the other. Without an answer, the person has left."""
    answers: list[str] = []

    def answer(_question: str) -> str:
        if not answers:
            raise EOFError
        return answers.pop(0)

    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr("builtins.input", answer)
    for command in (people, createsuperuser):
        monkeypatch.setattr(command, "getpass", answer)
    return answers


@pytest.fixture
def asked_again(known: User, rf: RequestFactory) -> Iterator[HttpRequest]:
    """A request of Alice, who has a passkey and was asked to use it again."""
    request = rf.post("/", SERVER_NAME="localhost")
    request.user, request.session = known, SessionStore()
    request.session.create()
    with context.request_context(request):
        yield request


@pytest.fixture
def just_signed_in(settings: Settings) -> None:
    """Ask for no password here: that is tested elsewhere."""
    settings.MFA_REAUTHENTICATION_REQUIRED = False
