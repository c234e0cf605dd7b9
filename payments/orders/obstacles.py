"""Why the orders of an environment cannot be read, as far as that is known without asking the gateway."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from connector.connection import Connection
from connector.environment import Environment


class Obstacle(models.TextChoices):
    """What is missing before orders can be read."""

    NOT_VERIFIED = "not_verified", _("There is no verified key pair for this environment.")
    NO_DATA_SPACE = "no_data_space", _("No data space is chosen.")
    NO_REPORTS = "no_reports", _("This gateway does not report orders. Look at them in the Admin of the store.")


def find(stored: Connection, environment: Environment) -> Obstacle | None:
    """Return what is missing; None if orders can be read."""
    slot = stored.slots[environment]
    if not slot.is_verified:
        return Obstacle.NOT_VERIFIED
    if not stored.data_space_id:
        return Obstacle.NO_DATA_SPACE
    return None if slot.offers_reports else Obstacle.NO_REPORTS
