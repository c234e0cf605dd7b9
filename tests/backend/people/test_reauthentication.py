"""Asking again who somebody is, before what could do harm."""

import json
import re
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.test import Client
from django.test.utils import override_script_prefix
from django.urls import resolve
from pytest_django import Settings

from backend.audit.models import LoggedAction
from backend.frame.reauthentication import CONFIRMED_AT, GRACE_S
from backend.people.required_steps import OPEN_STEPS
from connector.gateway.client import Credentials
from connector.models import KeyPair
from saas.models import Account, ApiKey
from tests.addresses import (
    ACTION_LOG,
    CONFIGURATION,
    DASHBOARD,
    ENCRYPTION_KEY,
    LOGIN,
    PORTAL,
    REAUTHENTICATE,
    SESSIONS,
)
from tests.backend.frame.pages import addresses
from tests.backend.people.second_factors import TWO_FACTOR, Device, give_app, give_codes, give_passkey
from tests.conftest import signed_in
from tests.factories import PASSWORD, choose_identifier, connect, store, stored
from tests.gateways import PRODUCTION, SANDBOX
from tests.markup import links, text

pytestmark = pytest.mark.django_db

EXPORT = f"{ACTION_LOG}export/"
REMOVE = f"{CONFIGURATION}remove-keys/sandbox/"
KEY_ID = UUID(int=7)
# The pages and dialogs that ask before they open, and what their forms need to do their work.
OPENS: dict[str, dict[str, str]] = {
    REMOVE: {"confirmation": "Sandbox"},
    f"{CONFIGURATION}restore/sandbox/": {},
    f"{CONFIGURATION}erase/sandbox/": {"confirmation": "Sandbox"},
    f"{ENCRYPTION_KEY}re-encrypt/": {},
    f"{PORTAL}{KEY_ID}/delete/": {"confirm_name": "Luma shop"},
}
# The pages that open, but whose form asks.
SENDS: dict[str, dict[str, str]] = {
    ENCRYPTION_KEY: {},
    PORTAL: {"environment": "sandbox", "name": "Another"},
    SESSIONS: {},
}
# The addresses that only take a form. tests/backend/people/test_sessions.py has them.
ACTS = (f"{SESSIONS}1/end/",)
# The addresses that only show something.
SHOWS = (f"{PORTAL}add/", EXPORT)


@pytest.fixture(autouse=True)
def _connected(alice: User, pair: Credentials, other_pair: Credentials) -> None:
    """Connect with both pairs; the sandbox has a former one. Alice has a key at the stand-in."""
    account = Account.objects.create_with_owner(alice, organization_name="Luma")
    facts = {"environment": "sandbox", "name": "Luma shop", "public_key": "-"}
    ApiKey.objects.create(pk=KEY_ID, account=account, created_by=alice, **facts)
    store(PRODUCTION, pair)
    store(SANDBOX, other_pair)
    connect(pair)
    choose_identifier()


@pytest.fixture
def client(known: User) -> Client:
    return signed_in(known)


@pytest.fixture
def stale(client: Client, settings: Settings) -> Client:
    """Return a browser in which so much time has passed that no form may be sent any more."""
    return aged(client, settings.ACCOUNT_REAUTHENTICATION_TIMEOUT + GRACE_S)


def aged(client: Client, seconds: int) -> Client:
    session = client.session
    session[CONFIRMED_AT] = int(time.time()) - seconds
    session.save()
    return client


def asked_for(answer: HttpResponse | Any) -> str:
    """Return the address that a redirect asks the person to confirm for; empty where it does not ask."""
    to = urlsplit(answer.headers.get("Location", ""))
    return parse_qs(to.query)["next"][0] if to.path == REAUTHENTICATE else ""


def logged() -> list[tuple[str, str, str]]:
    rows = LoggedAction.objects.filter(action="reauthentication_failed").order_by("pk")
    return list(rows.values_list("user_name", "cause", "result"))


