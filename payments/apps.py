"""Sales › Payment Services."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PaymentsConfig(AppConfig):
    """The Payment Services page and its permission."""

    name = "payments"
    verbose_name = _("Payment Services")
    default_auto_field = "django.db.models.BigAutoField"
