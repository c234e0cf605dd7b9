"""The framework's command with the rules of All Users. Its own would accept a weak password and log nothing."""

import os
from getpass import getpass
from typing import Any

from django.contrib.auth.management import get_default_username
from django.contrib.auth.management.commands import createsuperuser
from django.core.management import CommandError

from backend.audit.actor import acting_from_shell
from backend.frame import command_input
from backend.people.management.administrator import add_administrator


class Command(createsuperuser.Command):
    """Asks as the framework does, or takes the values of `--no-input`. Nobody can insist on a weak password."""

    def handle(self, *_args: Any, interactive: bool, username: str | None, email: str | None, **options: Any) -> None:
        """Add the person. Raises CommandError that says why not."""
        if not interactive:
            password = os.environ.get("DJANGO_SUPERUSER_PASSWORD", "")
            if not username or not password:
                message = "--no-input needs --username, and the password in DJANGO_SUPERUSER_PASSWORD."
                raise CommandError(message)
            reasons = _add(username, email or "", password, password)
        elif not command_input.is_person_there():
            message = "There is no terminal to ask on. Use --no-input, or people admin NAME --password-file FILE."
            raise CommandError(message)
        else:
            reasons = self._ask(username, email)
        if reasons:
            raise CommandError(" ".join([*reasons, "Nothing was changed."]))
        if options["verbosity"]:
            self.stdout.write("The administrator was added.")

    def _ask(self, username: str | None, email: str | None) -> list[str]:
        """Ask for what is missing, and add the person; return why that was refused."""
        try:
            own = get_default_username()
            hint = f" (leave blank to use '{own}')" if own else ""
            name = input(f"Username{hint}: ") or own if username is None else username
            address = input("Email address: ") if email is None else email
            return _add(name, address, getpass("Password: "), getpass("Password (again): "))
        except (EOFError, KeyboardInterrupt):
            self.stdout.write()
            return ["No answer was given."]


def _add(name: str, email: str, password: str, again: str) -> list[str]:
    sent = {"username": name, "email": email, "password": password, "password_again": again}
    with acting_from_shell():
        return add_administrator(sent, is_own_password=True)