@pytest.mark.parametrize("path", [*OPENS, *SHOWS])
def test_it_asks_before_the_page_opens_once_time_has_passed(client: Client, settings: Settings, path: str) -> None:
    assert client.get(path).status_code == 200
    aged(client, settings.ACCOUNT_REAUTHENTICATION_TIMEOUT - 5)
    assert client.get(path).status_code == 200
    aged(client, settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)
    assert asked_for(client.get(path)) == path
    assert asked_for(client.get(path, headers={"X-Requested-With": "fetch"})) == path


@pytest.mark.parametrize(("path", "form"), (OPENS | SENDS).items(), ids=[*OPENS, *SENDS])
def test_a_form_that_is_sent_too_late_does_nothing_and_nothing_of_it_is_kept(
    stale: Client, path: str, form: dict[str, str]
) -> None:
    before = stored()
    answer = stale.post(path, form | {"canary": "k4nary"})
    assert asked_for(answer) == path
    assert stored() == before
    assert "Nothing was changed" in text(stale.get(answer["Location"]))
    kept = {name: value for session in Session.objects.all() for name, value in session.get_decoded().items()}
    assert "k4nary" not in str(kept)


@pytest.mark.parametrize(("path", "form"), (OPENS | SENDS).items(), ids=[*OPENS, *SENDS])
def test_a_form_that_is_sent_in_time_is_not_asked_about(client: Client, path: str, form: dict[str, str]) -> None:
    assert not asked_for(client.post(path, form))


@pytest.mark.parametrize("path", SENDS)
def test_a_page_that_only_shows_does_not_ask(stale: Client, path: str) -> None:
    assert stale.get(path).status_code == 200


def test_every_view_that_asks_is_known_here() -> None:
    values = {"str": "sandbox", "slug": "sandbox", "uuid": str(KEY_ID)}
    paths = [re.sub(r"<(\w+):\w+>", lambda name: values.get(name[1], "1"), address) for address in addresses()]
    asking = {path for path in paths if hasattr(resolve(path).func, "reauthentication_purpose")}
    assert asking == {*OPENS, *SENDS, *ACTS, *SHOWS}


def test_the_form_of_a_new_key_opens_once_the_password_was_given(stale: Client) -> None:
    page = stale.get(PORTAL)
    assert 'name="environment"' not in page.content.decode()
    asking = stale.get(links(page)["Add a key"])["Location"]
    assert "Confirm that it is you to add a key." in text(stale.get(asking))
    opened = stale.post(asking, {"password": PASSWORD, "next": f"{PORTAL}add/"}, follow=True)
    assert re.search(r'<details class="my-account-add"\s+open>', opened.content.decode())


def test_after_the_password_the_log_is_shown_again_and_can_be_exported(stale: Client) -> None:
    page = f"{ACTION_LOG}?q=alice"
    asking = stale.get(f"{EXPORT}?q=alice", headers={"Referer": f"http://testserver{page}"})["Location"]
    assert "Confirm that it is you, then export the action log." in text(stale.get(asking))
    assert stale.post(asking, {"password": PASSWORD, "next": f"{EXPORT}?q=alice"})["Location"] == page
    assert stale.get(f"{EXPORT}?q=alice")["Content-Type"].startswith("text/csv")


def test_a_form_that_opened_in_time_can_be_sent_a_little_later(client: Client, settings: Settings) -> None:
    aged(client, settings.ACCOUNT_REAUTHENTICATION_TIMEOUT + GRACE_S - 5)
    client.post(REMOVE, {"confirmation": "Sandbox"})
    assert not KeyPair.objects.current().filter(environment=SANDBOX).exists()


def test_the_password_leads_to_what_was_asked_for_and_counts_from_then_on(stale: Client) -> None:
    page = stale.get(REMOVE, headers={"Referer": f"http://testserver{CONFIGURATION}"})
    asking = stale.get(page["Location"])
    assert "Confirm that it is you to remove keys." in text(asking)
    assert "You are signed in as alice." in text(asking)
    assert links(asking)["Cancel"] == CONFIGURATION
    answer = stale.post(page["Location"], {"password": PASSWORD, "next": REMOVE})
    assert answer["Location"] == REMOVE
    assert stale.get(REMOVE).status_code == 200


