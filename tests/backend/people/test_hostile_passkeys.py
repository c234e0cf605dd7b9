"""What no device would send as a passkey is refused wherever one is asked for."""

import json

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as some
from pytest_django import Settings

from backend.people.second_factor.passkey_forms import PasskeyAgainForm
from tests.addresses import LOGIN
from tests.backend.people.second_factors import (
    LIKE_ONE,
    SECOND_STEP,
    TWO_FACTOR,
    Device,
    give_app,
    is_in,
    type_password,
)
from tests.markup import text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("just_signed_in")]
ADD, ALONE = f"{TWO_FACTOR}passkeys/add/", f"{LOGIN}passkey/"


@pytest.fixture
def uncounted(settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = False
    settings.MFA_RATE_LIMITS = {"webauthn_login": None}


values = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(max_size=20) | some.binary(max_size=12).map(bytes.hex),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.sampled_from([*LIKE_ONE, "x"]), inner),
    max_leaves=6,
)
credentials = some.builds(
    lambda outer, inner: LIKE_ONE | outer | {"response": {**LIKE_ONE["response"], **inner}},
    some.dictionaries(some.sampled_from([*LIKE_ONE]), values, max_size=2),
    some.dictionaries(some.sampled_from([*LIKE_ONE["response"]]), values, max_size=3),
)
whatever = some.one_of(
    credentials.map(json.dumps),
    values.map(json.dumps),
    some.text(max_size=40),
    some.just("[" * 5000),
    some.just("{}" * 20_000),
)
patient = how(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


@patient
@given(sent=whatever)
def test_whatever_is_sent_as_a_new_passkey_is_refused(as_charlie: Client, sent: str) -> None:
    as_charlie.get(ADD, HTTP_HOST="localhost")
    page = as_charlie.post(ADD, {"name": "Phone", "credential": sent}, HTTP_HOST="localhost")
    assert page.status_code == 200
    assert "The passkey was not added." in text(page) or "is not right" in text(page)
    assert not Authenticator.objects.exists()


@patient
@given(sent=whatever)
def test_whatever_is_sent_to_sign_in_is_refused(uncounted: None, alice: User, sent: str) -> None:
    client = Client()
    assert client.post(ALONE).json()["publicKey"]["challenge"]
    assert client.post(ALONE, {"credential": sent}).headers["Location"] == LOGIN
    assert not is_in(client)


@patient
@given(sent=whatever)
def test_whatever_is_sent_as_a_second_factor_is_refused(uncounted: None, known: User, sent: str) -> None:
    if not Authenticator.objects.exists():
        give_app(known)
    client = Client()
    type_password(client)
    answer = client.post(SECOND_STEP, {"credential": sent})
    assert answer.status_code == 200
    assert not is_in(client)


@pytest.mark.parametrize("sent", ["9" * 5000, "[" * 5000], ids=["digits", "brackets"])
def test_what_no_program_reads_is_refused_as_a_passkey(alice: User, sent: str) -> None:
    assert Client().post(ALONE, {"credential": sent}).headers["Location"] == LOGIN


@pytest.mark.parametrize(
    "name", ["rawId", "clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]
)
def test_a_number_does_not_become_as_many_bytes(alice: User, as_charlie: Client, name: str) -> None:
    for path, client, made, said in (
        (ALONE, Client(), Device().sign("AAAA", alice), "The passkey is not right"),
        (ADD, as_charlie, Device().new("AAAA"), "The passkey was not added."),
    ):
        sent = json.loads(made)
        # More than any computer has.
        sent |= dict.fromkeys(("id", "rawId"), 10**15) if name == "rawId" else {}
        sent["response"] |= {name: 10**15}
        page = client.post(path, {"credential": json.dumps(sent)}, HTTP_HOST="localhost", follow=True)
        assert said in text(page)


@patient
@given(sent=whatever)
def test_whatever_is_sent_to_confirm_who_it_is_is_refused(
    uncounted: None, asked_again: HttpRequest, known: User, sent: str
) -> None:
    auth.begin_authentication(known)
    assert not PasskeyAgainForm({"credential": sent}, user=known).is_valid()
