"""What can be done to a stored pair besides saving another: remove it, make it active, move it to the other section."""

from django.db import transaction
from django.utils.translation import gettext as _

from backend.audit.action_log import facts
from connector.action_log import Action
from connector.configuration import log
from connector.configuration.log import Entry
from connector.connection import Connection
from connector.environment import Environment
from connector.errors import PairMissingError, RefusedError
from connector.models import KeyPair


def remove_keys(environment: Environment, stored: Connection, *, erase: bool) -> None:
    """Make the stored pair of `environment` the former one; or `erase` both. Raises StaleRevisionError."""
    entry = Entry(Action.KEYS_REMOVED, environment, facts(fingerprint=stored.slots[environment].pair.fingerprint))
    with transaction.atomic(durable=True):
        log.advance(stored, entry)
        if erase:
            KeyPair.objects.lock()
            KeyPair.objects.filter(environment=environment).delete()
        else:
            KeyPair.objects.retire(environment, stored.now)


def switch_environment(environment: Environment, stored: Connection) -> None:
    """Make the pair of `environment` the active one. Raises PairMissingError, RefusedError, StaleRevisionError."""
    entry = log.switching(environment, stored)
    with log.refusals_of(entry), transaction.atomic(durable=True):
        stored.require_unlocked("active_environment")
        if not stored.slots[environment].is_whole:
            raise PairMissingError
        log.advance(stored, entry, active_environment=environment)


def move_pair(source: Environment, stored: Connection, user_id: int | None) -> None:
    """Put the pair of `source`, which the other gateway accepts, into the other section and make that one active.

    A pair of the other section that does not work takes its place, so that neither is lost.
    Raises PairMissingError, RefusedError where that is not so or an environment variable decides, StaleRevisionError.
    """
    moving, other = stored.slots[source], stored.slots[source.other]
    entries = [Entry(Action.PAIR_MOVED, source.other, log.pair_of(other), log.pair_of(moving))]
    if stored.instance.active_environment != source.other:
        entries.append(log.switching(source.other, stored))
    with log.refusals_of(*entries), transaction.atomic(durable=True):
        stored.require_unlocked("active_environment")
        if moving.credentials is None:
            raise PairMissingError
        if not moving.may_move:
            text = _("Nothing was moved: it would replace a pair that works or that only its encryption key can open.")
            raise RefusedError(PairMissingError.code, text)
        log.advance(stored, *entries, active_environment=source.other)
        KeyPair.objects.lock()
        # The sandbox pair first: what verification found is stored with the rows locked in this order.
        for environment in Environment:
            slot, new = stored.slots[environment], stored.slots[environment.other].credentials
            # A pair that only changes its place becomes nobody's former pair.
            if slot.credentials:
                KeyPair.objects.current().filter(environment=environment).delete()
            if new:
                KeyPair.objects.store(environment, new, user_id, stored.now)
