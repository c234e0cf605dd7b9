"""What is stored of the connection: the instance, its key pairs and what verification found."""

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Self
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.audit import action_log
from backend.audit.action_log import facts
from connector.action_log import VERIFIED, Action
from connector.environment import Environment
from connector.gateway.client import Credentials, DataSpace
from connector.identifier import Identifier
from connector.keys import keyring
from connector.turns import Turn  # noqa: F401  (the framework finds every model from here)
from connector.verification.causes import Cause, Kind
from connector.verification.finding import RETRY

if TYPE_CHECKING:
    from connector.verification.finding import Finding

FRESH = timedelta(minutes=5)
# How long a former pair or identifier can be restored.
RESTORABLE = timedelta(days=30)


class InstanceQuerySet(models.QuerySet["Instance"]):
    """Ways to the one row."""

    def current(self) -> "Instance":
        """Return this installation's row, making it with a new instance id the first time."""
        return self.first() or self.get_or_create(pk=1)[0]

    def expired(self, now: datetime) -> "InstanceQuerySet":
        """Return the instance where the time to restore its former identifier is over."""
        return self.filter(identifier_replaced_at__lte=now - RESTORABLE)

    def advance(self, revision: int, **values: object) -> bool:
        """Set `values` if nobody saved since `revision` was read; tell whether that was so."""
        return bool(self.filter(pk=1, revision=revision).update(revision=F("revision") + 1, **values))


