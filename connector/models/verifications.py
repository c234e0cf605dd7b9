"""What verification found of each pair: the last check, and the last definite answer."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models, transaction
from django.db.models import Q

from backend.audit import action_log
from connector.action_log import VERIFIED, Action
from connector.environment import Environment
from connector.gateway.client import DataSpace
from connector.models.key_pairs import KeyPair
from connector.verification.causes import Cause, Kind
from connector.verification.examine import RETRY, Finding

FRESH = timedelta(minutes=5)


class VerificationQuerySet(models.QuerySet["Verification"]):
    """What verification found, as sets."""

    def record(self, finding: Finding, digest: str, stored_digest: str) -> None:
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
            is_verified = row.last_answer == VERIFIED
            action_log.record(
                Action.VERIFIED if is_verified else Action.REJECTED,
                finding.environment,
                before=known,
                after=row.last_answer,
                refusal="" if is_verified else row.last_answer,
            )

    def claim(self, environment: Environment, now: datetime) -> bool:
        """Return whether the caller may refresh `environment` now. In 60 seconds only the first caller may."""
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

    def learn(self, finding: Finding) -> None:
        """Take over what `finding` says."""
        self.checked_at = finding.checked_at
        self.cause = finding.cause or ""
        self.host = finding.host
        self.http_status = finding.status
        self.request_id = finding.request_id[:64]
        self.retry_at = None
        if finding.kind is Kind.UNKNOWN:
            self.retry_at = finding.again_at
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
