"""What the metrics say of the database, whatever process wrote it there."""

from datetime import timedelta
from typing import NoReturn

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import OperationalError
from django.db import connection as database
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from connector.gateway.client import Credentials
from connector.keys import keyring
from connector.models import KeyPair
from connector.verification.causes import Cause
from tests.dashboard.metrics.conftest import Read
from tests.factories import age, know_source, learn, store, store_both
from tests.gateways import CLIENT_ID_INVALID, PRODUCTION, SANDBOX, Outside
from tests.payments.orders.reports import Reports

pytestmark = pytest.mark.django_db
NOW = pytest.approx(0, abs=60)


def ago(**time: float) -> object:
    """Return about how many seconds that is: a busy machine is slow."""
    return pytest.approx(timedelta(**time).total_seconds(), abs=60)


def test_they_name_the_version_that_runs(read: Read, settings: Settings) -> None:
    assert read("info") == {(settings.VERSION,): 1}


def test_before_any_key_there_is_no_pair_to_watch(read: Read) -> None:
    assert read("database_up") == {(): 1}
    assert read("active") == {("sandbox",): 1, ("production",): 0}
    assert read("connected") == {(): 0}
    assert read("pair_verified") == read("pair_cause") == read("orders_age_seconds") == {}
    assert read("due_seconds") == {("verify",): 0, ("payments sync",): 0, ("maintain",): 0}


def test_a_pair_is_verified_or_has_a_cause(read: Read, pair: Credentials, connected: None) -> None:
    store(PRODUCTION, pair)
    learn(PRODUCTION, Cause.KEY_REVOKED)
    assert read("pair_verified") == {("sandbox",): 1, ("production",): 0}
    assert read("pair_cause") == {("key_revoked", "production"): 1}
    assert read("check_failed") == {}
    assert read("connected") == {(): 1}
    assert read("pair_checked_age_seconds") == {("sandbox",): NOW, ("production",): NOW}


def test_a_check_without_a_result_leaves_a_verified_pair_verified(read: Read, connected: None) -> None:
    learn(SANDBOX, Cause.TIMEOUT)
    assert read("pair_verified") == {("sandbox",): 1}
    assert read("check_failed") == {("timeout", "sandbox"): 1}


def test_what_the_command_verify_finds_is_there(read: Read, outside: Outside, connected: None) -> None:
    outside.refuse(SANDBOX, CLIENT_ID_INVALID | {"detail": "key_revoked"})
    with pytest.raises(SystemExit):
        call_command("connector", "verify")
    assert read("pair_cause") == {("key_revoked", "sandbox"): 1}


def test_what_the_command_sync_does_is_there(read: Read, outside: Outside, connected: None) -> None:
    know_source(read_at=timezone.now() - timedelta(hours=3), unread=2)
    assert read("orders_age_seconds") == {("sandbox",): ago(hours=3)}
    assert read("orders_unread") == {("sandbox",): 2}
    Reports(outside).send("1")
    with pytest.raises(SystemExit):
        call_command("payments", "sync")
    assert read("orders_age_seconds") == {("sandbox",): NOW}
    assert read("orders_unread") == {("sandbox",): 0}


def test_a_failed_read_of_orders_has_its_cause(read: Read, connected: None) -> None:
    know_source(failed_code=Cause.RATE_LIMITED)
    assert read("orders_failed") == {("rate_limited", "sandbox"): 1}


def test_a_value_that_does_not_open_is_counted(
    read: Read, settings: Settings, pair: Credentials, other_pair: Credentials
) -> None:
    store_both(pair, other_pair)
    assert read("stored_values") == {("true",): 6, ("false",): 0}
    settings.ENCRYPTION_KEYS = [keyring.generate_key()]
    assert read("stored_values") == {("true",): 0, ("false",): 6}
    assert read("pair_cause") == {("undecryptable", "sandbox"): 1, ("undecryptable", "production"): 1}


def test_they_say_for_how_long_each_command_was_needed(
    read: Read, connected: None, pair: Credentials, other_pair: Credentials
) -> None:
    now = timezone.now()
    age(SANDBOX, now - timedelta(minutes=65))
    know_source(checked_at=now - timedelta(minutes=35))
    assert read("due_seconds") == {("verify",): ago(minutes=60), ("payments sync",): ago(minutes=30), ("maintain",): 0}
    Session.objects.create(session_key="s" * 32, expire_date=now - timedelta(hours=5))
    assert read("due_seconds")["maintain",] == ago(hours=5)
    store(SANDBOX, other_pair)
    KeyPair.objects.former().update(replaced_at=now - timedelta(days=32))
    assert read("due_seconds")["maintain",] == ago(days=2)
    call_command("maintain")
    assert read("due_seconds")["maintain",] == 0


def test_a_clock_that_was_set_back_makes_no_age_negative(read: Read, connected: None) -> None:
    age(SANDBOX, timezone.now() + timedelta(hours=1))
    assert read("pair_checked_age_seconds") == {("sandbox",): 0}
    assert read("due_seconds")["verify",] == 0


def test_without_its_database_the_server_says_so(client: Client, read: Read, connected: None) -> None:
    def down(*_args: object) -> NoReturn:
        raise OperationalError

    with database.execute_wrapper(down):
        assert client.get("/metrics").status_code == 200
        assert read("database_up") == {(): 0}
        assert read("pair_verified") == {}
    assert read("database_up") == {(): 1}
