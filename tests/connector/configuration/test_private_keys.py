"""The fields of the private keys: how a stored one is shown and replaced, and when one has to be pasted again."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from backend.audit import actor
from backend.audit.actor import acting_from_shell
from backend.frame.templates import date
from connector.gateway.client import Credentials
from connector.verification.causes import Cause
from tests.addresses import CONFIGURATION
from tests.factories import connect, learn, lock, store
from tests.gateways import SANDBOX
from tests.markup import field_error, text


def test_a_stored_private_key_is_shown_by_fingerprint_person_and_date(
    as_alice: Client, bob: User, pair: Credentials
) -> None:
    connect(pair, user=bob)
    response = as_alice.get(CONFIGURATION)
    said = text(response)
    assert f"Stored · {pair.private_key.fingerprint} · set by bob on {date(timezone.now())[:11]}" in said
    assert "PRIVATE KEY-----" not in response.content.decode()


def may_replace(page: HttpResponse | Any) -> str:
    """Return whether the field of another Sandbox private key is open or closed; empty where there is none."""
    match = re.search(r'<details class="replace"[^>]*>', page.content.decode())
    return ("open" if re.search(r"\bopen\b", match[0]) else "closed") if match else ""


def test_a_stored_private_key_is_replaced_on_demand(as_alice: Client, connected: None, settings: Settings) -> None:
    page = as_alice.get(CONFIGURATION)
    assert may_replace(page) == "closed"
    assert page.content.decode().count("data-replace") == 1
    assert may_replace(as_alice.post(CONFIGURATION, {"project_id": "?"})) == "closed"
    assert may_replace(as_alice.post(CONFIGURATION, {"sandbox_private_key": "not a key"})) == "open"
    assert may_replace(as_alice.post(CONFIGURATION, {"project_id": "?", "sandbox_private_key": "x"})) == "open"
    lock(settings, sandbox_api_key="a" * 32)
    assert may_replace(as_alice.get(CONFIGURATION)) == ""


def test_a_stored_private_key_of_another_api_key_is_open_to_be_replaced(as_alice: Client, connected: None) -> None:
    learn(SANDBOX, Cause.PAIR_MISMATCH)
    assert may_replace(as_alice.get(CONFIGURATION)) == "open"


@pytest.mark.parametrize("is_sent", [True, False])
def test_it_asks_to_paste_a_private_key_again_only_where_one_was_sent(
    as_alice: Client, pair: Credentials, *, is_sent: bool
) -> None:
    private_key = pair.private_key.pem if is_sent else ""
    said = text(as_alice.post(CONFIGURATION, {"sandbox_api_key": "short", "sandbox_private_key": private_key}))
    assert "Nothing was saved. The reason is at: Sandbox API key" in said
    assert ("A private key is never sent back: paste it again." in said) is is_sent


def test_a_text_that_is_no_private_key_gets_only_its_mistake(as_alice: Client) -> None:
    response = as_alice.post(CONFIGURATION, {"sandbox_private_key": "not a key"})
    assert field_error(response, "sandbox_private_key")
    assert "paste it again" not in text(response)
    assert "not a key" not in text(response)


def test_a_private_key_in_the_field_of_the_api_key_is_to_be_pasted_again_too(
    as_alice: Client, pair: Credentials
) -> None:
    said = text(as_alice.post(CONFIGURATION, {"sandbox_api_key": pair.private_key.pem}))
    assert "A private key is never sent back: paste it again." in said


def test_a_key_that_was_set_with_a_command_names_who_ran_it(as_alice: Client, pair: Credentials) -> None:
    with acting_from_shell():
        name = actor.current().name
        store(SANDBOX, pair)
    assert f"set by {name} on" in text(as_alice.get(CONFIGURATION))
