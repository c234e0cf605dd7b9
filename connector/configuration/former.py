"""The former pair of an environment and the former identifier: restored within 30 days, then erased."""

import logging
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from backend.audit import action_log
from connector.action_log import Action
from connector.configuration import log
from connector.configuration.plan import SavePlan, Wanted
from connector.connection import Connection
from connector.environment import Environment
from connector.errors import NothingToRestoreError, StaleRevisionError
from connector.gateway.client import Credentials
from connector.keys import pem
from connector.models import RESTORABLE, Identifier, Instance, KeyPair

logger = logging.getLogger(__name__)

IDENTIFIER = "identifier"


@dataclass(frozen=True)
class FormerIdentifier:
    """The project and data space that were chosen before, until when they can be restored."""

    identifier: Identifier
    restorable_until: datetime


def identifier_of(connection: Connection) -> FormerIdentifier | None:
    """Return the former identifier that can still be restored, and would be used then."""
    instance, is_locked = connection.instance, bool(connection.variables.keys() & {"project_id", "data_space_id"})
    if is_locked or not instance.former_identifier or not instance.identifier_replaced_at:
        return None
    until = instance.identifier_replaced_at + RESTORABLE
    return FormerIdentifier(Identifier(**instance.former_identifier), until) if until > connection.now else None


def is_restorable(what: str, connection: Connection) -> bool:
    """Return whether the pair of the environment `what`, or the identifier, can be restored."""
    if what == IDENTIFIER:
        return identifier_of(connection) is not None
    return what in Environment and connection.slots[Environment(what)].restorable is not None


def restoring(what: str, connection: Connection, confirmation: str = "", *, insist: bool = False) -> SavePlan:
    """Return the plan to restore the former pair of the environment `what`, or the former identifier.

    `insist` restores a pair that is not verified in place of one that is.

    Raises:
        NothingToRestoreError: there is nothing, or its time is over.
        UndecryptableError: the former pair does not open with any key of the ring.
    """
    revision = connection.instance.revision
    if what == IDENTIFIER:
        former = identifier_of(connection)
        if former is None:
            raise NothingToRestoreError
        project, space = former.identifier.ids
        wanted = Wanted(revision, project_id=project, data_space_id=space, confirmation=confirmation, is_restored=True)
        return SavePlan.of(wanted, connection)
    environment = Environment(what)
    pair = connection.slots[environment].restorable
    if pair is None:
        raise NothingToRestoreError
    credentials = Credentials(pair.open("api_key"), pem.load(pair.open("private_key")))
    wanted = Wanted(revision, {environment: credentials}, insist=insist, confirmation=confirmation, is_restored=True)
    return SavePlan.of(wanted, connection)


def erase(environment: Environment, connection: Connection) -> None:
    """Erase the former pair of `environment` before its time. Raises NothingToRestoreError, StaleRevisionError."""
    pair = connection.slots[environment].former
    if pair is None:
        raise NothingToRestoreError
    with transaction.atomic(durable=True):
        if not Instance.objects.advance(connection.instance.revision):
            raise StaleRevisionError
        _erase_pair(pair)
    logger.info("Former pair erased: %s", environment)


def erase_expired(now: datetime) -> int:
    """Erase every former pair and the former identifier whose time is over; return how many there were.

    It may run at any time and twice at once: the run that deletes a row logs it.
    """
    return sum(_erase_pair(pair) for pair in KeyPair.objects.expired(now)) + _erase_identifier(now)


def _erase_pair(pair: KeyPair) -> int:
    with transaction.atomic():
        erased, _by_model = KeyPair.objects.filter(pk=pair.pk, replaced_at=pair.replaced_at).delete()
        if erased:
            log.erasing(pair).record()
    return min(erased, 1)


def _erase_identifier(now: datetime) -> int:
    with transaction.atomic():
        erased: int = Instance.objects.expired(now).update(former_identifier=None, identifier_replaced_at=None)
        if erased:
            action_log.record(Action.IDENTIFIER_ERASED)
    return erased
