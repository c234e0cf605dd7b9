"""`connector import`: take over a configuration, of `connector export` or of a store."""

from argparse import ArgumentParser
from typing import Any

from django.utils import timezone

from backend.frame import command_input
from backend.frame.leaks import without_keys
from connector import connection
from connector.command_line import saving
from connector.command_line.arguments import add_confirm
from connector.command_line.console import Console, ExitCode, answer_for
from connector.configuration import verify_now
from connector.configuration.plan import SavePlan
from connector.connection import Connection
from connector.errors import RefusedError
from connector.exchange import importing, paths, reading
from connector.exchange.importing import Import
from connector.exchange.reading import File, UnusableFileError

HELP = "import what connector export or bin/magento config:show printed; without --yes, only show what would change"
_MOST_NAMES, _LONGEST_NAME = 20, 100


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", help="a file, or - for standard input")
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--dry-run", action="store_true", help="only show what would change, and what it costs")
    choice.add_argument("--yes", action="store_true", help="import it")
    parser.add_argument("--insist", action="store_true", help="replace a verified pair even by one that is not")
    add_confirm(parser)


def run(console: Console, options: dict[str, Any]) -> ExitCode:
    file = reading.read(_bytes(console, options["file"]))
    stored = connection.load()
    found = _prepared(console, stored, file, options)
    if options["yes"] and found.plan.changes_identifier:
        stored = _verified(console, found.plan)
        found = _prepared(console, stored, file, options)
    _print(console, found, file)
    if not paths.known() & file.values.keys():
        console.warn("Nothing was imported: no line of the file has a path that is known here.")
        return ExitCode.REFUSED
    if found.plan.is_empty:
        console.print("Everything that can be imported is here already, so nothing was changed.")
        return ExitCode.DONE
    saving.require_allowed(found.plan)
    if options["yes"]:
        return saving.save_plan(console, found.plan)
    _preview(console, found.plan)
    if options["dry_run"]:
        return ExitCode.DONE
    console.warn("Nothing was imported. To do it, repeat the command with --yes.")
    return ExitCode.REFUSED


def _bytes(console: Console, name: str) -> bytes:
    """Return the beginning of the file, long enough to show whether it is too long. Raises UnusableFileError."""
    if name == "-" and command_input.is_person_there():
        console.warn("Paste the lines, then press Ctrl+D.")
    try:
        return command_input.read(name, reading.MAX_BYTES + 1)
    except OSError as error:
        message = f"Nothing was imported: {name} cannot be read: {error.strerror}."
        raise UnusableFileError(message) from None


def _prepared(console: Console, stored: Connection, file: File, options: dict[str, Any]) -> Import:
    """Return what would be imported. Raises UnusableFileError, after a line for each path that cannot be."""
    try:
        return importing.prepare(stored, file, insists=options["insist"])
    except UnusableFileError as error:
        for name, text in error.texts.items():
            console.warn(f"{name}: {text}")
        raise


def _verified(console: Console, plan: SavePlan) -> Connection:
    """Return the connection once the projects of the account were read again, where a stored pair can do that."""
    saving.require_allowed(plan)
    if plan.active_environment not in plan.pairs:
        with console.waiting("Asking Commerce Services"):
            verify_now.verify(plan.stored, [plan.active_environment])
    return connection.load()


def _print(console: Console, found: Import, file: File) -> None:
    """Print what changes, then what is not imported."""
    if console.out.isatty():
        # The paths are too long for the columns of a table.
        for change in found.changes:
            console.print(f"{change.path}: {change.now or 'nothing'} becomes {change.after or 'nothing'}")
    elif found.changes:
        console.table(["path", "now", "after"], [[row.path, row.now, row.after] for row in found.changes])
    for remark in found.remarks:
        console.warn(remark)
    unknown = [without_keys(name[:_LONGEST_NAME]) for name in file.values if name not in paths.known()]
    if unknown:
        more = f" and {len(unknown) - _MOST_NAMES} more" if len(unknown) > _MOST_NAMES else ""
        console.warn(f"Not known here, so not imported: {', '.join(unknown[:_MOST_NAMES])}{more}.")
    if found.has_secret:
        console.warn("The file holds a key pair: delete it when you are done.")


def _preview(console: Console, plan: SavePlan) -> None:
    """Print what the import costs and how that is confirmed. Raises RefusedError where it would be refused."""
    try:
        importing.require_listed(plan)
    except RefusedError:
        if read_at := plan.stored.slots[plan.active_environment].verification.answered_at:
            time = timezone.localtime(read_at).isoformat(timespec="seconds")
            console.warn(f"By the projects as they were read at {time}; manage.py connector verify reads them again.")
        raise
    for question in saving.questions(plan):
        console.print(f"{question.cost} Confirm it with {answer_for(question.name)}.")
