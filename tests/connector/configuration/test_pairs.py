"""A stored pair is removed, made active, or moved to the other section."""

import pytest
from pytest_django import Settings

from connector import connection
from connector.configuration import pairs
from connector.environment import Environment
from connector.errors import RefusedError, StaleRevisionError
from connector.gateway.client import Credentials
from connector.keys import keyring
from connector.models import Instance, KeyPair, Verification
from connector.verification.causes import Cause
from tests.factories import connect, learn, lock, set_instance, store
from tests.gateways import PRODUCTION, SANDBOX

pytestmark = pytest.mark.django_db


def test_removed_keys_are_kept_as_the_former_pair_without_what_was_found(
    pair: Credentials, other_pair: Credentials
) -> None:
    connect(pair)
    store(PRODUCTION, other_pair)
    pairs.remove_keys(SANDBOX, connection.load(), erase=False)
    assert KeyPair.objects.former().get().open("private_key") == pair.private_key.pem
    assert list(KeyPair.objects.current().values_list("environment", flat=True)) == [PRODUCTION]
    assert not Verification.objects.exists()


def test_erased_keys_leave_nothing_to_restore(pair: Credentials, other_pair: Credentials) -> None:
    store(SANDBOX, other_pair)
    connect(pair)
    pairs.remove_keys(SANDBOX, connection.load(), erase=True)
    assert not KeyPair.objects.exists()


def test_removing_keys_makes_an_open_form_stale(connected: None) -> None:
    revision = Instance.objects.current().revision
    pairs.remove_keys(SANDBOX, connection.load(), erase=False)
    assert Instance.objects.current().revision == revision + 1


def move(source: Environment = SANDBOX) -> None:
    pairs.move_pair(source, connection.load(), None)


def test_a_pair_of_the_wrong_environment_is_moved_and_becomes_active(pair: Credentials) -> None:
    store(SANDBOX, pair)
    learn(SANDBOX, Cause.WRONG_ENVIRONMENT)
    set_instance(active_environment=SANDBOX)
    move()
    stored = connection.load()
    assert stored.slots[PRODUCTION].credentials == pair
    assert not stored.slots[SANDBOX].is_stored
    assert stored.active_environment is PRODUCTION


def test_two_pairs_in_each_others_place_are_swapped(pair: Credentials, other_pair: Credentials) -> None:
    store(SANDBOX, pair)
    store(PRODUCTION, other_pair)
    learn(SANDBOX, Cause.WRONG_ENVIRONMENT)
    learn(PRODUCTION, Cause.WRONG_ENVIRONMENT)
    move()
    stored = connection.load()
    assert (stored.slots[SANDBOX].credentials, stored.slots[PRODUCTION].credentials) == (other_pair, pair)


def test_a_working_pair_is_not_moved_over(pair_stored: None, other_pair: Credentials) -> None:
    store(PRODUCTION, other_pair)
    learn(SANDBOX, Cause.WRONG_ENVIRONMENT)
    learn(PRODUCTION)
    with pytest.raises(RefusedError, match="Nothing was moved"):
        move()
    assert connection.load().slots[PRODUCTION].credentials == other_pair


def test_a_pair_that_does_not_open_is_not_moved_over(
    pair: Credentials, other_pair: Credentials, settings: Settings
) -> None:
    ours = settings.ENCRYPTION_KEYS
    settings.ENCRYPTION_KEYS = [keyring.generate_key()]
    store(PRODUCTION, other_pair)
    settings.ENCRYPTION_KEYS = ours
    store(SANDBOX, pair)
    learn(SANDBOX, Cause.WRONG_ENVIRONMENT)
    with pytest.raises(RefusedError, match="Nothing was moved"):
        move()


@pytest.mark.parametrize("cause", [None, Cause.API_KEY_UNKNOWN, Cause.TIMEOUT])
def test_only_a_pair_of_the_wrong_environment_is_moved(pair_stored: None, cause: Cause | None) -> None:
    learn(SANDBOX, cause)
    with pytest.raises(RefusedError, match="Nothing was moved: a verification did not find"):
        move()


def test_a_locked_place_is_not_moved_to(pair_stored: None, settings: Settings) -> None:
    learn(SANDBOX, Cause.WRONG_ENVIRONMENT)
    lock(settings, production_api_key="c" * 32)
    with pytest.raises(RefusedError, match="Nothing was moved: an environment variable sets"):
        move()


def test_moving_what_somebody_changed_meanwhile_moves_nothing(pair: Credentials) -> None:
    store(SANDBOX, pair)
    learn(SANDBOX, Cause.WRONG_ENVIRONMENT)
    old = connection.load()
    Instance.objects.advance(old.instance.revision)
    with pytest.raises(StaleRevisionError):
        pairs.move_pair(SANDBOX, old, None)
    assert connection.load().slots[SANDBOX].credentials == pair


def test_keys_that_were_replaced_meanwhile_are_not_removed(connected: None, other_pair: Credentials) -> None:
    seen = connection.load()
    Instance.objects.advance(seen.instance.revision)
    store(SANDBOX, other_pair)
    with pytest.raises(StaleRevisionError):
        pairs.remove_keys(SANDBOX, seen, erase=False)
    assert connection.load().slots[SANDBOX].credentials == other_pair
