"""Which key of the ring holds which stored value, and the re-encryption of all values with the newest key.

A save and a re-encryption at the same moment: both lock the instance's row first (`Instance.objects.advance` does), so
one waits for the other, for milliseconds. A re-encryption that waited reads what was saved. A save that waited replaces
what was re-encrypted; its revision stays, so no open form becomes stale. A pair that is written without that lock wins
too: a row is updated only if neither column has changed since it was read. SQLite has one writer at a time anyway.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backend.audit import action_log
from backend.frame.outages import SealedValueError
from connector.action_log import Action
from connector.environment import Environment
from connector.errors import KeyringError, ValuesUnopenedError
from connector.keys import keyring
from connector.models import Instance, KeyPair
from connector.rekey import second_factors
from connector.verification.causes import Cause

logger = logging.getLogger(__name__)

COLUMNS: Mapping[str, Promise] = {"api_key": _("API key"), "private_key": _("Private key")}
SECRETS: Mapping[str, Promise] = {
    Authenticator.Type.TOTP.value: _("Secret of an authenticator app"),
    Authenticator.Type.RECOVERY_CODES.value: _("Recovery codes"),
}


@dataclass(frozen=True)
class Use:
    """What a value is used for: `code` for commands, `label` for people."""

    code: str
    label: Promise


IN_USE = Use("pair in use", _("The pair in use"))
FORMER = Use("former pair", _("The former pair"))
SECOND_FACTOR = Use("second factor", _("Second factor"))


@dataclass(frozen=True)
class Value:
    """One encrypted value: its table and column, what it is, whose it is, the keys it needs, whether it opens.

    `owner` is an environment or a person. A value of a former pair is encrypted twice, perhaps with two keys. An id is
    empty where a text is no envelope: such a value may need any key.
    """

    place: str
    label: Promise
    owner: Environment | User
    use: Use
    key_ids: tuple[str, ...]
    opens: bool

    @property
    def key_id(self) -> str:
        """The key that it needs last: the one that is missing, if one is."""
        return self.key_ids[-1]

    @property
    def owner_label(self) -> str:
        """The environment or the person, as people read it."""
        return str(self.owner.label if isinstance(self.owner, Environment) else self.owner)


@dataclass(frozen=True)
class Key:
    """A key by its id. `position` in the ring is 1 for the newest, None for a key that is not in the ring.

    `needing` are the values that need it, or may need it.
    """

    key_id: str
    position: int | None
    needing: list[Value]

    @property
    def count(self) -> int:
        """How many values it holds."""
        return sum(self.key_id in value.key_ids for value in self.needing)

    @property
    def may_go(self) -> bool:
        """Whether the ring can do without it."""
        return self.position not in {None, 1} and not self.needing


@dataclass(frozen=True)
class Report:
    """Every stored value, and the key ids of the ring, newest first."""

    ring: tuple[str, ...]
    values: list[Value]

    @property
    def keys(self) -> list[Key]:
        """Every key of the ring in its order, then every other key that a stored value names."""
        unknown = {key_id for value in self.values for key_id in value.key_ids} - {*self.ring, ""}
        positions = [*enumerate(self.ring, start=1), *((None, key_id) for key_id in sorted(unknown))]
        return [
            Key(key_id, position, [value for value in self.values if {key_id, ""} & {*value.key_ids}])
            for position, key_id in positions
        ]

    @property
    def unopened(self) -> list[Value]:
        """The values that do not open with any key of the ring."""
        return [value for value in self.values if not value.opens]

    @property
    def old(self) -> list[Value]:
        """The values that another key than the newest holds."""
        return [value for value in self.values if {*value.key_ids} != {self.ring[0]}]

    def facts(self) -> str:
        """Return how many values each key holds, as the action log stores it: a line per key that holds any."""
        return action_log.facts(**{key.key_id: key.count for key in self.keys if key.count})


def values() -> list[Value]:
    """Read every encrypted value, of former pairs too, in two queries. A malformed ring opens none."""
    return _values_of(_pairs()) + [_value_of(factor) for factor in second_factors.stored()]


def read() -> Report:
    """Report which key holds which value, in two queries. Raises KeyringError if the ring is malformed."""
    return Report(keyring.default().key_ids, values())


def report_of(pairs: Iterable[KeyPair]) -> Report:
    """Report which key holds which value of `pairs`. Raises KeyringError if the ring is malformed."""
    return Report(keyring.default().key_ids, _values_of(pairs))


def rekey() -> int:
    """Encrypt every stored value with the newest key, all or none; return how many had another key.

    A value that somebody writes at the same moment keeps its key. Repeating it does no harm, even twice at once.

    Raises:
        ValuesUnopenedError: a value does not open; nothing was changed.
        KeyringError: the ring is malformed.
    """
    newest = keyring.default().newest_key_id
    with transaction.atomic(durable=True):
        Instance.objects.select_for_update().first()
        pairs, factors = _pairs(), second_factors.stored(to_change=True)
        before = Report(keyring.default().key_ids, _values_of(pairs) + [_value_of(factor) for factor in factors])
        changed = 0
        if not before.unopened:
            changed = sum(_reencrypt(pair, newest) for pair in pairs)
            changed += sum(second_factors.reencrypt(factor, newest) for factor in factors)
        if changed:
            action_log.record(Action.REENCRYPTED, newest, before=before.facts(), after=read().facts())
    if before.unopened:
        action_log.record(Action.REENCRYPTED, newest, before=before.facts(), refusal=Cause.UNDECRYPTABLE)
        raise ValuesUnopenedError(len(before.unopened))
    logger.info("Re-encrypted %s stored values with the key %s", changed, newest)
    return changed


def _reencrypt(pair: KeyPair, newest: str) -> int:
    """Encrypt `pair` with the newest key, unless somebody just wrote it; return how many values had another key."""
    stored = {column: getattr(pair, column) for column in COLUMNS}
    old = sum({*pair.key_ids(column)} != {newest} for column in COLUMNS)
    if not old:
        return 0
    sealed = {column: pair.seal(column, pair.open(column)) for column in COLUMNS}
    is_written = KeyPair.objects.filter(pk=pair.pk, **stored).update(**sealed)
    return old if is_written else 0


def _pairs() -> list[KeyPair]:
    # The sandbox pair first: `Verification.objects.record` locks the rows in this order too.
    return list(KeyPair.objects.exclude(private_key="").order_by("-environment", "replaced_at"))


def _values_of(pairs: Iterable[KeyPair]) -> list[Value]:
    return [_value(pair, column) for pair in pairs for column in COLUMNS]


def _value(pair: KeyPair, column: str) -> Value:
    opens = True
    try:
        pair.open(column)
    except KeyringError:
        opens = False
    use = FORMER if pair.replaced_at else IN_USE
    return Value(
        f"connector_keypair.{column}", COLUMNS[column], Environment(pair.environment), use, pair.key_ids(column), opens
    )


def _value_of(factor: Authenticator) -> Value:
    key_ids, opens = ("",), True
    try:
        sealed = second_factors.secret_of(factor)
        key_ids = (keyring.Keyring.key_id(sealed),)
        second_factors.opened(sealed)
    except (KeyringError, SealedValueError):
        opens = False
    return Value("mfa_authenticator.data", SECRETS[factor.type], factor.user, SECOND_FACTOR, key_ids, opens)
