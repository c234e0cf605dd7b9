"""The stand-in of Commerce Services."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SaasConfig(AppConfig):
    """My Account, the merchant registry and the gateway."""

    name = "saas"
    verbose_name = _("Commerce Services stand-in")
    default_auto_field = "django.db.models.BigAutoField"
