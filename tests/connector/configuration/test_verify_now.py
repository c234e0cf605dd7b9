"""Verifying stored pairs, by a person or by a page when it is time."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from connector import connection
from connector.configuration import verify_now
from connector.environment import Environment
from connector.gateway.client import Credentials
from connector.keys import keyring
from connector.models import KeyPair, Turn
from connector.verification.causes import Cause
from tests.factories import age, failed_check, lock, set_instance, store
from tests.gateways import GATEWAY_URLS, LIVE_ID, OTHER_MAGE_ID, PRODUCTION, REGISTRY, SANDBOX, Outside, row

pytestmark = pytest.mark.django_db


def ago(minutes: float) -> datetime:
    return timezone.now() - timedelta(minutes=minutes)


def refresh(*environments: Environment) -> connection.Connection | None:
    return verify_now.refresh(connection.load(), environments or Environment)


def test_keys_that_do_not_open_are_not_sent(outside: Outside, connected: None, settings: Settings) -> None:
    settings.ENCRYPTION_KEYS = [keyring.generate_key()]
    assert verify_now.verify(connection.load(), Environment) == {}
    assert refresh() is None
    assert outside.calls == []


def test_both_pairs_are_compared(outside: Outside, connected: None, other_pair: Credentials) -> None:
    store(PRODUCTION, other_pair)
    outside.accept(SANDBOX)
    outside.accept(PRODUCTION, rows=(row(mageId=OTHER_MAGE_ID),), features=())
    findings = verify_now.verify(connection.load(), Environment)
    assert [findings[environment].cause for environment in (SANDBOX, PRODUCTION)] == [None, Cause.ACCOUNT_MISMATCH]


@pytest.mark.parametrize(
    "answer",
    [
        {"body": "<!doctype html><title>Sorry</title>"},
        {"status": 500},
        {"status": 302, "headers": {"Location": "https://elsewhere.test/"}},
        {"body": b"x" * (5 * 1024 * 1024 + 1)},
        {"json": {"results": None}},
        {"json": []},
    ],
    ids=["html", "500", "redirect", "huge", "no list", "no object"],
)
def test_a_malformed_registry_is_a_gateway_error(outside: Outside, connected: None, answer: dict[str, Any]) -> None:
    outside.accept(SANDBOX)
    outside.answer(SANDBOX, REGISTRY, **answer)
    verify_now.verify(connection.load(), [SANDBOX])
    slot = connection.load().active
    assert slot.is_verified
    assert failed_check() is Cause.GATEWAY_ERROR


def test_what_is_fresh_is_left_alone(outside: Outside, connected: None) -> None:
    age(SANDBOX, ago(4.9))
    assert refresh() is None
    assert outside.calls == []


def test_what_is_older_than_five_minutes_is_asked_again(outside: Outside, connected: None) -> None:
    age(SANDBOX, ago(5.1))
    outside.accept(SANDBOX)
    assert refresh() is not None
    assert len([call for call in outside.calls if call.endswith("/ping")]) == 1


def test_nobody_verifies_what_is_being_verified(outside: Outside, connected: None) -> None:
    outside.accept(SANDBOX)
    until = Turn.objects.begin(SANDBOX, timezone.now())
    assert until
    assert verify_now.verify(connection.load(), [SANDBOX]) == {}
    assert outside.calls == []
    Turn.objects.end(SANDBOX, until)
    assert verify_now.verify(connection.load(), [SANDBOX])[SANDBOX].is_verified


def test_what_was_verified_can_be_verified_again_at_once(outside: Outside, connected: None) -> None:
    outside.answer_all(SANDBOX, body=RuntimeError("a failure of ours"))
    with pytest.raises(RuntimeError):
        verify_now.verify(connection.load(), [SANDBOX])
    outside.accept(SANDBOX)
    assert verify_now.verify(connection.load(), [SANDBOX])[SANDBOX].is_verified
    assert verify_now.verify(connection.load(), [SANDBOX])[SANDBOX].is_verified


def test_of_two_requests_at_once_one_asks(outside: Outside, connected: None) -> None:
    age(SANDBOX, ago(6))
    assert Turn.objects.begin("refresh-sandbox", timezone.now(), timedelta(seconds=60))
    assert refresh() is None
    assert outside.calls == []


def test_a_pair_of_the_environment_is_refreshed_too(accepted: None, pair: Credentials, settings: Settings) -> None:
    lock(settings, sandbox_api_key=pair.api_key, sandbox_private_key=pair.private_key.pem)
    refreshed = refresh()
    assert refreshed
    assert refreshed.slots[SANDBOX].is_verified
    assert not KeyPair.objects.get(environment=SANDBOX).is_stored


def test_only_the_environments_that_were_named_are_asked(
    outside: Outside, pair_stored: None, other_pair: Credentials
) -> None:
    store(PRODUCTION, other_pair)
    outside.accept(SANDBOX)
    outside.accept(PRODUCTION)
    refresh(SANDBOX)
    assert outside.calls
    assert all(call.startswith(f"GET {GATEWAY_URLS[SANDBOX]}") for call in outside.calls)


def test_what_was_found_of_a_former_data_space_is_not_kept(accepted: None, connected: None) -> None:
    seen = connection.load()
    set_instance(data_space_id=LIVE_ID)
    verify_now.verify(seen, [SANDBOX])
    assert connection.load().active.verification.checked_at == seen.active.verification.checked_at
