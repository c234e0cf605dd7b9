"""The project itself as an app: its commands, checks and shared template tags."""

from importlib import import_module

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Holds quickstart, the Dashboard and the health addresses."""

    name = "config"

    def ready(self) -> None:
        """Listen to sign-ins and sign-outs."""
        import_module("config.sign_ins")
