"""Going live: the switch to Production waits for live onboarding."""

from django.utils.translation import gettext as _

from connector.configuration.protection import Obstacle
from connector.connection import Connection
from connector.environment import Environment
from payments import onboarding
from payments.action_log import Refusal


def obstacle(target: Environment, stored: Connection) -> Obstacle | None:
    """Return why the switch to Production has to wait, None without a reason. An unknown status only warns."""
    if target is not Environment.PRODUCTION:
        return None
    stage = onboarding.load(stored)[target]
    if stage.merchant.is_completed:
        return None
    if stage.merchant.read_at is None:
        return Obstacle(_("It is not known whether live onboarding is completed. Without it, no payment arrives."))
    text = _(
        "Live onboarding is not completed (%(status)s), so no real payment could be taken. Nothing was switched: "
        "complete it in Sales › Payment Services first."
    )
    return Obstacle(text % {"status": stage.label}, Refusal.NOT_ONBOARDED)
