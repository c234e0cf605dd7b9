"""Adding, renaming and removing passkeys, as far as that needs no device."""

import json
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.test import Client
from pytest_django import Settings

from backend.audit.models import LoggedAction
from backend.people.second_factor import passkeys, views
from tests.addresses import LOGIN
from tests.backend.people.second_factors import (
    LIKE_ONE,
    TWO_FACTOR,
    Device,
    give_passkey,
)
from tests.conftest import signed_in
from tests.markup import text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("just_signed_in")]
ADD, ALONE = f"{TWO_FACTOR}passkeys/add/", f"{LOGIN}passkey/"


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
