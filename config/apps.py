"""The settings as a part of the system that checks itself."""

from django.apps import AppConfig


class SettingsConfig(AppConfig):
    """Where the settings are, and who can read them."""

    name = "config"

    def ready(self) -> None:
        """Register the system checks."""
        from config import checks  # noqa: F401  (registers by being imported)
