"""The countries that a merchant can be in. Source: PayPal's list of countries for onboarding sellers."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Country(models.TextChoices):
    """ISO 3166-1 codes of two letters, with the names that people read."""

    AUSTRALIA = "AU", _("Australia")
    AUSTRIA = "AT", _("Austria")
    BELGIUM = "BE", _("Belgium")
    CANADA = "CA", _("Canada")
    FRANCE = "FR", _("France")
    GERMANY = "DE", _("Germany")
    IRELAND = "IE", _("Ireland")
    ITALY = "IT", _("Italy")
    NETHERLANDS = "NL", _("Netherlands")
    PORTUGAL = "PT", _("Portugal")
    SPAIN = "ES", _("Spain")
    UNITED_KINGDOM = "GB", _("United Kingdom")
    UNITED_STATES = "US", _("United States")
