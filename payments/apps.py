"""Sales › Payment Services."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PaymentsConfig(AppConfig):
    """The Payment Services pages, the merchants that they know, and the permission."""

    name = "payments"
    verbose_name = _("Payment Services")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register what the log, the bell, exports and the doctor show, and what the switch to Production waits for."""
        from backend.audit import actions, bell
        from connector.configuration import protection
        from connector.doctor import findings
        from connector.exchange import paths
        from payments import doctor, exchange, going_live
        from payments.action_log import EVENTS, FACTS, Action, Refusal
        from payments.permissions import USE_PAYMENTS

        actions.register(Action, events=EVENTS, labels=[Refusal], facts=FACTS)
        bell.register(bell.Place(USE_PAYMENTS, "payments:home", _("Open Payment Services")))
        protection.register_obstacle(going_live.obstacle)
        paths.register(exchange.PATHS)
        findings.register(*doctor.CHECKS)
