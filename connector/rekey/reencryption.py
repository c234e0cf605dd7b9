"""Which key of the ring holds which stored value, and the re-encryption of all of them with the newest one.

How a rekey and a save that come together are settled: both lock the instance's row first (`Instance.objects.advance`
does), so one of them waits for the other, for milliseconds. A rekey that waited reads what was saved; a save that
waited takes the place of what was re-encrypted. Its revision stays, so that no open form becomes stale. Whoever writes
a pair without that lock wins as well: a row is updated only where both columns are what they were when they were read.
SQLite has one writer at a time, which says the same.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from backend.audit import action_log
from connector.action_log import Action
from connector.environment import Environment
from connector.errors import KeyringError, UndecryptableError, ValuesUnopenedError
from connector.keys import keyring
from connector.keys.keyring import Keyring
from connector.models import Instance, KeyPair
from connector.verification.causes import Cause

logger = logging.getLogger(__name__)

COLUMNS = ("api_key", "private_key")


@dataclass(frozen=True)
class Value:
    """One encrypted value: where it stands, which key wrote it, and whether it opens.

    `key_id` is empty where the stored text is no envelope, so that nothing tells which key it needs.
    """

    environment: Environment
    column: str
    is_former: bool
    key_id: str
    opens: bool

    @property
    def place(self) -> str:
        """Its table and column in the database."""
        return f"{KeyPair._meta.db_table}.{self.column}"  # noqa: SLF001  (documented)


@dataclass(frozen=True)
class Key:
    """A key by its id. `position` in the ring is 1 for the newest, None for a key that is not in it."""

    key_id: str
    position: int | None
    count: int
    is_needed: bool

    @property
    def is_newest(self) -> bool:
        """Whether it encrypts what is saved from now on."""
        return self.position == 1

    @property
    def is_unknown(self) -> bool:
        """Whether stored values name it and the ring does not hold it."""
        return self.position is None

    @property
    def may_go(self) -> bool:
        """Whether the ring can do without it."""
        return not (self.is_newest or self.is_unknown or self.is_needed)


@dataclass(frozen=True)
class Report:
    """Every stored value, and the ids of the ring, newest first."""

    ring: tuple[str, ...]
    values: tuple[Value, ...]

    @property
    def keys(self) -> list[Key]:
        """Every key of the ring in its order, then those that stored values name besides."""
        unknown = dict.fromkeys(one.key_id for one in self.values if one.key_id and one.key_id not in self.ring)
        ring = [self._key(key_id, position) for position, key_id in enumerate(self.ring, start=1)]
        return ring + [self._key(key_id, None) for key_id in sorted(unknown)]

    @property
    def unopened(self) -> list[Value]:
        """The values that do not open with any key of the ring."""
        return [one for one in self.values if not one.opens]

    @property
    def old(self) -> list[Value]:
        """The values that another key than the newest holds."""
        return [one for one in self.values if one.key_id != self.ring[0]]

    def needing(self, key_id: str) -> list[Value]:
        """Return the values that the key holds, with those of which nothing tells which key they need."""
        return [one for one in self.values if one.key_id in {key_id, ""}]

    def facts(self) -> str:
        """Return how many values each key holds, as the action log has it: a line for each key that holds some."""
        return action_log.facts(**{key.key_id: key.count for key in self.keys if key.count})

    def _key(self, key_id: str, position: int | None) -> Key:
        count = sum(one.key_id == key_id for one in self.values)
        return Key(key_id, position, count, is_needed=bool(self.needing(key_id)))


def values() -> list[Value]:
    """Read every encrypted value, of the pairs in use and of the former ones, in one query."""
    return _values(_stored())


def read() -> Report:
    """Return which key holds what, in one query. Raises KeyringError where the ring itself is malformed."""
    return Report(keyring.default().key_ids, tuple(values()))


def rekey() -> int:
    """Encrypt every stored value with the newest key, in one transaction, and return how many were not so before.

    Values that somebody writes at the same moment stay theirs. Doing it twice, or twice at once, does no harm.

    Raises:
        ValuesUnopenedError: a value does not open; nothing was changed.
        KeyringError: the ring is malformed.
    """
    newest = keyring.default().newest_key_id
    try:
        with transaction.atomic(durable=True):
            changed = _rekey()
    except ValuesUnopenedError:
        action_log.record(Action.REENCRYPTED, newest, before=read().facts(), refusal=Cause.UNDECRYPTABLE)
        raise
    logger.info("Re-encrypted %s stored values with the key %s", changed, newest)
    return changed


def _rekey() -> int:
    Instance.objects.select_for_update().first()
    pairs = _stored()
    before = Report(keyring.default().key_ids, tuple(_values(pairs)))
    if before.unopened:
        raise ValuesUnopenedError(len(before.unopened))
    changed = sum(_reseal(pair) for pair in pairs)
    if changed:
        action_log.record(Action.REENCRYPTED, before.ring[0], before=before.facts(), after=read().facts())
    return changed


def _reseal(pair: KeyPair) -> int:
    """Encrypt both halves with the newest key; return how many another one held, 0 where somebody changed the row."""
    newest = keyring.default().newest_key_id
    stored = {column: getattr(pair, column) for column in COLUMNS}
    old = sum(Keyring.key_id(text) != newest for text in stored.values())
    if not old:
        return 0
    sealed = {column: pair.seal(column, pair.open(column)) for column in COLUMNS}
    return old if KeyPair.objects.filter(pk=pair.pk, **stored).update(**sealed) else 0


def _stored() -> list[KeyPair]:
    # The sandbox pair first: whoever keeps what verification found locks the rows in this order.
    return list(KeyPair.objects.exclude(private_key="").order_by("-environment", "replaced_at"))


def _values(pairs: Iterable[KeyPair]) -> list[Value]:
    return [_value(pair, column) for pair in pairs for column in COLUMNS]


def _value(pair: KeyPair, column: str) -> Value:
    is_former = pair.replaced_at is not None
    return Value(Environment(pair.environment), column, is_former, _key_id(pair, column), _opens(pair, column))


def _key_id(pair: KeyPair, column: str) -> str:
    try:
        return Keyring.key_id(getattr(pair, column))
    except UndecryptableError:
        return ""


def _opens(pair: KeyPair, column: str) -> bool:
    try:
        pair.open(column)
    except KeyringError:
        return False
    return True
