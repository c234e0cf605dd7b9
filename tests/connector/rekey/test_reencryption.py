"""Which key holds which value, and the re-encryption of all of them with the newest key."""

from typing import NoReturn

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries, Settings

from backend.audit import action_log
from backend.audit.models import LoggedAction
from connector import connection
from connector.action_log import Action
from connector.errors import ValuesUnopenedError
from connector.gateway.client import Credentials
from connector.keys import keyring
from connector.models import Instance, KeyPair, Verification
from connector.rekey import reencryption
from tests.connector.conftest import before_sealing
from tests.factories import dump, found, key_id, rotate, store, store_both
from tests.gateways import PRODUCTION, SANDBOX

pytestmark = pytest.mark.django_db


def counts() -> dict[str, int]:
    return {key.key_id: key.count for key in reencryption.read().keys}


def opened() -> list[tuple[str, str, bool]]:
    """Return both halves of every stored pair, and whether it is in use."""
    pairs = [pair for pair in KeyPair.objects.order_by("environment", "replaced_at") if pair.is_stored]
    return [(pair.open("api_key"), pair.open("private_key"), pair.replaced_at is None) for pair in pairs]


def plant(**texts: str) -> None:
    """Put texts into the columns of the sandbox pair in use."""
    KeyPair.objects.current().filter(environment=SANDBOX).update(**texts)


def foreign(settings: Settings, pair: Credentials) -> str:
    """Store the sandbox pair with a key that is not in the ring; return that key."""
    ours, key = settings.ENCRYPTION_KEYS, keyring.generate_key()
    settings.ENCRYPTION_KEYS = [key]
    store(SANDBOX, pair)
    settings.ENCRYPTION_KEYS = ours
    return key


def fail() -> NoReturn:
    message = "the process is ended"
    raise RuntimeError(message)


def test_it_counts_what_each_key_holds(pair: Credentials, other_pair: Credentials, settings: Settings) -> None:
    store_both(pair, other_pair)
    new, old = rotate(settings)
    assert counts() == {new: 0, old: 6}
    store(PRODUCTION, other_pair)
    # The former pair was encrypted once more, with its date, so it needs both keys.
    assert counts() == {new: 4, old: 6}


def test_it_counts_what_a_key_outside_the_ring_holds(pair: Credentials, settings: Settings) -> None:
    stranger = key_id(foreign(settings, pair))
    store(PRODUCTION, pair)
    ours, unknown = reencryption.read().keys
    assert (ours.count, ours.position) == (2, 1)
    assert (unknown.key_id, unknown.count, unknown.position) == (stranger, 2, None)


def test_a_row_that_only_carries_a_verification_holds_nothing() -> None:
    with transaction.atomic():
        Verification.objects.record(SANDBOX, found(), "", "")
    assert KeyPair.objects.count() == 1
    assert reencryption.values() == []
    assert reencryption.rekey() == 0


