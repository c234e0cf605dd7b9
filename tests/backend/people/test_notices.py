"""People hear by e-mail of a change of how they sign in."""

import getpass
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from allauth.account.adapter import get_adapter
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.core.management import call_command
from django.test import Client, RequestFactory
from pytest_django import Settings

from backend.people import mail, notices
from tests.addresses import ACCOUNT_SETTING, CHANGE_PASSWORD, USERS
from tests.conftest import signed_in
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
Committed = Callable[..., AbstractContextManager[list[Callable[[], object]]]]
OWN = "nobody else has these words"
ADDRESS = "erin@luma.example"


@pytest.fixture
def erin(db: None) -> User:
    return User.objects.create_user("erin", ADDRESS, PASSWORD)


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Committed) -> AbstractContextManager[list[Callable[[], object]]]:
    return django_capture_on_commit_callbacks(execute=True)


Done = AbstractContextManager[list[Callable[[], object]]]


def only(sent: list[EmailMessage]) -> str:
    (message,) = sent
    assert message.to == [ADDRESS]
    assert message.subject == "Commerce Admin: your sign-in was changed"
    assert "Hello erin," in message.body
    return str(message.body)


def test_of_an_own_password(erin: User, committed: Done, mailoutbox: list[EmailMessage]) -> None:
    new = {"password": OWN, "password_again": OWN, "present_password": PASSWORD}
    with committed:
        signed_in(erin, REMOTE_ADDR="192.0.2.7").post(CHANGE_PASSWORD, new)
    said = only(mailoutbox)
    assert "Your password was changed." in said
    assert "From: 192.0.2.7" in said
    assert OWN not in said


def test_of_an_own_password_and_address(erin: User, committed: Done, mailoutbox: list[EmailMessage]) -> None:
    sent = {"password": OWN, "password_again": OWN, "email": "new@luma.example", "present_password": PASSWORD}
    with committed:
        signed_in(erin).post(ACCOUNT_SETTING, sent)
    said = {message.to[0]: str(message.body) for message in mailoutbox}
    assert "Your password was changed." in said["new@luma.example"]
    assert "Your email address was changed." in said[ADDRESS]
    assert "new@luma.example" not in said[ADDRESS]


def test_of_what_an_administrator_does(
    as_alice: Client, erin: User, committed: Done, mailoutbox: list[EmailMessage]
) -> None:
    sent = {"username": "erin", "is_active": "on", "email": "new@luma.example", "present_password": PASSWORD}
    with committed:
        as_alice.post(f"{USERS}{erin.pk}/change/", sent | {"password": OWN, "password_again": OWN})
    said = {message.to[0]: str(message.body) for message in mailoutbox}
    assert "Somebody else set a new password for you." in said["new@luma.example"]
    assert "By: alice" in said[ADDRESS]
    assert "127.0.0.1" not in said[ADDRESS]


def test_of_what_is_done_from_a_shell(
    erin: User, committed: Done, mailoutbox: list[EmailMessage], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text(OWN, encoding="utf-8")
    with committed:
        call_command("people", "admin", "erin", "--password-file", str(tmp_path / "file"), "--confirm", "erin")
    assert f"By: {getpass.getuser()} (command line)" in only(mailoutbox)


@pytest.mark.parametrize("code", [*notices.TEXTS, "something_new"])
def test_of_what_allauth_does(erin: User, committed: Done, mailoutbox: list[EmailMessage], code: str) -> None:
    with committed:
        get_adapter(RequestFactory().get("/")).send_notification_mail(f"mfa/email/{code}", erin)
    assert str(notices.TEXTS.get(code, notices.OTHER)) in only(mailoutbox)


def test_nothing_else_is_sent(as_alice: Client, erin: User, committed: Done, mailoutbox: list[EmailMessage]) -> None:
    with committed:
        as_alice.post(f"{USERS}{erin.pk}/change/", {"username": "erin", "is_active": "on", "email": ADDRESS})
        sent = {"username": "zoe", "is_active": "on", "email": "zoe@luma.example"}
        as_alice.post(f"{USERS}add/", sent | {"password": OWN, "password_again": OWN})
        signed_in(erin).post(ACCOUNT_SETTING, {"first_name": "Erin", "email": ADDRESS, "present_password": PASSWORD})
    assert mailoutbox == []


def test_nothing_is_sent_without_an_address_or_a_server(
    erin: User, committed: Done, mailoutbox: list[EmailMessage], settings: Settings
) -> None:
    with committed:
        notices.send(User(username="mute"), "password_changed")
        settings.EMAIL_BACKEND = mail.NOWHERE
        notices.send(erin, "password_changed")
    assert mailoutbox == []
