"""The framework's command, with all that follows when somebody else sets a password."""

import getpass
from typing import Any

from django.contrib.auth.management.commands import changepassword
from django.contrib.auth.models import User
from django.db import transaction

from backend.audit.action_log import record
from backend.audit.actor import acting_from_shell
from backend.frame.session import end_sessions
from backend.people import notices
from backend.people.actions import Action
from backend.people.models import PasswordState
from backend.people.user_form import facts_of


class Command(changepassword.Command):
    """Also logs it, ends the sessions of the person, and makes them choose another password at the next sign-in."""

    def handle(self, *args: Any, **options: Any) -> str | None:
        """Set the password. Raises CommandError if it was refused."""
        name = options["username"] or getpass.getuser()
        options["username"] = name
        said = super().handle(*args, **options)
        person = User.objects.get(username=name)
        with acting_from_shell(), transaction.atomic():
            PasswordState.objects.given(person)
            notices.send(person, "password_given")
            end_sessions(person)
            before, after = facts_of(person), facts_of(person, has_new_password=True)
            record(Action.USER_CHANGED, name, before=before, after=after)
        return said
