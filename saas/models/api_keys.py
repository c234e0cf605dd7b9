"""API keys: the public halves of key pairs."""

import secrets
import uuid
from datetime import datetime, timedelta
from typing import Literal

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, models, transaction
from django.db.models import BooleanField, Count, ExpressionWrapper, F, Q
from django.utils import timezone

from backend.frame.fields import NAME_LENGTH
from saas.caller import NOBODY, RECORDED_EVERY, Caller
from saas.choices import Environment, KeyState
from saas.errors import AlreadyIssuedError
from saas.limits import NEW_KEYS, WORKING_KEYS, LimitReachedError
from saas.models.accounts import Account
from saas.models.faults import Fault
from saas.new_pair import NewPair

MAX_WORDS = 5
# Of several requests at once, one that came first may be carried out last.
AT_ONCE = timedelta(seconds=5)
# Every request to the gateway needs this, and the ORM would take eight times as long, nearly all of it to compile.
FOR_GATEWAY = """
    SELECT key.*, COALESCE(fault.kind, 'none') AS fault_kind, COALESCE(fault.seconds, 0) AS fault_seconds
    FROM saas_apikey AS key
    LEFT JOIN saas_fault AS fault ON fault.environment = COALESCE(%s, key.environment)
    WHERE key.api_key = %s
"""


def new_api_key() -> str:
    return secrets.token_hex(16)


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """API keys, listed for people and found for the gateway."""

    def containing(self, text: str) -> "ApiKeyQuerySet":
        """Keep the keys that have every word of `text`, five at most, in the name or the public key."""
        found = self
        for word in text.split()[:MAX_WORDS]:
            found = found.filter(Q(name__icontains=word) | Q(api_key__icontains=word))
        return found

    def listed(self, now: datetime) -> "ApiKeyQuerySet":
        """Return the keys as the API Portal lists them: with the name of their `maker`, and whether `is_deleted`."""
        is_deleted = ExpressionWrapper(Q(deleted_at__isnull=False, deleted_at__lte=now), BooleanField())
        return self.defer("public_key").annotate(maker=F("created_by__username"), is_deleted=is_deleted)

    def working(self, now: datetime) -> "ApiKeyQuerySet":
        """Keep the keys that the gateway accepts at `now`."""
        return self.exclude(deleted_at__lte=now)

    def deleted(self, now: datetime) -> dict[str, int]:
        """Return how many of the keys are deleted at `now`, and how many of those somebody still tries to use."""
        is_deleted = Q(deleted_at__lte=now)
        used = Count("pk", filter=is_deleted & Q(refused_at__isnull=False))
        return self.aggregate(count=Count("pk", filter=is_deleted), still_used=used)

    def for_gateway(self, api_key: str, environment: str | None) -> "ApiKey | None":
        """Return the key with the `fault` of the gateway's `environment`, in one query.

        A gateway that serves both environments (None) shows the fault of the key's own.
        """
        key = next(iter(self.raw(FOR_GATEWAY, [environment, api_key])), None)
        if key:
            place = environment or key.environment
            key.fault = Fault(environment=place, kind=key.fault_kind, seconds=key.fault_seconds)
        return key

    def issue(
        self, account: Account, created_by: User, *, environment: str, name: str, form_token: uuid.UUID | None = None
    ) -> tuple["ApiKey", NewPair]:
        """Make a key of `account`; the returned pair alone holds its private key.

        Raises:
            AlreadyIssuedError: a key was made from this `form_token` before.
            LimitReachedError: the account has too many keys, or this person made too many within an hour.
        """
        if form_token and self.filter(form_token=form_token).exists():
            raise AlreadyIssuedError
        self._require_room(account, created_by, environment)
        pair = NewPair.generate()
        key = ApiKey(account=account, created_by=created_by, environment=environment, name=name, form_token=form_token)
        key.public_key = pair.public_key
        try:
            with transaction.atomic():
                # Requests of a person, and those for an account, take turns: several at once stay within the limits.
                User.objects.select_for_update(no_key=True).get(pk=created_by.pk)
                Account.objects.select_for_update(no_key=True).get(pk=account.pk)
                self._require_room(account, created_by, environment)
                key.save(force_insert=True)
        except IntegrityError as exc:
            raise AlreadyIssuedError from exc
        return key, pair

    def _require_room(self, account: Account, created_by: User, environment: str) -> None:
        """Raise LimitReachedError where one more key is too many."""
        now = timezone.now()
        if self.filter(created_by=created_by, created_at__gt=now - NEW_KEYS.per).count() >= NEW_KEYS.number:
            raise LimitReachedError(NEW_KEYS)
        if self.filter(account=account, environment=environment).working(now).count() >= WORKING_KEYS.number:
            raise LimitReachedError(WORKING_KEYS)


