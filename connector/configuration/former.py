"""The former pair of an environment and the former identifier: restored within 30 days, then erased."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from backend.audit import action_log
from backend.audit.action_log import facts
from connector.action_log import Action
from connector.configuration import log
from connector.configuration.plan import SavePlan
from connector.connection import Connection
from connector.environment import Environment
from connector.gateway.client import Credentials
from connector.keys import pem
from connector.models import Identifier, Instance, KeyPair

IDENTIFIER = "identifier"


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
    with transaction.atomic(durable=True):
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
            action_log.record(Action.FORMER_KEYS_ERASED, pair.environment, before=facts(fingerprint=pair.fingerprint))
    return bool(erased)
