"""What the action log says of Payment Services."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Action(models.TextChoices):
    """What was done, or read."""

    ONBOARDING_BEGUN = "onboarding_begun", _("Onboarding begun")
    ONBOARDING_CHANGED = "onboarding_changed", _("Onboarding status changed")
    MERCHANT_RESET = "merchant_reset", _("Payment Services ID reset")


class Refusal(models.TextChoices):
    """Why something was refused, where that is none of the causes."""

    NOT_OFFERED = "not_offered", _("The gateway does not offer it")
    NOT_ENTITLED = "not_entitled", _("The account is not entitled to advanced live payments")
    NOT_ONBOARDED = "not_onboarded", _("Live onboarding is not completed")
