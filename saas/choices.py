"""What the fields of the stand-in can hold."""

from datetime import timedelta
from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Environment(models.TextChoices):
    """Which side of Commerce Services a key reaches."""

    SANDBOX = "sandbox", _("Sandbox")
    PRODUCTION = "production", _("Production")


class Edition(models.TextChoices):
    """What the account has a license for."""

    ADOBE_COMMERCE = "adobe_commerce", _("Adobe Commerce")
    OPEN_SOURCE = "open_source", _("Magento Open Source")


class Role(models.TextChoices):
    """What a person may do with an account's keys."""

    LICENSE_OWNER = "license_owner", _("License owner")
    SHARED_ACCESS = "shared_access", _("Shared access")


class DataSpaceType(models.TextChoices):
    """The registry's `environmentType`; the values are the ones on the wire."""

    PRODUCTION = "Production", _("Production")
    TESTING = "Testing", _("Testing")


class Delay(models.TextChoices):
    """How long a key works after somebody asked for its deletion."""

    NONE = "now", _("Now")
    DAY = "day", _("In 24 hours")
    WEEK = "week", _("In 7 days")

    @property
    def duration(self) -> timedelta:
        return {Delay.NONE: timedelta(), Delay.DAY: timedelta(hours=24), Delay.WEEK: timedelta(days=7)}[self]


class KeyState(StrEnum):
    """What the gateway does with a key: accept it, accept it until it is deleted, or refuse it."""

    ACTIVE = "active"
    SCHEDULED = "scheduled"
    DELETED = "deleted"


class Onboarding(models.TextChoices):
    """How far a merchant is with PayPal; the values are the ones on the wire."""

    CREATED = "CREATED", _("CREATED: nothing was begun")
    STARTED = "STARTED", _("STARTED: begun and not finished")
    COMPLETED = "COMPLETED", _("COMPLETED: payments can be taken")
    UNVERIFIED = "UNVERIFIED", _("UNVERIFIED: the e-mail address is not confirmed at PayPal")
    REVOKED = "REVOKED", _("REVOKED: the merchant took the consent back at PayPal")


class Experience(models.TextChoices):
    """The two kinds of live payments; *advanced* needs the entitlement of the account."""

    STANDARD = "standard", _("Standard")
    ADVANCED = "advanced", _("Advanced")


class Feed(models.TextChoices):
    """What a store sends; the values are the ones on the wire."""

    ORDERS = "orders", _("Orders")
    STATUSES = "sales_status", _("Order statuses")
    STORES = "stores", _("Stores")


class Unreadable(models.TextChoices):
    """Why a row of a feed could not be read."""

    NO_OBJECT = "no_object", _("It is not an object.")
    NO_ID = "no_id", _("It has no id of 1 to 64 characters.")
    TOO_LARGE = "too_large", _("It is larger than 3 MB.")
