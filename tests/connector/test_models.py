"""What the database stores of the connection, and what it refuses."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from backend.audit.models import LoggedAction
from connector.errors import UndecryptableError
from connector.gateway.client import Credentials
from connector.models import Instance, KeyPair, Verification
from connector.verification.causes import Cause
from tests.factories import dump, found, learn, store
from tests.gateways import LIVE_ID, SANDBOX

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_there_is_one_instance_with_an_id_of_its_own() -> None:
    first, second = Instance.objects.current(), Instance.objects.current()
    assert (first.pk, first.instance_id) == (second.pk, second.instance_id)
    with pytest.raises(IntegrityError), transaction.atomic():
        Instance.objects.create(pk=2)


def test_a_data_space_needs_its_project() -> None:
    Instance.objects.current()
    with pytest.raises(IntegrityError), transaction.atomic():
        Instance.objects.update(data_space_id=LIVE_ID)


def test_an_older_revision_changes_nothing() -> None:
    revision = Instance.objects.current().revision
    assert Instance.objects.advance(revision, project_id="new")
    assert not Instance.objects.advance(revision, project_id="newer")
    assert Instance.objects.current().project_id == "new"


def test_there_is_one_pair_in_use_per_environment(pair_stored: None, other_pair: Credentials) -> None:
    store(SANDBOX, other_pair)
    assert KeyPair.objects.current().get().open("api_key") == other_pair.api_key
    with pytest.raises(IntegrityError), transaction.atomic():
        KeyPair.objects.create(environment=SANDBOX)


def test_the_pair_that_was_replaced_stays_as_the_former_one(pair: Credentials, other_pair: Credentials) -> None:
    before = store(SANDBOX, pair)
    store(SANDBOX, other_pair)
    former = KeyPair.objects.former().get()
    assert (former.pk, former.open("private_key")) == (before.pk, pair.private_key.pem)


def test_a_pair_that_never_worked_does_not_push_out_one_that_did(pair: Credentials, other_pair: Credentials) -> None:
    store(SANDBOX, pair)
    learn(SANDBOX)
    store(SANDBOX, other_pair)
    store(SANDBOX, Credentials("c" * 32, other_pair.private_key))
    assert KeyPair.objects.former().get().open("api_key") == pair.api_key


def test_a_former_pair_that_is_pushed_out_is_logged(pair: Credentials, other_pair: Credentials) -> None:
    store(SANDBOX, pair)
    store(SANDBOX, other_pair)
    store(SANDBOX, Credentials("c" * 32, other_pair.private_key))
    assert KeyPair.objects.former().get().open("api_key") == other_pair.api_key
    row = LoggedAction.objects.get(action="former_keys_erased")
    assert pair.private_key.fingerprint in row.before


def test_the_same_pair_once_more_replaces_nothing(pair: Credentials, other_pair: Credentials) -> None:
    store(SANDBOX, other_pair)
    store(SANDBOX, pair)
    store(SANDBOX, pair)
    assert KeyPair.objects.former().get().open("api_key") == other_pair.api_key


def test_there_is_one_former_pair_per_environment(pair_stored: None, other_pair: Credentials) -> None:
    store(SANDBOX, other_pair)
    with pytest.raises(IntegrityError), transaction.atomic():
        KeyPair.objects.update(replaced_at=timezone.now())


def test_half_a_pair_cannot_be_stored() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        KeyPair.objects.create(environment=SANDBOX, api_key="something")


def test_both_halves_are_stored_encrypted(pair: Credentials) -> None:
    kept = store(SANDBOX, pair)
    stored = dump(with_log=True)
    assert pair.api_key not in stored
    assert not any(line in stored for line in pair.private_key.pem.splitlines())
    assert (kept.open("api_key"), kept.open("private_key")) == (pair.api_key, pair.private_key.pem)


def test_a_value_that_is_moved_to_another_column_does_not_open(pair_stored: None) -> None:
    stolen = KeyPair.objects.get()
    stolen.api_key = stolen.private_key
    with pytest.raises(UndecryptableError):
        stolen.open("api_key")


def test_no_representation_shows_a_key(pair: Credentials) -> None:
    kept = store(SANDBOX, pair)
    shown = f"{kept!r} {kept} {pair!r} {pair}"
    assert pair.api_key not in shown
    assert kept.private_key not in shown
    assert not any(line in shown for line in pair.private_key.pem.splitlines())


def test_a_new_pair_forgets_what_was_found_of_the_old_one(pair_stored: None, other_pair: Credentials) -> None:
    learn(SANDBOX)
    store(SANDBOX, other_pair)
    assert not Verification.objects.exists()


def test_a_rejection_is_kept_as_the_definite_state(pair_stored: None) -> None:
    learn(SANDBOX)
    known = learn(SANDBOX, Cause.KEY_REVOKED, data_spaces=[], features=None)
    assert (known.answered_cause, known.data_spaces, known.features) == (Cause.KEY_REVOKED, [], None)
    assert known.verified_at is not None


def test_an_unknown_answer_leaves_the_definite_state_standing(pair_stored: None) -> None:
    learn(SANDBOX, checked_at=NOW)
    known = learn(SANDBOX, Cause.TIMEOUT, checked_at=NOW + MINUTE, data_spaces=[], features=None)
    assert (known.cause, known.checked_at) == (Cause.TIMEOUT, NOW + MINUTE)
    assert (known.answered_cause, known.answered_at, known.verified_at) == (None, NOW, NOW)
    assert len(known.known_data_spaces()) == 3


def test_what_was_found_of_a_pair_that_was_replaced_meanwhile_is_dropped(
    pair: Credentials, other_pair: Credentials
) -> None:
    asked = store(SANDBOX, pair).digest
    store(SANDBOX, other_pair)
    Verification.objects.record(SANDBOX, found(), asked, asked)
    assert not Verification.objects.exists()


def test_the_digest_distinguishes_pairs(pair: Credentials, other_pair: Credentials) -> None:
    pairs = [
        Credentials(first.api_key, second.private_key) for first in (pair, other_pair) for second in (pair, other_pair)
    ]
    assert len({mixed.digest for mixed in pairs}) == 4


@pytest.mark.parametrize(
    ("cause", "minutes", "is_due"),
    [
        (None, 4, False),
        (None, 5, True),
        (Cause.KEY_REVOKED, 4, False),
        (Cause.KEY_REVOKED, 5, True),
        (Cause.TIMEOUT, 0.9, False),
        (Cause.TIMEOUT, 1, True),
        (None, -1, True),
    ],
)
def test_it_is_tried_again_when_it_is_time(
    pair_stored: None, cause: Cause | None, minutes: float, *, is_due: bool
) -> None:
    known = learn(SANDBOX, cause, checked_at=NOW)
    assert known.is_due(NOW + minutes * MINUTE, known.host) is is_due


def test_the_pause_of_a_refusal_is_none(pair_stored: None) -> None:
    assert learn(SANDBOX, Cause.REFUSED, retry_after_s=3600).retry_at is None


def test_a_pair_that_was_never_checked_is_due(pair: Credentials) -> None:
    assert Verification(key_pair=store(SANDBOX, pair)).is_due(NOW, "gateway.test")


def test_the_names_of_what_is_stored_are_no_secret(pair: Credentials) -> None:
    kept = store(SANDBOX, pair)
    assert str(kept) == f"sandbox {pair.private_key.fingerprint}"
    assert str(learn(SANDBOX)) == "verified"
    assert str(learn(SANDBOX, Cause.TIMEOUT)) == "timeout"
    assert str(Instance.objects.current()) == str(Instance.objects.current().instance_id)
