"""Sales › Payment Services."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PaymentsConfig(AppConfig):
    """The Payment Services page and its permission."""

    name = "payments"
    verbose_name = _("Payment Services")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Show the bell to people who use Payment Services."""
        from backend.audit import bell
        from payments.permissions import USE_PAYMENTS

        bell.register(USE_PAYMENTS)
