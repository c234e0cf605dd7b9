"""Users, their roles and their sign-in."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """All Users, User Roles and Account Setting."""

    name = "backend.people"

    def ready(self) -> None:
        """Register what the log says of people, and listen to sign-ins and sign-outs."""
        from backend.audit import actions
        from backend.people import sign_ins  # noqa: F401  (listens by being imported)
        from backend.people.actions import Action, Refusal

        actions.register(Action, reasons=[Refusal])
