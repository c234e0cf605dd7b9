"""The rows of the action log: each action with the state before and after it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from backend.audit import action_log
from backend.audit.action_log import facts
from connector.action_log import Action
from connector.connection import Connection
from connector.environment import Environment
from connector.errors import ConnectorError
from connector.gateway.client import Credentials
from connector.models import Identifier, Instance, KeyPair
from connector.slot import Slot


@dataclass(frozen=True)
class Entry:
    """One row of the log that is still to be written."""

    action: Action
    subject: str
    before: str = ""
    after: str = ""

    def record(self, refusal: str = "") -> None:
        """Write the row."""
        action_log.record(self.action, self.subject, before=self.before, after=self.after, refusal=refusal)


@contextmanager
def refusals_of(*entries: Entry) -> Iterator[None]:
    """Log `entries` as refused if the block raises. Open it around the transaction, which the error undoes."""
    try:
        yield
    except ConnectorError as error:
        record_refusal(entries, error)
        raise


def record_refusal(entries: Iterable[Entry], error: ConnectorError) -> None:
    """Write `entries` as refused."""
    for entry in entries:
        entry.record(refusal=error.code_for(entry.subject))


def keys(slot: Slot, pair: Credentials, *, is_restored: bool) -> Entry:
    """Return what it means to store `pair` in place of the one of `slot`."""
    action = Action.KEYS_REPLACED if slot.is_stored else Action.KEYS_SAVED
    if is_restored:
        action = Action.KEYS_RESTORED
    return Entry(action, slot.environment.value, _stored(slot), _halves(pair.api_key, pair.private_key.fingerprint))


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
    before = connection.instance.active_environment
    return Entry(Action.ENVIRONMENT_SWITCHED, environment.value, before, environment.value)


def removing(environment: Environment, pair: KeyPair) -> Entry:
    """Return what it means to remove the stored pair of `environment`."""
    return Entry(Action.KEYS_REMOVED, environment.value, facts(fingerprint=pair.fingerprint))


def erasing(former: KeyPair) -> Entry:
    """Return what it means to erase a former pair."""
    return Entry(Action.FORMER_KEYS_ERASED, former.environment, facts(fingerprint=former.fingerprint))


def moving(source: Slot, target: Slot) -> Entry:
    """Return what it means to put the pair of `source` into the other section."""
    return Entry(Action.PAIR_MOVED, target.environment.value, _stored(target), _stored(source))


def serving(action: Action, instance: Instance, address: str, after: list[str]) -> Entry:
    """Return what it means that `instance` is served at the addresses `after` since somebody opened it at `address`."""
    return Entry(action, address, _place(instance.instance_id, instance.served_at), _place(instance.instance_id, after))


def copying(instance: Instance, new_id: UUID, address: str) -> list[Entry]:
    """Return what it means that `instance`, opened at `address`, is one of its own from now on."""
    before, after = _place(instance.instance_id, instance.served_at), _place(new_id, [address])
    return [Entry(Action.INSTANCE_COPIED, address, before, after), *choosing(instance, Identifier())]


def _place(instance_id: UUID, addresses: list[str]) -> str:
    return facts(instance_id=instance_id, addresses=", ".join(addresses))


def named(public_id: str, name: str, kind: str = "") -> str:
    """Return a project or data space as the text of before or after."""
    return facts(name=name, id=public_id, type=kind)


def _stored(slot: Slot) -> str:
    if not slot.is_stored:
        return ""
    return _halves("" if slot.has_locked_api_key else slot.api_key, slot.pair.fingerprint)


def _halves(api_key: str, fingerprint: str) -> str:
    """Return what distinguishes a pair. The API key is encrypted where it is stored, so the log has its end only."""
    return facts(api_key=f"…{api_key[-4:]}" if api_key else "", fingerprint=fingerprint)
