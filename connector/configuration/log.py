"""The rows of the action log: each action with the state before and after it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from django.db import transaction

from backend.audit import action_log
from backend.audit.action_log import facts
from connector.action_log import Action
from connector.connection import Connection
from connector.environment import Environment
from connector.errors import ConnectorError, StaleRevisionError
from connector.models import Identifier, Instance
from connector.slot import Slot

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Entry:
    """One row of the log that is still to be written."""

    action: str
    subject: str
    before: str = ""
    after: str = ""

    def record(self, refusal: str = "") -> None:
        """Write the row and, once it is committed, a line to the log of the server."""
        action_log.record(self.action, self.subject, before=self.before, after=self.after, refusal=refusal)
        line = "%s of %r: %s"
        transaction.on_commit(partial(logger.info, line, self.action, str(self.subject), refusal or "done"))


@contextmanager
def refusals_of(*entries: Entry) -> Iterator[None]:
    """Log `entries` as refused if the block raises: about a pair with its own cause, others with the first such cause.

    Open it around the transaction, which the error undoes.
    """
    try:
        yield
    except ConnectorError as error:
        code = next(iter(error.causes.values()), error.code)
        for entry in entries:
            entry.record(refusal=error.causes.get(entry.subject, code))
        raise


def advance(stored: Connection, *entries: Entry, **values: object) -> None:
    """Set `values` of the instance, and write `entries`. Call it inside the transaction of the change.

    Raises StaleRevisionError if somebody has saved since `stored` was read.
    """
    if not Instance.objects.advance(stored.instance.revision, **values):
        raise StaleRevisionError
    for entry in entries:
        entry.record()


def choosing(instance: Instance, after: Identifier) -> list[Entry]:
    """Return what it means that `after` takes the place of the identifier of `instance`."""
    entries = []
    if after.project_id != instance.project_id:
        before = named(instance.project_id, instance.project_name)
        subject = after.project_name or after.project_id
        entries.append(Entry(Action.PROJECT_CHOSEN, subject, before, named(after.project_id, after.project_name)))
    if after.data_space_id != instance.data_space_id:
        action = Action.DATA_SPACE_CHOSEN if after.data_space_id else Action.DATA_SPACE_CLEARED
        before = named(instance.data_space_id, instance.data_space_name, instance.data_space_type)
        subject = after.data_space_name or after.data_space_id or instance.data_space_name
        new = named(after.data_space_id, after.data_space_name, after.data_space_type)
        entries.append(Entry(action, subject, before, new))
    return entries


def switching(environment: Environment, connection: Connection) -> Entry:
    """Return what it means to make `environment` the active one."""
    return Entry(Action.ENVIRONMENT_SWITCHED, environment, connection.instance.active_environment, environment)


def named(public_id: str, name: str, kind: str = "") -> str:
    """Return a project or data space as the text of before or after."""
    return facts(name=name, id=public_id, type=kind)


def pair_of(slot: Slot) -> str:
    """Return the stored pair of `slot` as the text of before or after; empty without one."""
    if not slot.is_stored:
        return ""
    return halves("" if slot.has_locked_api_key else slot.api_key, slot.pair.fingerprint)


def halves(api_key: str, fingerprint: str) -> str:
    """Return what distinguishes a pair. The API key is encrypted where it is stored, so the log has its end only."""
    return facts(api_key=f"…{api_key[-4:]}" if api_key else "", fingerprint=fingerprint)