def test_a_wrong_password_leads_nowhere_and_is_logged(stale: Client) -> None:
    answer = stale.post(f"{REAUTHENTICATE}?next={REMOVE}", {"password": "k4nary-wrong", "next": REMOVE})
    assert "The password is not right" in text(answer)
    assert b"k4nary" not in answer.content
    assert asked_for(stale.get(REMOVE)) == REMOVE
    assert logged() == [("alice", "wrong_password", "refused")]
    assert not LoggedAction.objects.filter(action="sign_in_failed").exists()


def test_wrong_passwords_are_limited_with_those_of_the_sign_in(stale: Client) -> None:
    for _try in range(5):
        stale.post(REAUTHENTICATE, {"password": "wrong"})
    assert "too many tries" in text(stale.post(REAUTHENTICATE, {"password": PASSWORD}))
    assert logged() == [("alice", "wrong_password", "refused"), ("alice", "too_many_tries", "refused")]
    Client().post(LOGIN, {"login": "alice", "password": PASSWORD})
    assert LoggedAction.objects.filter(action="sign_in_failed", cause="too_many_tries").count() == 1


@pytest.mark.parametrize("way", ["code", "passkey"])
def test_wrong_codes_and_passkeys_share_that_limit(stale: Client, known: User, way: str) -> None:
    give_app(known)
    give_passkey(known)
    for _try in range(5):
        stale.post(f"{REAUTHENTICATE}{way}/", {"code": "wrong", "credential": '{"id": "a"}'})
    assert "too many tries" in text(stale.post(REAUTHENTICATE, {"password": PASSWORD}))
    assert logged() == [("alice", "second_factor", "refused"), ("alice", "too_many_tries", "refused")]


@pytest.mark.parametrize("address", ["https://elsewhere.test/", "//elsewhere.test/", "javascript:alert(1)"])
def test_it_leads_nowhere_else(stale: Client, address: str) -> None:
    asking = stale.get(REAUTHENTICATE, {"next": address, "back": address})
    assert links(asking)["Cancel"] == DASHBOARD
    assert stale.post(REAUTHENTICATE, {"password": PASSWORD, "next": address})["Location"] == DASHBOARD


def test_signing_in_counts(known: User) -> None:
    client = Client()
    client.post(LOGIN, {"login": "alice", "password": PASSWORD})
    assert client.get(REMOVE).status_code == 200


def test_without_the_permission_nobody_is_asked(charlie: User, settings: Settings) -> None:
    client = aged(signed_in(charlie), settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)
    assert client.get(REMOVE).status_code == 403


def with_passkey(person: User) -> Device:
    device = Device("testserver", "https://testserver")
    give_passkey(person, device)
    return device


def test_a_passkey_does_in_place_of_the_password(stale: Client, known: User) -> None:
    device = with_passkey(known)
    asking = stale.get(REMOVE)["Location"]
    way = links(stale.get(asking))["Use a passkey instead"]
    page = stale.get(way)
    assert "Confirm that it is you to remove keys." in text(page)
    options = json.loads(page.context["options"])["publicKey"]
    answer = stale.post(way, {"credential": device.sign(options["challenge"], known), "next": REMOVE})
    assert answer["Location"] == REMOVE
    assert stale.get(REMOVE).status_code == 200


def test_a_wrong_passkey_leads_nowhere_and_is_logged(stale: Client, known: User) -> None:
    device = with_passkey(known)
    way = f"{REAUTHENTICATE}passkey/?next={REMOVE}"
    stale.get(way)
    for sent in (device.sign("AAAA", known), "", "x", "[]", '{"id": "a"}', '{"id": 1, "response": 5}', "[" * 5_000):
        page = stale.post(way, {"credential": sent, "next": REMOVE})
        assert "The passkey is not right" in text(page)
        assert "Confirm that it is you to remove keys." in text(page)
    assert asked_for(stale.get(REMOVE)) == REMOVE
    assert logged()[0] == ("alice", "second_factor", "refused")


