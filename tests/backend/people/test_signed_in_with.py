"""What somebody signed in with, as the action log says it."""

import json

import pytest
from django.contrib.auth.models import User
from django.test import Client

from backend.audit.models import LoggedAction
from tests.addresses import ACTION_LOG, LOGIN
from tests.backend.people.second_factors import (
    SECOND_STEP,
    Clock,
    Device,
    give_app,
    give_codes,
    give_passkey,
    type_code,
    type_password,
)
from tests.conftest import signed_in
from tests.markup import text

pytestmark = pytest.mark.django_db
ALONE = f"{LOGIN}passkey/"


@pytest.fixture
def client() -> Client:
    """A browser at a host name that can have passkeys."""
    return Client(SERVER_NAME="localhost")


@pytest.fixture
def device(known: User) -> Device:
    device = Device()
    give_passkey(known, device)
    return device


def shown() -> str:
    """Return what the row of the one sign-in says."""
    row = LoggedAction.objects.get(action="signed_in")
    assert row.before == ""
    return row.after


def sign_in_by_passkey(client: Client, device: Device, person: User) -> None:
    challenge = client.post(ALONE).json()["publicKey"]["challenge"]
    client.post(ALONE, {"credential": device.sign(challenge, person)})


def test_it_was_the_password_alone(client: Client, known: User) -> None:
    type_password(client)
    assert shown() == "password_alone"


def test_it_was_a_code_after_the_password(client: Client, known: User, monkeypatch: pytest.MonkeyPatch) -> None:
    give_app(known)
    type_password(client)
    type_code(client, Clock(monkeypatch).code())
    assert shown() == "password_and_totp"


def test_it_was_a_recovery_code_after_the_password(client: Client, known: User) -> None:
    give_app(known)
    code = give_codes(known)[0]
    type_password(client)
    type_code(client, code)
    assert shown() == "password_and_recovery_codes"


def test_it_was_a_passkey_after_the_password(client: Client, known: User, device: Device) -> None:
    type_password(client)
    challenge = json.loads(client.get(SECOND_STEP).context["options"])["publicKey"]["challenge"]
    client.post(SECOND_STEP, {"credential": device.sign(challenge, known)})
    assert shown() == "password_and_webauthn"


def test_it_was_a_passkey_alone(client: Client, known: User, device: Device) -> None:
    sign_in_by_passkey(client, device, known)
    assert shown() == "passkey_alone"


def test_the_password_of_a_sign_in_that_was_broken_off_does_not_count(
    client: Client, known: User, device: Device
) -> None:
    type_password(client)
    User.objects.filter(pk=known.pk).update(password="!")
    client.get(SECOND_STEP)
    sign_in_by_passkey(client, device, known)
    assert shown() == "passkey_alone"


def test_without_a_page_of_the_sign_in_it_says_nothing(known: User) -> None:
    signed_in(known)
    assert shown() == ""


def test_the_report_says_it_in_words_and_finds_it_by_them(client: Client, known: User) -> None:
    type_password(client)
    assert "Signed in Done Password alone" in text(client.get(ACTION_LOG, {"q": "password alone"}))
    assert "Connexion Effectué Mot de passe seul" in text(client.get(ACTION_LOG, headers={"accept-language": "fr"}))
