"""What looks at everything: Dashboard, search and user guide."""

from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class DashboardConfig(AppConfig):
    """Registers the menu: it knows every app."""

    name = "dashboard"

    def ready(self) -> None:
        """Register the menu, the resource that is not in it, and the system checks."""
        from backend.frame import menu
        from backend.people import resources, rules
        from dashboard import checks  # noqa: F401  (they register themselves once they are imported)
        from dashboard.menu import MENU

        menu.register(MENU)
        if settings.STAND_IN:
            my_account, stand_in = _("My Account"), _("Commerce Services stand-in")
            from dashboard.my_account import memberships

            rules.register_holdings(memberships)
            resources.register(my_account, stand_in, _("Fault switch"), permission="saas.change_fault")
