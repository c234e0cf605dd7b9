"""The two sides of Commerce Services that a key pair can reach."""

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class Environment(models.TextChoices):
    """Which side a key pair reaches; it does not name the kind of installation."""

    SANDBOX = "sandbox", _("Sandbox")
    PRODUCTION = "production", _("Production")

    @property
    def other(self) -> "Environment":
        return Environment.PRODUCTION if self is Environment.SANDBOX else Environment.SANDBOX

    @property
    def badge(self) -> str:
        """What the badge of the environment says, which is also its name in a headline."""
        return gettext("Live") if self is Environment.PRODUCTION else gettext("Sandbox")