def test_a_report_is_two_queries_and_changes_nothing(
    pair_stored: None, settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    rotate(settings)
    before = dump(with_log=True)
    with django_assert_num_queries(2):
        reencryption.read()
    assert dump(with_log=True) == before


def test_everything_opens_with_the_newest_key_alone(
    pair: Credentials, other_pair: Credentials, settings: Settings
) -> None:
    store_both(pair, other_pair)
    before = opened()
    rotate(settings)
    assert reencryption.rekey() == 6
    settings.ENCRYPTION_KEYS = settings.ENCRYPTION_KEYS[:1]
    assert opened() == before
    assert len(before) == 3


def test_verifications_and_revision_stay(pair: Credentials, settings: Settings) -> None:
    Instance.objects.current()
    row = store(SANDBOX, pair)
    with transaction.atomic():
        Verification.objects.record(SANDBOX, found(), row.digest, row.digest)
    stored = connection.load()
    rotate(settings)
    reencryption.rekey()
    after = connection.load()
    assert after.instance.revision == stored.instance.revision
    assert after.slots[SANDBOX].is_verified
    assert after.slots[SANDBOX].credentials == pair


def test_doing_it_twice_changes_nothing_more(pair_stored: None, settings: Settings) -> None:
    rotate(settings)
    reencryption.rekey()
    before = dump(with_log=True)
    assert reencryption.rekey() == 0
    assert dump(with_log=True) == before


def test_it_asks_the_database_little(
    pair: Credentials, other_pair: Credentials, settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    store_both(pair, other_pair)
    rotate(settings)
    with django_assert_num_queries(11):  # A savepoint and its end, three to read, three rows, two to count, the log.
        reencryption.rekey()


@pytest.mark.parametrize("column", reencryption.COLUMNS)
@pytest.mark.parametrize("text", ["damaged", "cs1:0123456789abcdef:AAAA", "moved"])
def test_a_value_that_does_not_open_is_named_and_nothing_is_changed(
    pair: Credentials, other_pair: Credentials, settings: Settings, column: str, text: str
) -> None:
    store_both(pair, other_pair)
    plant(**{column: KeyPair.objects.current().get(environment=PRODUCTION).api_key if text == "moved" else text})
    rotate(settings)
    before = dump()
    with pytest.raises(ValuesUnopenedError):
        reencryption.rekey()
    assert dump() == before
    (value,) = reencryption.read().unopened
    assert (value.owner, value.place, value.use.code) == (SANDBOX, f"connector_keypair.{column}", "pair in use")


def test_a_former_pair_that_does_not_open_is_named(
    pair: Credentials, other_pair: Credentials, settings: Settings
) -> None:
    foreign(settings, pair)
    store(SANDBOX, other_pair)
    assert [(value.place, value.use.code) for value in reencryption.read().unopened] == [
        ("connector_keypair.api_key", "former pair"),
        ("connector_keypair.private_key", "former pair"),
    ]


def test_a_value_without_a_key_id_may_need_every_key(pair_stored: None, settings: Settings) -> None:
    rotate(settings)
    reencryption.rekey()
    assert reencryption.read().keys[1].needing == []
    plant(api_key="damaged")
    assert [value.place for value in reencryption.read().keys[1].needing] == ["connector_keypair.api_key"]
    assert not any(key.may_go for key in reencryption.read().keys)


@pytest.mark.parametrize("number", [2, 3, 5])
def test_a_failure_in_the_middle_leaves_all_as_it_was(
    pair: Credentials, other_pair: Credentials, settings: Settings, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    store_both(pair, other_pair)
    rotate(settings)
    before = dump(with_log=True)
    before_sealing(monkeypatch, fail, number)
    with pytest.raises(RuntimeError):
        reencryption.rekey()
    assert dump(with_log=True) == before


def test_a_failure_at_the_end_leaves_all_as_it_was(
    pair_stored: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    rotate(settings)
    before = dump(with_log=True)
    monkeypatch.setattr(action_log, "record", lambda *_args, **_kwargs: fail())
    with pytest.raises(RuntimeError):
        reencryption.rekey()
    assert dump(with_log=True) == before


def test_a_backup_from_before_opens_with_the_old_key_in_the_ring(
    pair: Credentials, other_pair: Credentials, settings: Settings
) -> None:
    store_both(pair, other_pair)
    expected = opened()
    backup = list(KeyPair.objects.all())
    rotate(settings)
    reencryption.rekey()
    KeyPair.objects.all().delete()
    KeyPair.objects.bulk_create(backup)
    assert opened() == expected
    settings.ENCRYPTION_KEYS = settings.ENCRYPTION_KEYS[:1]
    assert len(reencryption.read().unopened) == 6


def test_the_log_has_the_counts_and_no_key(pair_stored: None, settings: Settings) -> None:
    new, old = rotate(settings)
    reencryption.rekey()
    row = LoggedAction.objects.get()
    assert (row.action, row.subject, row.is_done, row.is_event) == (Action.REENCRYPTED, new, True, False)
    assert (row.before, row.after) == (f"{old}: 2", f"{new}: 2")
    assert not any(key in dump(with_log=True) for key in settings.ENCRYPTION_KEYS)


def test_the_log_says_that_it_was_refused(pair: Credentials, settings: Settings) -> None:
    stranger = key_id(foreign(settings, pair))
    with pytest.raises(ValuesUnopenedError):
        reencryption.rekey()
    row = LoggedAction.objects.get()
    assert (row.action, row.cause, row.before) == (Action.REENCRYPTED, "undecryptable", f"{stranger}: 2")
