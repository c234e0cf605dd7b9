"""What the action log says of Payment Services."""

from collections.abc import Mapping

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backend.audit.actions import Event, Severity


class Action(models.TextChoices):
    """What was done, or read."""

    ONBOARDING_BEGUN = "onboarding_begun", _("Onboarding begun")
    ONBOARDING_CHANGED = "onboarding_changed", _("Onboarding status changed")
    ONBOARDING_COMPLETED = "onboarding_completed", _("Onboarding completed")
    CONSENT_REVOKED = "consent_revoked", _("Consent taken back at PayPal")
    MERCHANT_RESET = "merchant_reset", _("Payment Services ID reset")
    ORDERS_EXPORTED = "orders_exported", _("Orders exported")


# The filters of an export, as its row names them.
FACTS: Mapping[str, Promise] = {
    "order_id": _("Order ID"),
    "min_amount": _("Min Order Amount"),
    "max_amount": _("Max Order Amount"),
    "store_view": _("Store View"),
    "pay_status": _("Pay Status"),
    "refund_status": _("Refund Status"),
    "dispute": _("Disputes"),
}


PLACE = ("payments:home", _("Open Payment Services"))
# What the bell shows.
EVENTS: Mapping[str, Event] = {
    Action.CONSENT_REVOKED: Event(
        Severity.ERROR,
        _("The consent for %(subject)s was taken back at PayPal: orders cannot be processed."),
        "onboarding-{subject}",
        (Action.ONBOARDING_CHANGED, Action.ONBOARDING_COMPLETED, Action.MERCHANT_RESET),
        *PLACE,
    ),
    Action.MERCHANT_RESET: Event(
        Severity.WARNING,
        _("The Payment Services ID for %(subject)s was reset: payments stop until somebody onboards again."),
        "onboarding-{subject}",
        # On a gateway that is no stand-in, onboarding begins elsewhere.
        (Action.ONBOARDING_BEGUN, Action.ONBOARDING_COMPLETED),
        *PLACE,
    ),
}


class Refusal(models.TextChoices):
    """Why something was refused, where that is none of the causes."""

    NOT_OFFERED = "not_offered", _("The gateway does not offer it")
    NOT_ENTITLED = "not_entitled", _("The account is not entitled to advanced live payments")
    NOT_ONBOARDED = "not_onboarded", _("Live onboarding is not completed")
