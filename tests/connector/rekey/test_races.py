"""Re-encryption while somebody else saves, erases, re-encrypts or reads: no change of theirs is lost."""

import threading
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from django.db import connection as database
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from backend.audit.models import LoggedAction
from connector import connection
from connector.gateway.client import Credentials
from connector.models import Instance, KeyPair
from connector.rekey import reencryption
from tests.connector.conftest import before_sealing
from tests.connector.rekey.test_reencryption import counts, opened, plant
from tests.factories import rotate, store, store_both
from tests.gateways import PRODUCTION, SANDBOX

pytestmark = pytest.mark.django_db
PATIENCE_S = 20
# Long enough for another thread to come as far as it can.
A_WHILE_S = 0.3


def test_a_value_that_is_written_meanwhile_stays(
    pair: Credentials, other_pair: Credentials, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = store(SANDBOX, pair)
    store(PRODUCTION, pair)
    theirs = {"api_key": row.seal("api_key", other_pair.api_key)}
    new, old = rotate(settings)
    before_sealing(monkeypatch, lambda: plant(**theirs), number=2)
    assert reencryption.rekey() == 2
    assert counts() == {new: 2, old: 2}
    assert KeyPair.objects.get(pk=row.pk).api_key == theirs["api_key"]
    assert reencryption.rekey() == 2
    assert KeyPair.objects.get(pk=row.pk).open("api_key") == other_pair.api_key


def test_a_pair_that_is_erased_meanwhile_stays_erased(
    pair_stored: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    rotate(settings)
    before_sealing(monkeypatch, lambda: KeyPair.objects.all().delete())
    assert reencryption.rekey() == 0
    assert not KeyPair.objects.exists()


class Elsewhere(threading.Thread):
    """Does something in a thread and database connection of its own."""

    def __init__(self, act: Callable[[], object]) -> None:
        super().__init__(daemon=True)
        self.act = act
        self.error: Exception | None = None
        self.start()

    def run(self) -> None:
        with closing(database):
            try:
                self.act()
            except Exception as error:  # noqa: BLE001  (`done` reports it)
                self.error = error

    def done(self) -> None:
        self.join(PATIENCE_S)
        assert not self.is_alive()
        assert self.error is None


def save(credentials: Credentials, before_commit: Callable[[], object] = lambda: None) -> None:
    """Store a pair as the configuration form does."""
    with transaction.atomic(durable=True):
        assert Instance.objects.advance(1)
        KeyPair.objects.store(SANDBOX, credentials, None, timezone.now())
        before_commit()


@pytest.mark.django_db(transaction=True)
def test_a_save_that_comes_in_the_middle_wins(
    pair: Credentials, other_pair: Credentials, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    Instance.objects.current()
    store(SANDBOX, pair)
    new, old = rotate(settings)
    saves: list[Elsewhere] = []

    def save_now() -> None:
        saves.append(Elsewhere(lambda: save(other_pair)))
        saves[0].join(A_WHILE_S)
        assert saves[0].is_alive()  # It waits, and is not refused.

    before_sealing(monkeypatch, save_now)
    assert reencryption.rekey() == 2
    saves[0].done()
    assert connection.load().slots[SANDBOX].credentials == other_pair
    assert counts() == {new: 4, old: 0}


@pytest.mark.django_db(transaction=True)
def test_a_save_that_is_under_way_is_waited_for(pair: Credentials, other_pair: Credentials, settings: Settings) -> None:
    Instance.objects.current()
    store(SANDBOX, pair)
    is_stored, may_end = threading.Event(), threading.Event()

    def wait() -> None:
        is_stored.set()
        may_end.wait(PATIENCE_S)

    saving = Elsewhere(lambda: save(other_pair, wait))
    assert is_stored.wait(PATIENCE_S)
    new, old = rotate(settings)
    rekeying = Elsewhere(reencryption.rekey)
    rekeying.join(A_WHILE_S)
    assert rekeying.is_alive()
    may_end.set()
    saving.done()
    rekeying.done()
    assert counts() == {new: 4, old: 0}
    assert connection.load().slots[SANDBOX].credentials == other_pair


@pytest.mark.django_db(transaction=True)
def test_a_write_without_the_lock_wins_too(
    pair: Credentials, other_pair: Credentials, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = store(SANDBOX, pair)
    theirs = {
        "api_key": row.seal("api_key", other_pair.api_key),
        "private_key": row.seal("private_key", other_pair.private_key.pem),
    }
    rotate(settings)
    writers: list[Elsewhere] = []

    def write() -> None:
        writers.append(Elsewhere(lambda: plant(**theirs)))
        writers[0].join(A_WHILE_S)  # SQLite makes it wait, PostgreSQL does not.

    before_sealing(monkeypatch, write)
    reencryption.rekey()
    writers[0].done()
    assert {column: getattr(KeyPair.objects.get(), column) for column in reencryption.COLUMNS} == theirs


@pytest.mark.django_db(transaction=True)
def test_two_at_once_are_safe(pair: Credentials, other_pair: Credentials, settings: Settings) -> None:
    Instance.objects.current()
    store_both(pair, other_pair)
    expected = opened()
    rotate(settings)
    done: list[Any] = []
    both = [Elsewhere(lambda: done.append(reencryption.rekey())) for _number in range(2)]
    for thread in both:
        thread.done()
    assert sorted(done) == [0, 6]
    assert opened() == expected
    assert LoggedAction.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_pages_are_read_meanwhile(pair: Credentials, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    Instance.objects.current()
    store(SANDBOX, pair)
    rotate(settings)
    seen: list[Any] = []

    def read() -> None:
        reader = Elsewhere(lambda: seen.append(connection.load().slots[SANDBOX].credentials))
        reader.done()

    before_sealing(monkeypatch, read)
    reencryption.rekey()
    assert seen == [pair]
