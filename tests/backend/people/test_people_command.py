"""`manage.py people`: the way back in."""

import getpass as system
import io
import sys
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from backend.audit.models import LoggedAction
from tests.addresses import ACTION_LOG, DASHBOARD, LOGIN
from tests.conftest import signed_in
from tests.factories import PASSWORD, empty_log

pytestmark = pytest.mark.django_db
NEW_PASSWORD = "another long pass phrase"


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("people", *arguments, stdout=out)
    return out.getvalue()


def refused(*arguments: str, code: int = 1) -> str:
    before = list(User.objects.order_by("pk").values())
    with pytest.raises(CommandError) as raised:
        run(*arguments)
    assert raised.value.returncode == code
    assert list(User.objects.order_by("pk").values()) == before
    assert not LoggedAction.objects.exists()
    text = str(raised.value)
    assert text.endswith("Nothing was changed.")
    assert "\n" not in text
    return text


def logged() -> LoggedAction:
    row: LoggedAction = LoggedAction.objects.get()
    assert row.user_name == f"{system.getuser()} (command line)"
    return row


@pytest.fixture
def password_file(tmp_path: Path) -> str:
    (tmp_path / "password").write_text(f"{NEW_PASSWORD}\n", encoding="utf-8")
    return str(tmp_path / "password")


def sign_in(name: str, password: str, address: str = "192.0.2.1") -> bool:
    browser = Client(REMOTE_ADDR=address)
    browser.post(LOGIN, {"login": name, "password": password})
    return "sessionid" in browser.cookies


def test_a_person_becomes_an_active_administrator_with_their_password(dana: User) -> None:
    dana.set_password(PASSWORD)
    dana.is_active = False
    dana.save()
    assert "dana is an active administrator." in run("admin", "dana", "--confirm", "dana")
    dana.refresh_from_db()
    assert (dana.is_active, dana.is_superuser) == (True, True)
    row = logged()
    assert (row.action, row.subject) == ("user_changed", "dana")
    assert "administrator: no" in row.before
    assert "administrator: yes" in row.after
    assert sign_in("dana", PASSWORD)


def test_an_administrator_gets_a_new_password_from_a_file(alice: User, password_file: str) -> None:
    run("admin", "alice", "--password-file", password_file, "--confirm", "alice")
    assert logged().after.endswith("password: changed")
    assert NEW_PASSWORD not in str(LoggedAction.objects.values())
    assert sign_in("alice", NEW_PASSWORD)


def test_a_new_administrator_is_made_with_a_password_from_a_file(password_file: str) -> None:
    said = run("admin", "grace", "--password-file", password_file, "--confirm", "grace")
    assert said == "grace is a new administrator.\n"
    assert logged().action == "user_created"
    assert User.objects.get(username="grace").is_superuser
    assert sign_in("grace", NEW_PASSWORD)


def test_a_password_can_come_from_another_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(f"{NEW_PASSWORD}\r\n".encode())))
    run("admin", "grace", "--password-file", "-", "--confirm", "grace")
    assert sign_in("grace", NEW_PASSWORD)


def test_a_terminal_asks_for_the_name_and_twice_for_the_password(terminal: list[str]) -> None:
    terminal += ["grace", NEW_PASSWORD, NEW_PASSWORD]
    run("admin", "grace")
    assert sign_in("grace", NEW_PASSWORD)


@pytest.mark.parametrize(
    ("answers", "text"),
    [
        (["grac"], "That is not the name."),
        (["grace", NEW_PASSWORD, "different"], "The two passwords differ."),
        (["grace", "12345678", "12345678"], "This password is too short."),
        (["grace"], "No answer was given."),
        ([], "No answer was given."),
    ],
    ids=["another name", "two passwords", "weak", "left at the password", "left at the name"],
)
def test_an_answer_that_does_not_do_makes_nobody(terminal: list[str], answers: list[str], text: str) -> None:
    terminal += answers
    assert text in refused("admin", "grace")


@pytest.mark.parametrize(
    "name", ["Alice", "al ice", "\u0430lice"], ids=["twin", "blank", "letters of another alphabet"]
)
def test_a_name_that_the_page_refuses_is_refused(alice: User, password_file: str, name: str) -> None:
    refused("admin", name, "--password-file", password_file, "--confirm", name)


def test_a_weak_password_is_refused_for_somebody_who_exists(alice: User, tmp_path: Path) -> None:
    (tmp_path / "weak").write_text("alice-alice-2026", encoding="utf-8")
    said = refused("admin", "alice", "--password-file", str(tmp_path / "weak"), "--confirm", "alice")
    assert "names of this product, the shop or the person" in said


