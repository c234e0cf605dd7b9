"""The key pairs of both environments, encrypted: the one in use and the former one of each."""

import uuid
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from backend.audit import action_log, actor
from backend.audit.action_log import facts
from connector.action_log import Action
from connector.environment import Environment
from connector.errors import KeyringError, UndecryptableError
from connector.gateway.client import Credentials
from connector.keys import keyring
from connector.keys.keyring import Keyring
from connector.verification.causes import Cause

# The columns that are encrypted.
ENCRYPTED = ("api_key", "private_key")
# How long a former pair or identifier can be restored.
RESTORABLE = timedelta(days=30)


class KeyPairQuerySet(models.QuerySet["KeyPair"]):
    """The stored pairs as sets."""

    def current(self) -> Self:
        """Return the pairs in use, at most one for each environment."""
        return self.filter(replaced_at=None)

    def former(self) -> Self:
        """Return the pairs that were replaced or removed and may be restored, at most one for each environment."""
        return self.exclude(replaced_at=None)

    def expired(self, now: datetime) -> Self:
        """Return the former pairs whose time to be restored is over."""
        return self.filter(replaced_at__lte=now - RESTORABLE)

    def lock(self) -> None:
        """Keep others from changing any pair until the transaction ends.

        A pair is locked before its verification, and the sandbox's before that of production, wherever both are
        written: two who go about it in another order would wait for each other.
        """
        list(self.model.objects.select_for_update().order_by("-environment", "replaced_at").values_list("pk"))

    def store(self, environment: Environment, credentials: Credentials, user_id: int | None, now: datetime) -> None:
        """Encrypt and keep a whole pair for `environment`; the one that was there becomes the former one.

        Call it inside a transaction that holds the instance's row.
        """
        self.lock()
        # A former pair that comes back is no longer a former one.
        self.former().filter(environment=environment, digest=credentials.digest).delete()
        # The same pair once more replaces nothing: the former one stays what it is.
        self.current().filter(Q(digest=credentials.digest) | Q(private_key=""), environment=environment).delete()
        self.retire(environment, now)
        pair = KeyPair(environment=environment, digest=credentials.digest, set_by_id=user_id, set_at=now)
        pair.set_by_name = "" if user_id else actor.current().name[:150]
        pair.fingerprint = credentials.private_key.fingerprint
        pair.api_key = pair.seal("api_key", credentials.api_key)
        pair.private_key = pair.seal("private_key", credentials.private_key.pem)
        pair.save(force_insert=True)

    def retire(self, environment: Environment, now: datetime) -> None:
        """Make the pair in use the former one, which takes the place of the former one before it.

        It stays encrypted as it is, so one that does not open now can be restored when its key is back, and is
        encrypted once more together with `now`: with another date in the database, it does not open. Its findings
        are forgotten, except whether it ever worked: restoring verifies it again. A pair that never worked is not kept
        in place of one that did, and one whose key was deleted is not kept at all. Call it where `store` may be called.
        """
        self.lock()
        pair = self.current().filter(environment=environment).first()
        if pair is None:
            return
        if not pair.is_stored:
            pair.delete()
            return
        known = getattr(pair, "verification", None)
        has_worked = bool(known and known.verified_at)
        is_deleted = bool(known and known.digest == pair.digest and known.answered_cause == Cause.KEY_REVOKED)
        former = self.former().filter(environment=environment).first()
        if is_deleted or (former and former.has_worked and not has_worked):
            pair.delete()
            return
        if former:
            former.delete()
            action_log.record(Action.FORMER_KEYS_ERASED, environment, before=facts(fingerprint=former.fingerprint))
        if known:
            known.delete()
        pair.replaced_at = now
        dated = {column: pair.dated(column, getattr(pair, column)) for column in ENCRYPTED}
        self.filter(pk=pair.pk).update(replaced_at=now, has_worked=has_worked, **dated)


class KeyPair(models.Model):
    """A key pair of one environment, both halves encrypted: the one in use, or the former one.

    A row with empty halves only carries the verification of a pair that environment variables set.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    environment = models.CharField(max_length=10, choices=Environment.choices)
    api_key = models.TextField(blank=True)
    private_key = models.TextField(blank=True)
    fingerprint = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    # Who set it with a command: that is no user of the Admin.
    set_by_name = models.CharField(max_length=150, blank=True)
    set_at = models.DateTimeField(null=True)
    # When another pair took its place, or it was removed; empty while it is in use.
    replaced_at = models.DateTimeField(null=True)
    # Of a former pair: whether Commerce Services had accepted it.
    has_worked = models.BooleanField(default=False)

    objects: ClassVar = KeyPairQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["environment"], condition=Q(replaced_at=None), name="connector_keypair_one_per_slot"
            ),
            models.UniqueConstraint(
                fields=["environment"], condition=~Q(replaced_at=None), name="connector_keypair_one_former_per_slot"
            ),
            models.CheckConstraint(
                condition=Q(api_key="", private_key="", replaced_at=None) | (~Q(api_key="") & ~Q(private_key="")),
                name="connector_keypair_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.environment} {self.fingerprint}"

    @property
    def is_stored(self) -> bool:
        """Whether the row holds a pair."""
        return bool(self.private_key)

    @property
    def restorable_until(self) -> datetime | None:
        """When the former pair is erased; None for one that is in use."""
        return self.replaced_at + RESTORABLE if self.replaced_at else None

    @property
    def setter(self) -> str:
        """Who set it, as people read it; empty where that user was deleted."""
        return str(self.set_by) if self.set_by else actor.shown(self.set_by_name)

    def context(self, column: str) -> str:
        """Return the associated data that ties a value of `column` to its table, column and row."""
        return f"connector_keypair|{column}|{self.environment}|{self.pk}"

    def dated_context(self, column: str) -> str:
        """Return the associated data that ties a value of a former pair to the time of its replacement as well."""
        moment = self.replaced_at.astimezone(UTC).isoformat(timespec="microseconds") if self.replaced_at else ""
        return f"{self.context(column)}|replaced {moment}"

    def seal(self, column: str, plain: str) -> str:
        """Return `plain` encrypted for one column of this row; of a former pair, encrypted twice."""
        sealed = keyring.default().encrypt(plain, associated_data=self.context(column))
        return self.dated(column, sealed) if self.replaced_at else sealed

    def dated(self, column: str, sealed: str) -> str:
        """Return `sealed`, as a pair in use has it, encrypted once more with the time of the replacement."""
        return keyring.default().encrypt(sealed, associated_data=self.dated_context(column))

    def open(self, column: str) -> str:
        """Return the plain text of `column`. Raises UndecryptableError."""
        return keyring.default().decrypt(self._undated(column), associated_data=self.context(column))

    def key_ids(self, column: str) -> tuple[str, ...]:
        """Return the ids of the keys that `column` needs, as far as it opens; an empty one for a text without an id."""
        stored = [getattr(self, column)]
        if self.replaced_at:
            with suppress(KeyringError):
                stored.append(self._undated(column))
        return tuple(map(_key_id, stored))

    def _undated(self, column: str) -> str:
        """Return the value of `column` as a pair in use has it. Raises UndecryptableError."""
        stored: str = getattr(self, column)
        if self.replaced_at is None:
            return stored
        return keyring.default().decrypt(stored, associated_data=self.dated_context(column))


def _key_id(stored: str) -> str:
    try:
        return Keyring.key_id(stored)
    except UndecryptableError:
        return ""
