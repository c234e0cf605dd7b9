"""Passkeys, as far as they need no device: what is offered, what is refused, what is logged."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.test import Client, RequestFactory
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as some
from pytest_django import Settings

from backend.audit.models import LoggedAction
from backend.frame.session import SessionStore
from backend.people.models import PasswordState
from backend.people.second_factor import passkeys, views
from backend.people.second_factor.passkey_forms import PasskeyAgainForm
from tests.addresses import LOGIN
from tests.backend.people.second_factors import (
    SECOND_STEP,
    TWO_FACTOR,
    Device,
    give_app,
    give_passkey,
    is_in,
    type_password,
)
from tests.conftest import signed_in
from tests.markup import text

pytestmark = pytest.mark.django_db
ADD, ALONE = f"{TWO_FACTOR}passkeys/add/", f"{LOGIN}passkey/"
# As a browser sends it, with nothing in it that fits.
LIKE_ONE: dict[str, Any] = {
    "id": "AAAA",
    "rawId": "AAAA",
    "type": "public-key",
    "response": {
        "clientDataJSON": "e30",
        "attestationObject": "oA",
        "authenticatorData": "AAAA",
        "signature": "AAAA",
        "userHandle": "MQ",
    },
    "clientExtensionResults": {},
}


@pytest.fixture(autouse=True)
def _just_signed_in(settings: Settings) -> None:
    """Ask for no password here: that is tested elsewhere."""
    settings.MFA_REAUTHENTICATION_REQUIRED = False


@pytest.fixture
def uncounted(settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = False
    settings.MFA_RATE_LIMITS = {"webauthn_login": None}


def challenge_for(client: Client, *, is_second: bool = False) -> str:
    """Ask what a passkey has to sign: alone, or after the password."""
    if not is_second:
        asked = client.post(ALONE).json()
    else:
        type_password(client)
        asked = json.loads(client.get(SECOND_STEP).context["options"])
    challenge: str = asked["publicKey"]["challenge"]
    return challenge


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


@pytest.fixture
def asked_again(known: User, rf: RequestFactory) -> Iterator[HttpRequest]:
    """A request of Alice, who has a passkey and was asked to use it again."""
    request = rf.post("/", SERVER_NAME="localhost")
    request.user, request.session = known, SessionStore()
    request.session.create()
    with context.request_context(request):
        yield request


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


def test_somebody_confirms_with_their_passkey(asked_again: HttpRequest, known: User) -> None:
    device = Device()
    give_passkey(known, device)
    options = auth.begin_authentication(known)["publicKey"]
    form = PasskeyAgainForm({"credential": device.sign(options["challenge"], known)}, user=known)
    assert form.is_valid()
    form.save()
    assert asked_again.session["account_authentication_methods"][-1]["reauthenticated"]


def test_by_an_ip_address_the_page_says_that_a_passkey_needs_a_name(as_charlie: Client) -> None:
    for address in ("127.0.0.1:8000", "[::1]:8000"):
        assert "you opened this Admin by an IP address" in text(as_charlie.get(ADD, HTTP_HOST=address))


def test_without_https_the_page_says_that_it_is_needed(as_charlie: Client, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["admin.example.com"]
    assert "only over https" in text(as_charlie.get(ADD, HTTP_HOST="admin.example.com"))
    assert "only over https" not in text(as_charlie.get(ADD, HTTP_HOST="admin.example.com", secure=True))


def test_a_passkey_belongs_to_the_host_name_without_its_port(as_charlie: Client) -> None:
    page: Any = as_charlie.get(ADD, HTTP_HOST="localhost:8101")
    options = json.loads(page.context["options"])["publicKey"]
    assert options["rp"] == {"id": "localhost", "name": "Commerce Admin"}
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"


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


def test_nobody_removes_the_passkey_of_somebody_else(as_charlie: Client, known: User) -> None:
    passkey = give_passkey(known)
    assert as_charlie.post(f"{TWO_FACTOR}passkeys/{passkey.pk}/remove/").status_code == 404
    assert Authenticator.objects.count() == 1


def rename(client: Client, passkey: Authenticator, name: str) -> str:
    return text(client.post(f"{TWO_FACTOR}passkeys/{passkey.pk}/rename/", {"name": name}, follow=True))


def test_a_renamed_passkey_is_logged_by_both_names(known: User) -> None:
    passkey = give_passkey(known)
    client = signed_in(known)
    assert 'value="Phone"' in client.get(f"{TWO_FACTOR}passkeys/{passkey.pk}/rename/").content.decode()
    credential = passkey.data["credential"]
    page = rename(client, passkey, " Old phone ")
    assert "The name of the passkey was saved." in page
    assert "Old phone" in page
    passkey.refresh_from_db()
    assert passkey.data == {"name": "Old phone", "credential": credential}
    row = LoggedAction.objects.order_by("-pk")[0]
    assert (row.action, row.subject) == ("second_factor_renamed", "alice")
    assert (row.before, row.after) == ("webauthn\nname: Phone", "webauthn\nname: Old phone")


def test_saving_the_name_that_it_has_logs_nothing(known: User) -> None:
    passkey = give_passkey(known)
    assert "The name of the passkey was saved." in rename(signed_in(known), passkey, "Phone")
    assert not LoggedAction.objects.filter(action="second_factor_renamed").exists()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "This field is required."),
        ("x" * 61, "Ensure this value has at most 60 characters"),
        ("two\nlines", "A name is one line of visible characters."),
        ("gnirts\u202e", "A name is one line of visible characters."),
    ],
    ids=["none", "long", "two lines", "turned"],
)
def test_a_name_is_limited_as_where_a_passkey_is_added(known: User, name: str, reason: str) -> None:
    passkey = give_passkey(known)
    page = rename(signed_in(known), passkey, name)
    assert reason in page
    assert "Nothing was saved" in page
    passkey.refresh_from_db()
    assert passkey.data["name"] == "Phone"


def test_nobody_renames_the_passkey_of_somebody_else(as_charlie: Client, known: User) -> None:
    passkey = give_passkey(known)
    address = f"{TWO_FACTOR}passkeys/{passkey.pk}/rename/"
    assert as_charlie.get(address).status_code == 404
    assert as_charlie.post(address, {"name": "Mine"}).status_code == 404
    passkey.refresh_from_db()
    assert passkey.data["name"] == "Phone"


def test_a_new_name_does_not_bring_back_a_passkey_that_was_removed_meanwhile(
    known: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    passkey = give_passkey(known)
    client = signed_in(known)

    def lock_late(request: HttpRequest) -> User:
        Authenticator.objects.all().delete()
        return views.lock(request)

    monkeypatch.setattr(passkeys, "lock", lock_late)
    assert client.post(f"{TWO_FACTOR}passkeys/{passkey.pk}/rename/", {"name": "Mine"}).status_code == 404
    assert not Authenticator.objects.filter(data__name="Mine").exists()


def test_a_removed_passkey_is_logged_by_its_name(known: User) -> None:
    passkey = give_passkey(known)
    client = signed_in(known)
    assert "Remove the passkey “Phone”?" in text(client.get(f"{TWO_FACTOR}passkeys/{passkey.pk}/remove/"))
    client.post(f"{TWO_FACTOR}passkeys/{passkey.pk}/remove/")
    row = LoggedAction.objects.order_by("-pk")[0]
    assert (row.action, row.subject, row.before) == ("second_factor_removed", "alice", "webauthn\nname: Phone")


def test_the_last_passkey_stays_while_a_second_factor_is_required(known: User, settings: Settings) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    passkey = give_passkey(known)
    client = signed_in(known)
    address = f"{TWO_FACTOR}passkeys/{passkey.pk}/remove/"
    assert client.post(address).headers["Location"] == address
    assert "Add another one first." in text(client.get(address))
    assert Authenticator.objects.count() == 1


def test_a_name_that_is_too_long_is_refused(as_charlie: Client) -> None:
    page = as_charlie.post(ADD, {"name": "x" * 61, "credential": json.dumps(LIKE_ONE)}, HTTP_HOST="localhost")
    assert page.status_code == 200
    assert not Authenticator.objects.exists()


def test_a_passkey_is_added_and_stored_without_what_else_was_sent(as_charlie: Client) -> None:
    page = as_charlie.get(ADD, HTTP_HOST="localhost")
    challenge = json.loads(page.context["options"])["publicKey"]["challenge"]
    sent = json.loads(Device().new(challenge)) | {"canary": "canary"}
    answer = as_charlie.post(ADD, {"name": "", "credential": json.dumps(sent)}, HTTP_HOST="localhost")
    assert "Keep your recovery codes" in text(answer)
    passkey = Authenticator.objects.get(type="webauthn")
    assert passkey.data["name"] == "Passkey 1"
    assert "canary" not in str(passkey.data)
    assert LoggedAction.objects.get(action="second_factor_added").after == "webauthn\nname: Passkey 1"


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
