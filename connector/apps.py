"""The connection of one Commerce instance to Commerce Services."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConnectorConfig(AppConfig):
    """Key pairs, SaaS identifier and verification."""

    name = "connector"
    verbose_name = _("Commerce Services Connector")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks."""
        from connector import checks  # noqa: F401, PLC0415  (registers by being imported, once apps are loaded)
