"""The menu: every tile of the sidebar but the Dashboard, its entries, and the permission that each one needs."""

from django.utils.translation import gettext_lazy as _

from backend.audit.permissions import SEE_LOG
from backend.frame.menu import Entry, Item
from backend.people.rules import CHANGE_ROLES, CHANGE_USERS, SEE_ROLES, SEE_USERS
from connector.permissions import CONFIGURE, MANAGE_KEY
from payments.permissions import USE_PAYMENTS

CONNECTOR = _("Commerce Services Connector")

MENU = (
    Item(
        _("Sales"),
        "sales",
        groups=((_("Operations"), (Entry(_("Payment Services"), "payments:home", USE_PAYMENTS),)),),
    ),
    Item(
        _("Stores"),
        "stores",
        groups=(
            (_("Settings"), (Entry(_("Configuration"), "connector:configuration", CONFIGURE, resource=CONNECTOR),)),
        ),
    ),
    Item(
        _("System"),
        "system",
        groups=(
            (_("Services"), (Entry(CONNECTOR, "connector:configuration", CONFIGURE),)),
            (
                _("Permissions"),
                (
                    Entry(_("All Users"), "users", SEE_USERS, further=CHANGE_USERS),
                    Entry(_("User Roles"), "roles", SEE_ROLES, further=CHANGE_ROLES),
                ),
            ),
            (_("Action Logs"), (Entry(_("Report"), "action_logs", SEE_LOG),)),
            (_("Other Settings"), (Entry(_("Manage Encryption Key"), "encryption_key", MANAGE_KEY),)),
        ),
    ),
)
