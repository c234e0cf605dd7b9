"""What can be done to a stored pair besides saving another: remove it, make it active, move it to the other section."""

import logging

from django.db import transaction

from connector.configuration import log
from connector.connection import Connection
from connector.environment import Environment
from connector.errors import PairInTheWayError, PairMissingError, StaleRevisionError
from connector.models import Instance, KeyPair

logger = logging.getLogger(__name__)


def remove_keys(environment: Environment, stored: Connection, *, erase: bool) -> None:
    """Make the stored pair of `environment` the former one; or `erase` both. Raises StaleRevisionError."""
    pair = stored.slots[environment].pair
    with transaction.atomic(durable=True):
        if not Instance.objects.advance(stored.instance.revision):
            raise StaleRevisionError
        if pair.is_stored:
            log.removing(environment, pair).record()
        if erase:
            KeyPair.objects.lock()
            KeyPair.objects.filter(environment=environment).delete()
        else:
            KeyPair.objects.retire(environment, stored.now)
    logger.info("Keys removed: %s", environment)


def switch_environment(environment: Environment, stored: Connection) -> None:
    """Make the pair of `environment` the active one. Raises PairMissingError, LockedError, StaleRevisionError."""
    entry = log.switching(environment, stored)
    with log.refusals_of(entry), transaction.atomic(durable=True):
        stored.require_unlocked("active_environment")
        if not stored.slots[environment].is_whole:
            raise PairMissingError
        if not Instance.objects.advance(stored.instance.revision, active_environment=environment):
            raise StaleRevisionError
        entry.record()
    logger.info("Active environment switched: %s", environment)


def move_pair(source: Environment, stored: Connection, user_id: int | None) -> None:
    """Put the pair of `source`, which the other gateway accepts, into the other section and make that one active.

    A pair of the other section that does not work takes its place, so that neither is lost.
    Raises PairMissingError, PairInTheWayError where that is not so, LockedError, StaleRevisionError.
    """
    moving, other = stored.slots[source], stored.slots[source.other]
    entries = [log.moving(moving, other)]
    if stored.instance.active_environment != other.environment:
        entries.append(log.switching(other.environment, stored))
    with log.refusals_of(*entries), transaction.atomic(durable=True):
        stored.require_unlocked("active_environment")
        if moving.credentials is None:
            raise PairMissingError
        if not moving.may_move:
            raise PairInTheWayError
        if not Instance.objects.advance(stored.instance.revision, active_environment=other.environment):
            raise StaleRevisionError
        _exchange(stored, user_id)
        for entry in entries:
            entry.record()
    logger.info("Pair moved from %s to %s", source, other.environment)


def _exchange(stored: Connection, user_id: int | None) -> None:
    """Store each pair in the other's place. A pair that only changes its place becomes nobody's former pair."""
    KeyPair.objects.lock()
    # The sandbox pair first: what verification found is stored with the rows locked in this order.
    for environment in Environment:
        slot, new = stored.slots[environment], stored.slots[environment.other].credentials
        if slot.credentials:
            KeyPair.objects.current().filter(environment=environment).delete()
        if new:
            KeyPair.objects.store(environment, new, user_id, stored.now)
