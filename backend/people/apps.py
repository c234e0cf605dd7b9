"""Users, their roles and their sign-in."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """All Users, User Roles and Account Setting."""

    name = "backend.people"

    def ready(self) -> None:
        """Register the actions of the log, and listen to sign-ins and sign-outs."""
        from backend.audit import actions

        # They listen once they are imported.
        from backend.people import known_devices, reauthentication, required_steps, sessions, sign_in_log  # noqa: F401
        from backend.people.actions import FACTS, Action, Factor, Refusal, SignedInWith

        actions.register(Action, labels=[Refusal, Factor, SignedInWith], facts=FACTS)
