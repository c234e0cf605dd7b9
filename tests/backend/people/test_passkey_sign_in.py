"""Signing in with a passkey, alone or after the password, and showing again who one is."""

import json

import pytest
from allauth.mfa.webauthn.internal import auth
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.test import Client

from backend.audit.models import LoggedAction
from backend.people.models import PasswordState
from backend.people.second_factor.passkey_forms import PasskeyAgainForm
from tests.addresses import LOGIN
from tests.backend.people.second_factors import (
    LIKE_ONE,
    SECOND_STEP,
    TWO_FACTOR,
    Device,
    give_passkey,
    is_in,
    type_password,
)

pytestmark = pytest.mark.django_db
ALONE = f"{LOGIN}passkey/"


def challenge_for(client: Client, *, is_second: bool = False) -> str:
    """Ask what a passkey has to sign: alone, or after the password."""
    if not is_second:
        asked = client.post(ALONE).json()
    else:
        type_password(client)
        asked = json.loads(client.get(SECOND_STEP).context["options"])
    challenge: str = asked["publicKey"]["challenge"]
    return challenge


def test_somebody_confirms_with_their_passkey(asked_again: HttpRequest, known: User) -> None:
    device = Device()
    give_passkey(known, device)
    options = auth.begin_authentication(known)["publicKey"]
    form = PasskeyAgainForm({"credential": device.sign(options["challenge"], known)}, user=known)
    assert form.is_valid()
    form.save()
    assert asked_again.session["account_authentication_methods"][-1]["reauthenticated"]


def test_what_a_passkey_has_to_sign_is_not_asked_for_with_get(client: Client) -> None:
    assert client.get(ALONE).status_code == 405


def test_a_passkey_that_is_refused_is_logged(alice: User) -> None:
    client = Client()
    client.post(ALONE)
    handle = {"response": {**LIKE_ONE["response"], "userHandle": "MQ"}}
    client.post(ALONE, {"credential": json.dumps(LIKE_ONE | handle)})
    assert [row.cause for row in LoggedAction.objects.all()] == ["second_factor"]


def test_passkeys_are_limited_as_passwords_are(known: User) -> None:
    client = Client()
    for _try in range(12):
        client.post(ALONE, {"credential": json.dumps(LIKE_ONE)})
    assert LoggedAction.objects.order_by("-pk")[0].cause == "too_many_tries"


def test_an_address_asks_for_thirty_passkeys_a_minute(alice: User) -> None:
    assert [Client().post(ALONE).status_code for _try in range(31)] == [200] * 30 + [429]


@pytest.mark.parametrize(
    ("device", "is_verified", "is_let_in"),
    [
        (Device(), True, True),
        (Device(), False, False),
        (Device(host="admin.example.com"), True, False),
        (Device(origin="https://localhost.example.com"), True, False),
        (Device(origin="http://admin.example.com"), True, False),
    ],
    ids=["fits", "nobody-verified", "of-another-host", "from-another-site", "from-an-unsafe-site"],
)
def test_a_passkey_alone_signs_in_only_for_this_site_and_verified(
    alice: User,
    device: Device,
    is_verified: bool,  # noqa: FBT001
    is_let_in: bool,  # noqa: FBT001
) -> None:
    give_passkey(alice, device)
    client = Client(SERVER_NAME="localhost")
    client.post(ALONE, {"credential": device.sign(challenge_for(client), alice, is_verified=is_verified)})
    assert is_in(client) == is_let_in


def test_what_was_signed_once_signs_nobody_in_again(alice: User) -> None:
    device = Device()
    give_passkey(alice, device)
    client, thief = Client(SERVER_NAME="localhost"), Client(SERVER_NAME="localhost")
    sent = device.sign(challenge_for(client), alice)
    client.post(ALONE, {"credential": sent})
    challenge_for(thief)
    thief.post(ALONE, {"credential": sent})
    assert (is_in(client), is_in(thief)) == (True, False)
    client.logout()
    client.post(ALONE, {"credential": sent})
    assert not is_in(client)


def test_the_passkey_of_another_person_is_no_second_factor(known: User, charlie: User) -> None:
    own, other = Device(), Device()
    give_passkey(known, own)
    give_passkey(charlie, other)
    client = Client(SERVER_NAME="localhost")
    for claimed in (known, charlie):
        client.post(SECOND_STEP, {"credential": other.sign(challenge_for(client, is_second=True), claimed)})
        assert not is_in(client)
    client.post(SECOND_STEP, {"credential": own.sign(challenge_for(client, is_second=True), known)})
    assert is_in(client)


def test_a_passkey_is_no_second_factor_where_the_device_checked_nobody(known: User) -> None:
    device = Device()
    give_passkey(known, device)
    client = Client(SERVER_NAME="localhost")
    for is_verified in (False, True):
        challenge = challenge_for(client, is_second=True)
        client.post(SECOND_STEP, {"credential": device.sign(challenge, known, is_verified=is_verified)})
        assert is_in(client) == is_verified


def test_signing_in_by_passkey_alone_leads_nowhere_else(alice: User) -> None:
    device = Device()
    give_passkey(alice, device)
    client = Client(SERVER_NAME="localhost")
    sent = device.sign(challenge_for(client), alice)
    answer = client.post(ALONE, {"credential": sent, "next": "https://evil.example.com/"})
    assert answer.headers["Location"] == "/admin/"


@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_nobody_who_is_not_active_signs_in_by_passkey(alice: User, when: str) -> None:
    device = Device()
    give_passkey(alice, device)
    client = Client(SERVER_NAME="localhost")
    if when == "before":
        User.objects.filter(pk=alice.pk).update(is_active=False)
    sent = device.sign(challenge_for(client), alice)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert client.post(ALONE, {"credential": sent}).headers["Location"] == LOGIN
    User.objects.filter(pk=alice.pk).update(is_active=True)
    assert not is_in(client)


def test_a_passkey_does_not_spare_the_new_password(alice: User) -> None:
    device = Device()
    give_passkey(alice, device)
    PasswordState.objects.given(alice)
    client = Client(SERVER_NAME="localhost")
    client.post(ALONE, {"credential": device.sign(challenge_for(client), alice)})
    assert client.get(TWO_FACTOR).headers["Location"] == "/admin/password/change/"