def test_a_code_does_in_place_of_the_password(stale: Client, known: User) -> None:
    recovery_code = give_codes(known)[0]
    way = links(stale.get(stale.get(REMOVE)["Location"]))["Use a code instead"]
    assert "The code is not right" in text(stale.post(way, {"code": "wrong", "next": REMOVE}))
    assert logged() == [("alice", "second_factor", "refused")]
    answer = stale.post(way, {"code": recovery_code, "next": REMOVE})
    assert answer["Location"] == REMOVE
    assert stale.get(REMOVE).status_code == 200


@pytest.mark.parametrize("way", ["code", "passkey"])
def test_without_another_factor_it_asks_for_the_password(stale: Client, way: str) -> None:
    assert asked_for(stale.get(f"{REAUTHENTICATE}{way}/?next={REMOVE}")) == REMOVE


def test_it_comes_back_to_a_dialog_that_was_opened_from_elsewhere(stale: Client) -> None:
    path = f"{CONFIGURATION}restore/sandbox/?from=dashboard"
    asking = stale.get(path, headers={"Referer": f"http://testserver{DASHBOARD}"})["Location"]
    assert links(stale.get(asking))["Cancel"] == DASHBOARD
    assert stale.post(asking, {"password": PASSWORD, "next": path})["Location"] == path


def test_it_is_open_while_a_step_is_left_after_the_sign_in(stale: Client) -> None:
    session = stale.session
    session[OPEN_STEPS] = ["password"]
    session.save()
    assert stale.get(REAUTHENTICATE).status_code == 200


@pytest.mark.parametrize(
    ("address", "purpose"),
    [
        (f"{CONFIGURATION}erase/sandbox/", "to erase keys."),
        (f"{CONFIGURATION}restore/sandbox/?from=dashboard", "to restore what was in use before."),
        (f"{REAUTHENTICATE}code/", "to change how you sign in."),
        (DASHBOARD, "to go on."),
        ("/nowhere/", "to go on."),
    ],
)
def test_it_says_what_for(client: Client, address: str, purpose: str) -> None:
    assert f"Confirm that it is you {purpose}" in text(client.get(REAUTHENTICATE, {"next": address}))


@override_script_prefix("/commerce/")
def test_it_works_below_a_path(stale: Client, settings: Settings) -> None:
    settings.FORCE_SCRIPT_NAME = "/commerce"
    asking = stale.get(REMOVE)["Location"]
    assert asking.startswith(f"/commerce{REAUTHENTICATE}?next=%2Fcommerce%2Fadmin%2F")
    assert "Confirm that it is you to remove keys." in text(stale.get(asking.removeprefix("/commerce")))
    answer = stale.post(REAUTHENTICATE, {"password": PASSWORD, "next": f"/commerce{REMOVE}"})
    assert answer["Location"] == f"/commerce{REMOVE}"


@pytest.mark.parametrize(
    "page",
    ["app/add/", "app/remove/", "passkeys/add/", "passkeys/{pk}/rename/", "passkeys/{pk}/remove/", "recovery-codes/"],
)
def test_it_asks_before_a_second_factor_is_changed(client: Client, known: User, page: str) -> None:
    if page != "app/add/":
        give_app(known)
    path = f"{TWO_FACTOR}{page.format(pk=give_passkey(known).pk)}"
    assert client.get(path).status_code == 200
    aged(client, 10_000)
    asking = client.get(path)
    assert asked_for(asking) == path
    assert "Confirm that it is you to change how you sign in." in text(client.get(asking["Location"]))
    before = stored()
    assert asked_for(client.post(path, {"code": "k4nary", "name": "k4nary"})) == path
    assert stored() == before
    assert "k4nary" not in str(dict(client.session.items()))
