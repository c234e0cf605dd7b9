"""What can be done to a stored pair besides saving another: remove it, make it active, move it to the other section.

What was in use before, a pair or the identifier, is restored within 30 days, then erased.
"""

from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from backend.audit import action_log
from backend.audit.action_log import facts
from connector.action_log import Action
from connector.configuration import log, protection
from connector.configuration.log import Entry
from connector.configuration.plan import SavePlan
from connector.connection import Connection
from connector.environment import Environment
from connector.errors import PairMissingError, RefusedError
from connector.gateway.client import Credentials
from connector.keys import pem
from connector.models import Identifier, Instance, KeyPair
from connector.slot import Slot
from connector.verification.causes import Cause

IDENTIFIER = "identifier"


def remove_keys(environment: Environment, stored: Connection, *, erase: bool) -> None:
    """Make the stored pair of `environment` the former one; or `erase` both. Raises StaleRevisionError."""
    entry = Entry(Action.KEYS_REMOVED, environment, facts(fingerprint=stored.slots[environment].pair.fingerprint))
    with log.refusals_of(entry), transaction.atomic(durable=True):
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
        protection.require_no_obstacle(environment, stored)
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
            raise RefusedError(PairMissingError.code, _why_not_moved(moving, other))
        protection.require_no_obstacle(source.other, stored)
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


def _why_not_moved(moving: Slot, other: Slot) -> str:
    if moving.is_locked or other.is_locked:
        return _("Nothing was moved: an environment variable sets one of the two pairs.")
    if moving.cause is not Cause.WRONG_ENVIRONMENT:
        return _("Nothing was moved: a verification did not find that this pair belongs to the other environment.")
    return _("Nothing was moved: it would replace a pair that works or that only its encryption key can open.")


def restorable(what: str, connection: Connection) -> KeyPair | Identifier | None:
    """Return the former pair of the environment `what`, or the former identifier; None if it cannot be restored."""
    if what in Environment:
        return connection.slots[Environment(what)].restorable
    return connection.former_identifier if what == IDENTIFIER else None


def restoring(
    former: KeyPair | Identifier, connection: Connection, confirmation: str = "", *, insist: bool = False
) -> SavePlan:
    """Return the plan to restore `former`; `insist` puts a pair that is not verified in place of one that is.

    Raises UndecryptableError where the former pair does not open with any key of the ring.
    """
    plan = SavePlan(connection, confirmation=confirmation, insist=insist, is_restored=True)
    if isinstance(former, Identifier):
        return replace(plan, project_id=former.project_id, data_space_id=former.data_space_id)
    credentials = Credentials(former.open("api_key"), pem.load(former.open("private_key")))
    return replace(plan, pairs={Environment(former.environment): credentials})


def erase(pair: KeyPair, connection: Connection) -> None:
    """Erase a former pair before its time. Raises StaleRevisionError."""
    with log.refusals_of(_erasing(pair)), transaction.atomic(durable=True):
        log.advance(connection)
        _erase_pair(pair)


def erase_expired(now: datetime) -> int:
    """Erase every former pair and the former identifier whose time is over; return how many there were.

    It may run at any time and twice at once: the run that deletes a row logs it.
    """
    erased = sum(_erase_pair(pair) for pair in KeyPair.objects.expired(now))
    with transaction.atomic():
        is_over = Instance.objects.expired(now).update(former_identifier=None, identifier_replaced_at=None)
        if is_over:
            action_log.record(Action.IDENTIFIER_ERASED)
    return erased + is_over


def _erase_pair(pair: KeyPair) -> bool:
    with transaction.atomic():
        erased, _by_model = KeyPair.objects.filter(pk=pair.pk, replaced_at=pair.replaced_at).delete()
        if erased:
            _erasing(pair).record()
    return bool(erased)


def _erasing(pair: KeyPair) -> Entry:
    return Entry(Action.FORMER_KEYS_ERASED, pair.environment, facts(fingerprint=pair.fingerprint))
