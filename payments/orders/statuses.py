"""The statuses of an order's payment, refund and dispute, as the report shows them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PayStatus(models.TextChoices):
    """How far the payment of an order is. An order without any payment has none."""

    AUTHORIZED = "authorized", _("Authorized")
    CAPTURE_REQUESTED = "capture_requested", _("Capture requested")
    CAPTURE_CONFIRMED = "capture_confirmed", _("Capture confirmed")
    PARTIAL_CAPTURE = "partial_capture", _("Partial capture")
    CAPTURE_FAILED = "capture_failed", _("Capture failed")
    VOIDED = "voided", _("Voided")


# What the filter and the chart call orders without a pay status. Canceled ones that were never paid are among them.
NO_PAYMENT = _("No payment")


class RefundStatus(models.TextChoices):
    """How far a refund is. Most orders have none."""

    REQUIRES_REFUND = "requires_refund", _("Requires refund")
    REFUND_REQUESTED = "refund_requested", _("Refund requested")
    REFUNDED = "refunded", _("Refunded")
    REFUND_FAILED = "refund_failed", _("Refund failed")
    VOIDED = "voided", _("Voided")


class Dispute(models.TextChoices):
    """How far a dispute about an order is. Most orders have none."""

    OPEN = "open", _("Open")
    WAITING_FOR_BUYER = "waiting_for_buyer", _("Waiting for buyer response")
    WAITING_FOR_SELLER = "waiting_for_seller", _("Waiting for seller response")
    UNDER_REVIEW = "under_review", _("Under review")
    RESOLVED = "resolved", _("Resolved")
    OTHER = "other", _("Other")


class Extent(models.TextChoices):
    """How much of an order was invoiced or shipped."""

    NO = "no", _("No")
    PARTIAL = "partial", _("Partial")
    YES = "yes", _("Yes")
