"""API keys: the public halves of key pairs."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from saas.caller import NOBODY, RECORDED_EVERY, Caller
from saas.choices import NAME_LENGTH, Environment, KeyState
from saas.errors import AlreadyIssuedError
from saas.ids import new_api_key
from saas.key_pairs import NewPair
from saas.models.accounts import Account
from saas.models.faults import Fault

# Every request to the gateway needs this, and the ORM would take eight times as long, nearly all of it to compile.
FOR_GATEWAY = """
    SELECT key.*, COALESCE(fault.kind, 'none') AS fault_kind, COALESCE(fault.seconds, 0) AS fault_seconds
    FROM saas_apikey AS key
    LEFT JOIN saas_fault AS fault ON fault.environment = COALESCE(%s, key.environment)
    WHERE key.api_key = %s
"""


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """API keys, listed for people and found for the gateway."""

    def listed(self) -> "ApiKeyQuerySet":
        """Return the keys as the API Portal shows them: newest first, with who made them."""
        return self.select_related("created_by").order_by("-created_at", "pk")

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
        """Make a key of `account`; the returned pair is the only place where its private key ever is.

        Raises:
            AlreadyIssuedError: a key was made from this `form_token` before.
        """
        if form_token and self.filter(form_token=form_token).exists():
            raise AlreadyIssuedError
        pair = NewPair.generate()
        key = ApiKey(account=account, created_by=created_by, environment=environment, name=name, form_token=form_token)
        key.public_key = pair.public_key
        try:
            with transaction.atomic():
                key.save(force_insert=True)
        except IntegrityError as exc:
            raise AlreadyIssuedError from exc
        return key, pair


class ApiKey(models.Model):
    """The public half of a key pair; the private half is never here."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="api_keys")
    environment = models.CharField(max_length=10, choices=Environment)
    name = models.CharField(max_length=NAME_LENGTH)
    api_key = models.CharField(max_length=32, default=new_api_key, editable=False)
    public_key = models.TextField(editable=False, help_text=_("The RSA public key as PEM (SubjectPublicKeyInfo)."))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, editable=False)
    last_used_instance = models.UUIDField(null=True, editable=False)
    last_used_name = models.CharField(max_length=NAME_LENGTH, default="", db_default="", editable=False)
    delete_asked_at = models.DateTimeField(null=True, editable=False)
    # From then on the gateway refuses the key; it may lie ahead.
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
        """Rules that the database keeps; who may do what hangs on the role in the account."""

        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["api_key"], name="saas_apikey_api_key_unique"),
            models.UniqueConstraint(fields=["form_token"], name="saas_apikey_one_per_form"),
            models.CheckConstraint(condition=Q(environment__in=Environment.values), name="saas_apikey_environment"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.get_environment_display()})"

    def was_used_since(self, moment: datetime) -> bool:
        """Tell whether the gateway accepted this key after `moment`."""
        return self.last_used_at is not None and self.last_used_at > moment

    def record_use(self, now: datetime, caller: Caller = NOBODY) -> None:
        """Remember that `caller` used the key; costs no query where that was written under a minute ago."""
        self._record("last_used", now, caller)

    def record_refusal(self, now: datetime, caller: Caller = NOBODY) -> None:
        """Remember that `caller` still used the deleted key; costs no query where that was written lately."""
        self._record("refused", now, caller)

    def _record(self, event: str, now: datetime, caller: Caller) -> None:
        """Write moment and caller of `event`, at most once a minute and never an earlier one over a later one."""
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

    @property
    def was_used_since_asked(self) -> bool:
        """Whether somebody used the key after its deletion was asked for."""
        return self.delete_asked_at is not None and self.was_used_since(self.delete_asked_at)

    def delete_at(self, now: datetime, delay: timedelta = timedelta()) -> bool:
        """Have the gateway refuse the key from `delay` after `now` on; it stays listed.

        Of several wishes the earliest counts, whoever comes first, so that nobody prolongs the life of a key that
        somebody else gave up. Returns False where the key is deleted, or is to be by then, without this one.
        """
        wished = now + delay
        later = Q(deleted_at__isnull=True) | Q(deleted_at__gt=wished)
        return ApiKey.objects.filter(later, pk=self.pk).update(deleted_at=wished, delete_asked_at=now) == 1

    def keep(self, now: datetime) -> bool:
        """Take back the deletion that this object knows. Returns False where it took effect or was replaced."""
        ahead = ApiKey.objects.filter(pk=self.pk, deleted_at=self.deleted_at, deleted_at__gt=now)
        return ahead.update(deleted_at=None, delete_asked_at=None) == 1
