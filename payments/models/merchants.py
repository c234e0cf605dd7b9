"""The merchants of Payment Services as they were last read, and the permission to use it."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backend.audit import action_log
from connector.environment import Environment
from connector.gateway.payments import Onboarding
from connector.models import FRESH
from connector.models.verifications import RETRY
from connector.verification.causes import Cause
from payments.action_log import Action
from payments.statuses import COMPLETED

# The status may change any moment while somebody is busy at PayPal.
PENDING = timedelta(seconds=60)
_READ = ("status", "merchant_id", "paypal_account_id", "experience", "country")
# How the log calls a change to each status; every other one is a change like any other.
_ACTIONS = {COMPLETED: Action.ONBOARDING_COMPLETED, "REVOKED": Action.CONSENT_REVOKED}


# The type checker knows one `MerchantQuerySet` only: that of the stand-in.
class StoredMerchantQuerySet(models.QuerySet["Merchant"]):
    """Merchants, one for each data space and environment."""

    def record(self, space_id: str, environment: Environment, found: Onboarding, now: datetime) -> "Merchant":
        """Store what the gateway said of a merchant at `now`, and log it if the status changed.

        Call it inside a transaction.
        """
        merchant, _is_new = self.select_for_update().get_or_create(data_space_id=space_id, environment=environment)
        before = merchant.status
        for name in _READ:
            setattr(merchant, name, getattr(found, name))
        merchant.read_at = merchant.checked_at = now
        merchant.failed_code = ""
        if before != found.status:
            merchant.since = now
            merchant.dismissed_by = []
            action = _ACTIONS.get(found.status, Action.ONBOARDING_CHANGED)
            action_log.record(action, environment, before=before, after=found.status)
        merchant.save()
        return merchant

    def dismiss(self, pk: int, user_id: Any) -> None:
        """Note that this person needs no notice any more of a consent that was taken back."""
        with transaction.atomic():
            merchant = self.select_for_update().filter(pk=pk, status="REVOKED").first()
            if merchant and user_id not in merchant.dismissed_by:
                merchant.dismissed_by = [*merchant.dismissed_by, user_id]
                merchant.save(update_fields=["dismissed_by"])

    def fail(self, space_id: str, environment: Environment, cause: Cause, now: datetime) -> None:
        """Store that the gateway could not be asked at `now`. The last answer stays."""
        values = {"checked_at": now, "failed_code": cause}
        self.update_or_create(data_space_id=space_id, environment=environment, defaults=values)


class Merchant(models.Model):
    """The merchant of one data space in one environment, as it was last read. `read_at` is None before that.

    `checked_at` is when it was last asked about. `failed_code` is the cause if there was no answer then.
    """

    data_space_id = models.CharField(max_length=64)
    environment = models.CharField(max_length=10, choices=Environment.choices)
    merchant_id = models.CharField(max_length=64, blank=True)
    status = models.CharField(max_length=32, blank=True)
    # When the status was first read.
    since = models.DateTimeField(null=True)
    experience = models.CharField(max_length=16, blank=True)
    country = models.CharField(max_length=2, blank=True)
    paypal_account_id = models.CharField(max_length=64, blank=True)
    # The keys of the people who hid the notice of a revoked consent. A change of status clears them.
    # A table of their own would cost every page a query.
    dismissed_by = models.JSONField(default=list)
    read_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    failed_code = models.CharField(max_length=32, choices=Cause.choices, blank=True)

    objects: ClassVar = StoredMerchantQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        permissions = [("use_payment_services", _("Use Payment Services"))]
        constraints = [
            models.UniqueConstraint(fields=["data_space_id", "environment"], name="payments_merchant_unique"),
            models.CheckConstraint(
                condition=Q(environment__in=Environment.values), name="payments_merchant_environment"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.environment} {self.merchant_id} {self.status}"

    @property
    def is_completed(self) -> bool:
        """Whether payments can be taken, as far as this was last read."""
        return self.status == COMPLETED

    def is_due(self, now: datetime) -> bool:
        """Whether a page asks about it again by itself; also after the clock was set back."""
        if self.checked_at is None or self.checked_at > now:
            return True
        is_pending = bool(self.merchant_id) and self.status in {"CREATED", "STARTED"}
        pause = RETRY if self.failed_code else PENDING if is_pending else FRESH
        return now >= self.checked_at + pause