class Instance(models.Model):
    """One Commerce installation: its id, active environment and SaaS identifier. There is one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    instance_id = models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
    active_environment = models.CharField(
        max_length=10, choices=Environment.choices, default=Environment.SANDBOX, db_default=Environment.SANDBOX
    )
    project_id = models.CharField(max_length=64, blank=True)
    project_name = models.CharField(max_length=255, blank=True)
    data_space_id = models.CharField(max_length=64, blank=True)
    data_space_name = models.CharField(max_length=255, blank=True)
    data_space_type = models.CharField(max_length=64, blank=True)
    # The identifier that another one took the place of, as `change.Identifier` has it, and when that was.
    former_identifier = models.JSONField(null=True)
    identifier_replaced_at = models.DateTimeField(null=True)
    # What this instance is called to Commerce Services; empty stands for the host of the first address.
    name = models.CharField(max_length=255, blank=True)
    # The addresses it is served at, as scheme://host[:port]; the first is the one that it was connected from.
    served_at = models.JSONField(default=list, blank=True)
    revision = models.PositiveIntegerField(default=1)
    # Counts changes of names: what began to be read before the last one may hold old names.
    renames = models.PositiveIntegerField(default=0)

    objects: ClassVar = InstanceQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        permissions = [
            ("configure_connector", _("Configure the Commerce Services Connector")),
            ("manage_encryption_key", _("Manage the encryption key")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="connector_instance_is_single"),
            models.CheckConstraint(
                condition=Q(data_space_id="") | ~Q(project_id=""), name="connector_instance_data_space_has_project"
            ),
        ]

    def __str__(self) -> str:
        return str(self.instance_id)

    @property
    def identifier(self) -> Identifier:
        """The project and data space that are stored."""
        return Identifier(**{name: getattr(self, name) for name in Identifier.__dataclass_fields__})

    def choosing(self, new: Identifier, now: datetime) -> dict[str, object]:
        """Return what to set so that `new` takes the place of the identifier, which becomes the former one.

        One without a data space holds nothing that could be missed: it leaves the former one as it is.
        """
        before, former = self.identifier, self.former_identifier or {}
        if before.data_space_id and before.ids != new.ids:
            return {**vars(new), "former_identifier": vars(before), "identifier_replaced_at": now}
        if former and new.ids == Identifier(**former).ids:
            return {**vars(new), "former_identifier": None, "identifier_replaced_at": None}
        return vars(new)

    @property
    def shown_name(self) -> str:
        """What this instance is called: the name that a person gave it, else its host; empty before it is connected."""
        return self.name or (urlsplit(self.served_at[0]).netloc if self.served_at else "")


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

    def with_verification(self) -> Self:
        """Read each pair with what is known of it and who set it, in one query."""
        return self.select_related("verification", "set_by")

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
        pair.fingerprint = credentials.private_key.fingerprint
        pair.api_key = pair.seal("api_key", credentials.api_key)
        pair.private_key = pair.seal("private_key", credentials.private_key.pem)
        pair.save(force_insert=True)

    def retire(self, environment: Environment, now: datetime) -> None:
        """Make the pair in use the former one, which takes the place of the former one before it.

        It stays encrypted as it is, so one that does not open now can be restored when its key is back. Its findings
        are forgotten, except whether it ever worked: restoring verifies it again. A pair that never worked is not kept
        in place of one that did, and one whose key was deleted is not kept at all. Call it as `store`.
        """
        self.lock()
        pair = self.current().filter(environment=environment).first()
        if pair is None:
            return
        if not pair.is_stored:
            pair.delete()
            return
        known = Verification.objects.filter(key_pair=pair).first()
        has_worked = bool(known and known.verified_at)
        is_deleted = bool(known and known.digest == pair.digest and known.answered_cause == Cause.KEY_REVOKED)
        former = self.former().filter(environment=environment).first()
        if is_deleted or (former and former.has_worked and not has_worked):
            pair.delete()
            return
        if former:
            former.delete()
            action_log.record(Action.FORMER_KEYS_ERASED, environment, before=facts(fingerprint=former.fingerprint))
        Verification.objects.filter(key_pair=pair).delete()
        self.filter(pk=pair.pk).update(replaced_at=now, has_worked=has_worked)


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

    def context(self, column: str) -> str:
        """Return the associated data that ties a value of `column` to its table, column and row."""
        return f"connector_keypair|{column}|{self.environment}|{self.pk}"

    def seal(self, column: str, plain: str) -> str:
        """Return `plain` encrypted for one column of this row."""
        return keyring.default().encrypt(plain, associated_data=self.context(column))

    def open(self, column: str) -> str:
        """Return the plain text of `column`. Raises UndecryptableError."""
        return keyring.default().decrypt(getattr(self, column), associated_data=self.context(column))


class VerificationQuerySet(models.QuerySet["Verification"]):
    """What verification found, as sets."""

    def record(self, finding: "Finding", digest: str, stored_digest: str) -> None:
        """Keep `finding` about the pair with `digest`, unless the stored pair was replaced meanwhile.

        `stored_digest` is the digest of the row when the verification began. A finding of kind unknown keeps the last
        definite answer. Call it inside a transaction.
        """
        pair, _created = KeyPair.objects.current().select_for_update().get_or_create(environment=finding.environment)
        if pair.digest != stored_digest:
            return
        row, _created = self.get_or_create(key_pair=pair)
        if row.digest != digest:
            self.filter(pk=row.pk).delete()
            row = Verification(key_pair=pair, digest=digest, claimed_at=row.claimed_at)
        known = row.last_answer
        row.learn(finding)
        # Who may ask next is decided without this row's lock.
        learnt = {field.name for field in Verification._meta.concrete_fields} - {"id", "claimed_at"}  # noqa: SLF001  (documented)
        row.save(update_fields=learnt if row.pk else None)
        if row.last_answer != known:
            _log_answer(finding.environment, known, row.last_answer)

    def claim(self, environment: Environment, now: datetime) -> bool:
        """Tell whether the caller is the one who may refresh `environment` now; at most one in 60 seconds is."""
        with transaction.atomic():
            pair, _created = KeyPair.objects.current().select_for_update().get_or_create(environment=environment)
            self.get_or_create(key_pair=pair)
        free = Q(claimed_at=None) | Q(claimed_at__lte=now - RETRY) | Q(claimed_at__gt=now + RETRY)
        return bool(self.filter(free, key_pair=pair).update(claimed_at=now))


class Verification(models.Model):
    """What the gateway said of a pair: at the last check, and in its last definite answer."""

    key_pair = models.OneToOneField(KeyPair, on_delete=models.CASCADE, related_name="verification")
    digest = models.CharField(max_length=64, blank=True)
    claimed_at = models.DateTimeField(null=True)
    # The last check. An empty cause means that the pair was verified.
    checked_at = models.DateTimeField(null=True)
    cause = models.CharField(max_length=32, choices=Cause.choices, blank=True)
    host = models.CharField(max_length=255, blank=True)
    http_status = models.PositiveSmallIntegerField(null=True)
    request_id = models.CharField(max_length=64, blank=True)
    retry_at = models.DateTimeField(null=True)
    # The last definite answer: verified, or rejected for a cause.
    answered_at = models.DateTimeField(null=True)
    answered_cause = models.CharField(max_length=32, choices=Cause.choices, blank=True)
    answered_http_status = models.PositiveSmallIntegerField(null=True)
    answered_request_id = models.CharField(max_length=64, blank=True)
    verified_at = models.DateTimeField(null=True)
    mage_id = models.CharField(max_length=64, blank=True)
    organization_name = models.CharField(max_length=255, blank=True)
    data_spaces = models.JSONField(default=list)
    # How many data spaces the registry listed without an id or a project.
    left_out = models.PositiveSmallIntegerField(default=0)
    features = models.JSONField(null=True)
    onboarding_status = models.CharField(max_length=32, blank=True)

    objects: ClassVar = VerificationQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.cause or "verified"

    def learn(self, finding: "Finding") -> None:
        """Take over what `finding` says."""
        self.checked_at = finding.checked_at
        self.cause = finding.cause or ""
        self.host = finding.host
        self.http_status = finding.status
        self.request_id = finding.request_id[:64]
        self.retry_at = None
        if finding.kind is Kind.UNKNOWN:
            self.retry_at = finding.checked_at + max(RETRY, timedelta(seconds=finding.retry_after_s or 0))
            return
        self.answered_at = finding.checked_at
        self.answered_cause = finding.cause or ""
        self.answered_http_status, self.answered_request_id = self.http_status, self.request_id
        if finding.cause is None:
            self.verified_at = finding.checked_at
        if finding.account:
            self.mage_id = finding.account.mage_id
            self.organization_name = finding.account.organization_name
        self.data_spaces = [space.to_json() for space in finding.data_spaces]
        self.left_out = finding.left_out
        self.features = None if finding.features is None else list(finding.features)
        self.onboarding_status = finding.onboarding_status[:32]

    @property
    def last_answer(self) -> str:
        """The last definite answer as a code: `verified`, a cause, or empty where there is none."""
        if not self.answered_at:
            return ""
        return self.answered_cause or VERIFIED

    def known_data_spaces(self) -> tuple[DataSpace, ...]:
        """Return the data spaces of the account as last read."""
        return tuple(DataSpace.from_json(row) for row in self.data_spaces)

    def again_at(self, host: str) -> datetime | None:
        """Return when pages ask the gateway at `host` again by themselves; None means now.

        After an unknown answer that is the end of its pause, unless another gateway asked for it.
        """
        if self.checked_at is None:
            return None
        if self.retry_at is None:
            return self.checked_at + FRESH
        return self.retry_at if host == self.host else None

    def is_due(self, now: datetime, host: str) -> bool:
        """Whether it is time to ask the gateway at `host` again; also after the clock was set back."""
        again_at = self.again_at(host)
        return again_at is None or self.checked_at is None or self.checked_at > now or now >= again_at


def _log_answer(environment: Environment, before: str, after: str) -> None:
    """Log that the definite answer about a pair changed."""
    if after == VERIFIED:
        action_log.record(Action.VERIFIED, environment, before=before, after=after)
    else:
        action_log.record(Action.REJECTED, environment, before=before, after=after, refusal=after)
