"""The way back in, from a shell: for the last administrator, after too many tries, and out of every session."""

from argparse import ArgumentParser
from difflib import get_close_matches
from getpass import getpass
from typing import Any, NoReturn

from django.contrib.auth.models import User
from django.core.management import BaseCommand, CommandError
from django.db import transaction

from backend.audit.action_log import facts, record
from backend.audit.actor import acting_from_shell
from backend.frame import command_input
from backend.frame.session import end_sessions
from backend.people import notices
from backend.people.actions import Action
from backend.people.forms import TypedNameForm
from backend.people.management.administrator import add_administrator
from backend.people.models import PasswordState
from backend.people.passwords.new_password import reasons_against
from backend.people.second_factor.removal import remove_from
from backend.people.second_factor.rules import has_factor, is_required
from backend.people.user_form import facts_of

# 0 is done, 1 is refused; argparse ends with 2 where another argument is wrong.
EXIT_UNKNOWN = 2
MAX_PASSWORD_BYTES = 4096


class Command(BaseCommand):
    """Asks to type the name before it does anything, and logs what it did with the system user who ran it."""

    help = (
        "Make somebody an administrator, lift the limits of their sign-in, sign them out everywhere, or remove the "
        "second factor that they have lost. Exits with 0 if that is done, 1 if it was refused, 2 if nobody has that "
        "name or an argument is wrong."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what to do, for whom, and the confirmation where nobody can be asked."""
        actions = parser.add_subparsers(
            dest="action", required=True, metavar="admin|unlock|sign-out|remove-second-factor"
        )
        admin = _action(actions, "admin", "make a person an active administrator; a new name makes a new person")
        admin.add_argument(
            "--password-file",
            metavar="FILE|-",
            help="set the password in this file, or from standard input, where a terminal asks for it",
        )
        unlock = _action(actions, "unlock", "let a person try to sign in again at once")
        sign_out = _action(actions, "sign-out", "end every session of a person")
        remove = _action(actions, "remove-second-factor", "remove the second factor of a person who has lost it")
        for subparser in (admin, unlock, sign_out, remove):
            subparser.add_argument("name", type=_name, metavar="NAME", help="the user name")
            subparser.add_argument("--confirm", metavar="NAME", help="the same name, where nobody can be asked for it")

    def handle(self, *_args: Any, action: str, name: str, confirm: str | None, **options: Any) -> None:
        """Do it. Raises CommandError that says why not, and what to do."""
        person = User.objects.filter(username=name).first()
        place = options.get("password_file") or ""
        if person is None and (action != "admin" or not (place or command_input.is_person_there())):
            way = " A new person needs --password-file." if action == "admin" else ""
            message = f"{_nobody_is_called(name)}{way} Nothing was changed."
            raise CommandError(message, returncode=EXIT_UNKNOWN)
        try:
            with acting_from_shell():
                if person is None:
                    self._make(name, place, confirm)
                elif action == "admin":
                    self._make_administrator(person, place, confirm)
                elif action == "unlock":
                    self._unlock(person, confirm)
                elif action == "sign-out":
                    self._sign_out(person, confirm)
                else:
                    self._remove_second_factor(person, confirm)
        except (EOFError, KeyboardInterrupt):
            self.stdout.write()
            _refuse("No answer was given.")

    def _make(self, name: str, place: str, confirm: str | None) -> None:
        """Add an administrator. Raises CommandError where the name or the password cannot be used."""
        _confirm(name, confirm, f"{_nobody_is_called(name)} This makes a new administrator, who may do everything.")
        password = _password_in(place or "-")
        if reasons := add_administrator({"username": name, "password": password, "password_again": password}):
            _refuse(*reasons)
        self.stdout.write(f"{name} is a new administrator.")

    def _make_administrator(self, person: User, place: str, confirm: str | None) -> None:
        """Make `person` an active administrator, with a new password from `place` if that is not empty."""
        is_administrator = person.is_active and person.is_superuser
        if is_administrator and not place:
            self.stdout.write(
                f"{person} is an active administrator already. For a new password, add --password-file -."
            )
            return
        text = "" if is_administrator else f"This makes {person} an active administrator, who may do everything. "
        _confirm(str(person), confirm, text + (f"This replaces the password of {person}." if place else ""))
        password = _password_in(place) if place else ""
        if place and (reasons := reasons_against(password, person)):
            _refuse(*reasons)
        with transaction.atomic():
            before, was_active = facts_of(person), person.is_active
            person.is_active = person.is_superuser = True
            if password:
                person.set_password(password)
            person.save(update_fields=["is_active", "is_superuser", *(["password"] if password else [])])
            if password:
                PasswordState.objects.given(person)
                notices.send(person, "password_given")
            if password or not was_active:
                end_sessions(person)
            after = facts_of(person, has_new_password=bool(password))
            record(Action.USER_CHANGED, str(person), before=before, after=after)
        kept = "" if password else " They keep their password; for a new one, add --password-file -."
        self.stdout.write(f"{person} is an active administrator.{kept}")

    def _unlock(self, person: User, confirm: str | None) -> None:
        """Begin a new count of the tries of `person`: every process reads it in the action log."""
        _confirm(str(person), confirm, f"This forgets the sign-ins of {person} that failed.")
        record(Action.USER_UNLOCKED, str(person))
        self.stdout.write(
            f"{person} can try to sign in again at once. Only an address that tried too often has to wait, a minute at "
            "most."
        )
        if not person.is_active:
            self.stdout.write(
                f"{person} is not active, and so cannot sign in: run people admin {person}, or use All Users."
            )

    def _sign_out(self, person: User, confirm: str | None) -> None:
        """End every session of `person`."""
        _confirm(str(person), confirm, f"This signs {person} out everywhere.")
        with transaction.atomic():
            count = end_sessions(person)
            record(Action.SESSIONS_ENDED, str(person), before=facts(sessions=count))
        self.stdout.write(
            f"{person} is signed out everywhere; sessions ended: {count}. Somebody who knows the password can sign in "
            "again."
        )

    def _remove_second_factor(self, person: User, confirm: str | None) -> None:
        """Remove every second factor of `person`, and sign them out."""
        if not has_factor(person):
            self.stdout.write(f"{person} has no second factor.")
            return
        _confirm(str(person), confirm, f"This removes the second factor of {person}, and signs them out everywhere.")
        remove_from(person)
        after = "sets up a new one at the next sign-in" if is_required(person) else "signs in with the password alone"
        self.stdout.write(f"{person} has no second factor any more, and {after}.")


def _name(text: str) -> str:
    """Return an argument in letters that a database can look for: a shell may give bytes that are not UTF-8."""
    return text.encode(errors="replace").decode()


def _action(actions: Any, name: str, text: str) -> ArgumentParser:
    """Return the parser of an action, which `--help` describes in both places."""
    parser: ArgumentParser = actions.add_parser(name, help=text, description=text)
    return parser


def _nobody_is_called(name: str) -> str:
    """Return that nobody has this name, and who has a similar one."""
    names = {known.lower(): known for known in User.objects.values_list("username", flat=True)}
    similar = ", ".join(names[known] for known in get_close_matches(name.lower(), names))
    return f"Nobody is called {name}." + (f" Similar names: {similar}." if similar else "")


def _refuse(*reasons: str) -> NoReturn:
    message = " ".join([*reasons, "Nothing was changed."])
    raise CommandError(message)


def _confirm(name: str, typed: str | None, text: str) -> None:
    """Ask to type `name`, as the dialog of a page does, unless `typed` was given with the command."""
    if typed is None and not command_input.is_person_there():
        _refuse(text.strip(), f"If you mean that, add --confirm {name}.")
    typed = input(f"{text.strip()}\nType {name} to confirm: ") if typed is None else typed
    form = TypedNameForm({"confirm_name": typed}, name=name, label="")
    if not form.is_valid():
        _refuse(*form.errors["confirm_name"])


def _password_in(place: str) -> str:
    """Return the password in the file `place`; for `-` ask for it twice, or read standard input without a terminal."""
    if place == "-" and command_input.is_person_there():
        password = getpass("New password: ")
        if getpass("The same again: ") != password:
            _refuse("The two passwords differ.")
        return password
    try:
        content = command_input.read(place, MAX_PASSWORD_BYTES + 1)
        password = content.decode("utf-8-sig").rstrip("\r\n")
    except OSError as error:
        _refuse(f"The password cannot be read: {error.strerror}.")
    except UnicodeDecodeError:
        _refuse("The password is not UTF-8 text.")
    if not password or len(content) > MAX_PASSWORD_BYTES:
        _refuse("The file of the password is empty, or longer than 4 kB.")
    return password
