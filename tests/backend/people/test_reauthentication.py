"""Asking again who somebody is, before what could do harm."""

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from backend.audit.models import LoggedAction
from backend.frame.reauthentication import CONFIRMED_AT, GRACE_S
from connector.gateway.client import Credentials
from connector.models import KeyPair
from tests.addresses import CONFIGURATION, DASHBOARD, LOGIN, REAUTHENTICATE
from tests.conftest import signed_in
from tests.factories import PASSWORD, choose_identifier, connect, store, stored
from tests.gateways import PRODUCTION, SANDBOX
from tests.markup import links, text

pytestmark = pytest.mark.django_db

REMOVE = f"{CONFIGURATION}remove-keys/sandbox/"
# Each address that asks, and what it needs to do its work.
ASKS = {
    REMOVE: {"confirmation": "Sandbox"},
    f"{CONFIGURATION}restore/sandbox/": {},
    f"{CONFIGURATION}erase/sandbox/": {"confirmation": "Sandbox"},
}


@pytest.fixture(autouse=True)
def _connected(db: None, pair: Credentials, other_pair: Credentials) -> None:
    """Connect with both pairs; the sandbox has a former one."""
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


@pytest.mark.parametrize("path", ASKS)
def test_it_asks_before_the_page_opens_once_time_has_passed(client: Client, settings: Settings, path: str) -> None:
    assert client.get(path).status_code == 200
    aged(client, settings.ACCOUNT_REAUTHENTICATION_TIMEOUT - 5)
    assert client.get(path).status_code == 200
    aged(client, settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)
    assert asked_for(client.get(path)) == path
    assert asked_for(client.get(path, headers={"X-Requested-With": "fetch"})) == path


@pytest.mark.parametrize("path", ASKS)
def test_a_form_that_is_sent_too_late_does_nothing_and_nothing_of_it_is_kept(stale: Client, path: str) -> None:
    before = stored()
    answer = stale.post(path, ASKS[path] | {"canary": "k4nary"})
    assert asked_for(answer) == path
    assert stored() == before
    assert "Nothing was changed" in text(stale.get(answer["Location"]))
    kept = {name: value for session in Session.objects.all() for name, value in session.get_decoded().items()}
    assert "k4nary" not in str(kept)


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
