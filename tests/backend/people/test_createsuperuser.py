"""`manage.py createsuperuser`: the first person, by the rules of All Users."""

import io
import sys

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from backend.audit.models import LoggedAction
from backend.people.models import PasswordState
from tests.backend.people.test_people_command import sign_in
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


def run(**options: object) -> str:
    out = io.StringIO()
    call_command("createsuperuser", stdout=out, **options)
    return out.getvalue()


def test_it_asks_for_the_first_administrator_and_logs_them(terminal: list[str]) -> None:
    terminal += ["ada", "ada@shop.test", PASSWORD, PASSWORD]
    assert run() == "The administrator was added.\n"
    ada = User.objects.get()
    assert (ada.username, ada.email, ada.is_superuser) == ("ada", "ada@shop.test", True)
    assert sign_in("ada", PASSWORD)
    assert not PasswordState.objects.exists()
    assert LoggedAction.objects.get(action="user_created").subject == "ada"


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        (["ada", "", "short", "short"], "This password is too short. Use 12 characters or more"),
        (["ada", "", "password1234", "password1234"], "This password is easy to guess"),
        (["ada", "", PASSWORD, "another"], "The two passwords differ."),
        (["\u0430da", "", PASSWORD, PASSWORD], "A user name may only have the letters a to z"),
        (["ada", ""], "No answer was given."),
    ],
    ids=["short", "known words", "two passwords", "another alphabet", "left"],
)
def test_nobody_insists_on_what_the_pages_refuse(terminal: list[str], answers: list[str], reason: str) -> None:
    terminal += [*answers, *(["y"] if len(answers) > 2 else [])]
    with pytest.raises(CommandError, match=f"{reason}.*Nothing was changed."):
        run()
    assert not User.objects.exists()


def test_an_environment_variable_gives_no_weak_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "short")
    with pytest.raises(CommandError, match="This password is too short"):
        run(interactive=False, username="ada", email="")
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    run(interactive=False, username="ada", email="")
    assert sign_in("ada", PASSWORD)


def test_without_a_terminal_it_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="--no-input needs --username"):
        run(interactive=False, username="ada")
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with pytest.raises(CommandError, match="no terminal"):
        run()
