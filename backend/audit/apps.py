"""The action log and the bell."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The action log, and the part of it that concerns the person who is signed in."""

    name = "backend.audit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register what is done to the log itself, and denied pages."""
        from backend.audit import actions

        actions.register(actions.Action, labels=[actions.Refusal])