@pytest.mark.parametrize("content", [b"", b"\n", b"x" * 5000, b"\xff\xfe"], ids=["empty", "line", "long", "bytes"])
def test_a_file_without_a_password_is_refused(alice: User, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    refused("admin", "alice", "--password-file", str(tmp_path / "file"), "--confirm", "alice")
    refused("admin", "alice", "--password-file", str(tmp_path / "missing"), "--confirm", "alice")


def test_an_administrator_stays_as_they_are(alice: User) -> None:
    assert "is an active administrator already" in run("admin", "alice")
    assert not LoggedAction.objects.exists()


@pytest.mark.parametrize("action", ["admin", "unlock", "sign-out"])
def test_nothing_is_done_without_the_name_as_confirmation(dana: User, action: str) -> None:
    assert "add --confirm dana." in refused(action, "dana")
    assert "That is not the name." in refused(action, "dana", "--confirm", "Dana")


def test_a_scheduler_that_closes_standard_input_is_refused_in_a_line(
    monkeypatch: pytest.MonkeyPatch, dana: User
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert "add --confirm dana." in refused("unlock", "dana")
    said = refused("admin", "dana", "--password-file", "-", "--confirm", "dana")
    assert said.startswith("The password cannot be read: standard input is closed.")


@pytest.mark.parametrize("action", ["admin", "unlock", "sign-out"])
def test_bytes_that_are_no_name_are_nobody(action: str) -> None:
    name = b"al\xffice".decode(errors="surrogateescape")
    assert refused(action, name, "--confirm", name, code=2).startswith("Nobody is called al?ice.")


@pytest.mark.parametrize("action", ["admin", "unlock", "sign-out"])
def test_a_name_that_nobody_has_names_similar_ones(alice: User, dana: User, action: str) -> None:
    said = refused(action, "alcie", "--confirm", "alcie", code=2)
    assert said.startswith("Nobody is called alcie. Similar names: alice. ")


def test_somebody_who_tried_too_often_can_try_again_at_once(known: User) -> None:
    for address in ("192.0.2.1", "192.0.2.2"):
        for _try in range(5):
            sign_in("alice", "wrong", address)
    empty_log()
    assert not sign_in("alice", PASSWORD, "192.0.2.1")
    empty_log()
    run("unlock", "alice", "--confirm", "alice")
    assert (logged().action, logged().subject) == ("user_unlocked", "alice")
    assert sign_in("alice", PASSWORD, "192.0.2.1")
    assert sign_in("alice", PASSWORD, "192.0.2.2")


def test_a_name_that_was_guessed_at_from_many_addresses_is_free_again(known: User, settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "login_failed_name": "10/h/key"}
    for number in range(10):
        sign_in("alice", "wrong", f"192.0.2.{number}")
    assert not sign_in("alice", PASSWORD, "192.0.2.98")
    run("unlock", "alice", "--confirm", "alice")
    assert sign_in("alice", PASSWORD, "192.0.2.99")


def test_the_limits_of_others_stay(known: User, dana: User) -> None:
    for _try in range(5):
        sign_in("alice", "wrong")
    empty_log()
    run("unlock", "dana", "--confirm", "dana")
    assert not sign_in("alice", PASSWORD)


def test_limits_are_counted_again_after_they_were_lifted(known: User) -> None:
    run("unlock", "alice", "--confirm", "alice")
    for _try in range(5):
        sign_in("alice", "wrong")
    assert not sign_in("alice", PASSWORD)


def test_somebody_who_is_not_active_is_not_told_that_they_can_sign_in_now(dana: User) -> None:
    User.objects.update(is_active=False)
    assert "dana is not active, and so cannot sign in" in run("unlock", "dana", "--confirm", "dana")


def test_every_session_of_a_person_ends_and_no_other(alice: User, dana: User) -> None:
    browsers, other = [signed_in(dana), signed_in(dana)], signed_in(alice)
    empty_log()
    said = run("sign-out", "dana", "--confirm", "dana")
    assert "sessions ended: 2." in said
    assert (logged().action, logged().before) == ("sessions_ended", "sessions: 2")
    assert [browser.get(DASHBOARD).status_code for browser in browsers] == [302, 302]
    assert other.get(DASHBOARD).status_code == 200


def test_the_log_shows_it_in_words(as_alice: Client, dana: User) -> None:
    run("sign-out", "dana", "--confirm", "dana")
    page = as_alice.get(ACTION_LOG).content.decode()
    assert "Sessions ended" in page
    assert "Sessions: 0" in page