class ApiKey(models.Model):
    """The public half of a key pair; the private half is never here."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="api_keys")
    environment = models.CharField(max_length=10, choices=Environment)
    name = models.CharField(max_length=NAME_LENGTH)
    api_key = models.CharField(max_length=32, default=new_api_key, editable=False)
    # PEM (SubjectPublicKeyInfo).
    public_key = models.TextField(editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, editable=False)
    last_used_instance = models.UUIDField(null=True, editable=False)
    last_used_name = models.CharField(max_length=NAME_LENGTH, default="", db_default="", editable=False)
    delete_asked_at = models.DateTimeField(null=True, editable=False)
    # The gateway refuses the key from then on; may be in the future.
    deleted_at = models.DateTimeField(null=True, editable=False)
    refused_at = models.DateTimeField(null=True, editable=False)
    refused_instance = models.UUIDField(null=True, editable=False)
    refused_name = models.CharField(max_length=NAME_LENGTH, default="", db_default="", editable=False)
    form_token = models.UUIDField(null=True, editable=False)

    # What `for_gateway` adds.
    fault_kind: str
    fault_seconds: int
    fault: Fault

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["api_key"], name="saas_apikey_api_key_unique"),
            models.UniqueConstraint(fields=["form_token"], name="saas_apikey_one_per_form"),
            models.CheckConstraint(condition=Q(environment__in=Environment.values), name="saas_apikey_environment"),
        ]
        indexes = [models.Index(fields=["created_by", "created_at"], name="saas_apikey_made")]

    def __str__(self) -> str:
        return f"{self.name} ({self.get_environment_display()})"

    @property
    def refused_by(self) -> Caller:
        """The instance that was refused last, after the key was deleted."""
        return Caller(self.refused_instance, self.refused_name)

    def was_used_since(self, moment: datetime) -> bool:
        """Check whether the gateway accepted this key after `moment`."""
        return self.last_used_at is not None and self.last_used_at > moment

    def record(self, event: Literal["last_used", "refused"], now: datetime, caller: Caller = NOBODY) -> None:
        """Record that `caller` used the key, or was refused since it is deleted, at most once a minute.

        An event in between costs no query, and an earlier one never replaces a later one.
        """
        due = now - RECORDED_EVERY
        before = getattr(self, f"{event}_at")
        if before is not None and before > due:
            return
        stale = Q((f"{event}_at__isnull", True)) | Q((f"{event}_at__lte", due))
        values = {f"{event}_at": now, f"{event}_instance": caller.instance_id, f"{event}_name": caller.name}
        ApiKey.objects.filter(stale, pk=self.pk).update(**values)

    def state(self, now: datetime) -> KeyState:
        """Return what the gateway does with the key at `now`."""
        if self.deleted_at is None:
            return KeyState.ACTIVE
        return KeyState.DELETED if self.deleted_at <= now else KeyState.SCHEDULED

    def delete_at(self, now: datetime, delay: timedelta = timedelta()) -> bool:
        """Make the gateway refuse the key once `delay` has passed; it stays listed.

        The earliest request counts, so that nobody prolongs the life of a key that somebody else gave up. Returns False
        if the key will be deleted by then anyway.
        """
        moment = now + delay
        later = Q(deleted_at__isnull=True) | Q(deleted_at__gt=moment + AT_ONCE)
        return ApiKey.objects.filter(later, pk=self.pk).update(deleted_at=moment, delete_asked_at=now) == 1

    def keep(self, now: datetime) -> bool:
        """Take back the deletion that this object knows. Returns False if it took effect or another replaced it."""
        ahead = ApiKey.objects.filter(pk=self.pk, deleted_at=self.deleted_at, deleted_at__gt=now)
        return ahead.update(deleted_at=None, delete_asked_at=None) == 1
