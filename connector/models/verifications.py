"""What verification found of each pair: the last check, and the last definite answer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models

from backend.audit import action_log
from connector.action_log import VERIFIED, Action
from connector.environment import Environment
from connector.gateway.client import DataSpace
from connector.models.key_pairs import KeyPair
from connector.verification.advice import Advice
from connector.verification.causes import Cause
from connector.verification.features import is_entitled
from connector.verification.row import Kind

# How long after a definite answer, and after an unknown one, pages ask again by themselves.
FRESH = timedelta(minutes=5)
RETRY = timedelta(seconds=60)
_CHECK = ("checked_at", "code", "host", "http_status", "request_id", "retry_after_s")
_ANSWER = ("data_spaces", "left_out", "features", "offers_onboarding", "offers_reports")
_ACCOUNT = ("mage_id", "organization_name")


@dataclass(frozen=True)
class Account:
    """The Commerce account that a pair belongs to. `is_entitled` is None while its entitlement is not known."""

    mage_id: str
    organization_name: str
    is_entitled: bool | None


class VerificationQuerySet(models.QuerySet["Verification"]):
    """What verification found, as sets."""

    def record(self, environment: Environment, found: "Verification", digest: str, stored_digest: str) -> None:
        """Keep what was `found` of the pair with `digest`, unless the stored pair was replaced meanwhile.

        `stored_digest` is the digest of the row when the verification began. An unknown answer keeps the last definite
        one. Call it inside a transaction.
        """
        pair, _created = KeyPair.objects.current().select_for_update().get_or_create(environment=environment)
        if pair.digest != stored_digest:
            return
        row, _created = self.get_or_create(key_pair=pair)
        if row.digest != digest:
            self.filter(pk=row.pk).delete()
            row = Verification(key_pair=pair, digest=digest)
        known = row.last_answer
        row.learn(found)
        row.save()
        if row.last_answer != known:
            is_verified = row.last_answer == VERIFIED
            action_log.record(
                Action.VERIFIED if is_verified else Action.REJECTED,
                environment,
                before=known,
                after=row.last_answer,
                refusal="" if is_verified else row.last_answer,
            )


class Verification(models.Model):
    """What the gateway said of a pair: at the last check, and in its last definite answer.

    What one check finds is an unsaved row without a pair; `record` copies it into the stored row. An empty code of a
    cause means that the pair was verified.
    """

    key_pair = models.OneToOneField(KeyPair, on_delete=models.CASCADE, related_name="verification")
    digest = models.CharField(max_length=64, blank=True)
    # The last check. There is no HTTP status without a response.
    checked_at = models.DateTimeField(null=True)
    code = models.CharField(max_length=32, choices=Cause.choices, blank=True)
    host = models.CharField(max_length=255, blank=True)
    http_status = models.PositiveSmallIntegerField(null=True)
    request_id = models.CharField(max_length=64, blank=True)
    retry_after_s = models.PositiveSmallIntegerField(null=True)
    # The last definite answer: verified, or rejected for a cause.
    answered_at = models.DateTimeField(null=True)
    answered_code = models.CharField(max_length=32, choices=Cause.choices, blank=True)
    answered_http_status = models.PositiveSmallIntegerField(null=True)
    answered_request_id = models.CharField(max_length=64, blank=True)
    verified_at = models.DateTimeField(null=True)
    mage_id = models.CharField(max_length=64, blank=True)
    organization_name = models.CharField(max_length=255, blank=True)
    data_spaces = models.JSONField(default=list)
    # How many data spaces the registry listed without an id or a project.
    left_out = models.PositiveSmallIntegerField(default=0)
    # Those of the chosen data space; null where they were not read.
    features = models.JSONField(null=True)
    # Whether the gateway is a stand-in that onboards merchants itself.
    offers_onboarding = models.BooleanField(default=False)
    # Whether it is a stand-in that reports the orders of its stores.
    offers_reports = models.BooleanField(default=False)

    objects: ClassVar = VerificationQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.code or "verified"

    def learn(self, found: "Verification") -> None:
        """Take over what a check has found. An account that it does not name stays known."""
        names = [*_CHECK]
        if found.host != self.host:
            # What another gateway offers says nothing about this one.
            self.offers_onboarding = self.offers_reports = False
        if found.kind is not Kind.UNKNOWN:
            names += [*_ANSWER, *(_ACCOUNT if found.mage_id else ())]
            self.answered_at, self.answered_code = found.checked_at, found.code
            self.answered_http_status, self.answered_request_id = found.http_status, found.request_id
            if found.is_verified:
                self.verified_at = found.checked_at
        for name in names:
            setattr(self, name, getattr(found, name))

    @property
    def cause(self) -> Cause | None:
        """Why the last check did not verify the pair; None where it did."""
        return Cause(self.code) if self.code else None

    @property
    def kind(self) -> Kind | None:
        return self.cause.kind if self.cause else None

    @property
    def is_verified(self) -> bool:
        """Whether the last check verified the pair."""
        return self.checked_at is not None and not self.code

    @property
    def answered_cause(self) -> Cause | None:
        """Why the last definite answer was no; None where it was yes."""
        return Cause(self.answered_code) if self.answered_code else None

    @property
    def retry_at(self) -> datetime | None:
        """When the gateway can be asked again after an unknown answer; None after a definite one."""
        if self.checked_at is None or self.kind is not Kind.UNKNOWN:
            return None
        return self.checked_at + max(RETRY, timedelta(seconds=self.retry_after_s or 0))

    def account(self, environment: Environment) -> Account | None:
        """Return the account that the pair's data spaces name, None where none does. `environment` is the pair's."""
        if not self.mage_id:
            return None
        entitled = None if self.features is None else is_entitled(environment, self.features)
        return Account(self.mage_id, self.organization_name, entitled)

    def advice(self, environment: Environment) -> Advice | None:
        """Return what to say about the last check of a pair of `environment`; None where nothing is wrong."""
        if self.cause is None:
            return None
        return Advice(
            cause=self.cause,
            environment=environment,
            host=self.host,
            mage_id=self.mage_id,
            status=self.http_status,
            request_id=self.request_id,
            again_at=self.retry_at,
        )

    @property
    def last_answer(self) -> str:
        """The last definite answer as a code: `verified`, a cause, or empty where there is none."""
        if not self.answered_at:
            return ""
        return self.answered_code or VERIFIED

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
