"""`connector import`: take over a configuration, of `connector export` or of a store."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.utils import timezone

from backend.frame.leaks import without_keys
from connector import connection
from connector.action_log import Refusal
from connector.command_line.console import Console, ExitCode
from connector.configuration import protection
from connector.configuration.plan import SavePlan
from connector.configuration.save import Saved, save
from connector.errors import ConnectorError, PairRejectedError, RefusedError
from connector.exchange import importing, paths, reading
from connector.exchange.importing import Import
from connector.exchange.reading import File, UnusableFileError
from connector.verification.row import Kind

# What a page offers as a box to tick.
_BOXES = {
    Refusal.OCCUPIED: "To use it all the same, repeat the command with --share.",
    PairRejectedError.code: "To replace the pair all the same, repeat the command with --insist.",
}
HELP = "import what connector export or bin/magento config:show printed; without --yes, only show what would change"
_MOST_NAMES = 20


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", help="a file, or - for standard input")
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--dry-run", action="store_true", help="only show what would change, and what it costs")
    choice.add_argument("--yes", action="store_true", help="import it")
    parser.add_argument(
        "--confirm", action="append", metavar="NAME", help="the data space’s name, to accept what the import costs"
    )
    parser.add_argument("--switch", action="store_true", help="confirm that another environment becomes active")
    parser.add_argument("--share", action="store_true", help="use a data space that another instance uses")
    parser.add_argument("--insist", action="store_true", help="replace a verified key pair by one that is not verified")


def run(console: Console, options: dict[str, Any]) -> ExitCode:
    file = reading.read(_bytes(console, options["file"]))
    stored = connection.load()
    answers = {field: "on" for name, field in (("share", "shares"), ("insist", "insist")) if options[name]}
    found = importing.prepare(stored, file, answers)
    _print(console, found, file)
    if found.plan.is_empty:
        console.print("Everything that can be imported is here already, so nothing was changed.")
        return ExitCode.DONE
    try:
        if options["yes"]:
            plan = _confirmed(console, found.plan, is_switched=options["switch"])
            with console.waiting("Asking Commerce Services"):
                saved = save(plan, None)
            return _said(console, saved)
        _preview(console, found.plan)
    except ConnectorError as error:
        if error.code not in _BOXES:
            raise
        raise RefusedError(error.code, f"{error.text} {_BOXES[error.code]}") from error
    if options["dry_run"]:
        return ExitCode.DONE
    console.warn("Nothing was imported. To do it, repeat the command with --yes.")
    return ExitCode.REFUSED


def _bytes(console: Console, name: str) -> bytes:
    """Return the beginning of the file, long enough to show whether it is too long. Raises UnusableFileError."""
    if name == "-":
        if sys.stdin.isatty():
            console.warn("Paste the lines, then press Ctrl+D.")
        return sys.stdin.buffer.read(reading.MAX_BYTES + 1)
    try:
        with Path(name).open("rb") as file:
            return file.read(reading.MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "this is not the name of a file"
        message = f"Nothing was imported: {name} cannot be read: {reason}."
        raise UnusableFileError(message) from None


def _print(console: Console, found: Import, file: File) -> None:
    """Print what changes, then what is not imported."""
    if console.out.isatty():
        # The paths are too long for the columns of a table.
        for change in found.changes:
            console.print(f"{change.path}\n  now    {change.now or 'nothing'}\n  after  {change.after or 'nothing'}")
    elif found.changes:
        console.table(["path", "now", "after"], [[row.path, row.now, row.after] for row in found.changes])
    for remark in found.remarks:
        console.warn(remark)
    unknown = [without_keys(name) for name in file.values if name not in paths.known()]
    if unknown:
        more = f" and {len(unknown) - _MOST_NAMES} more" if len(unknown) > _MOST_NAMES else ""
        console.warn(f"Not known here, so not imported: {', '.join(unknown[:_MOST_NAMES])}{more}.")
    if found.has_secret:
        console.warn("The file holds a key pair: delete it when you are done.")


def _preview(console: Console, plan: SavePlan) -> None:
    """Print what the import costs and how that is confirmed. Raises RefusedError where it would be refused."""
    try:
        importing.require_possible(plan)
    except RefusedError:
        read_at = plan.stored.slots[plan.active_environment].verification.answered_at
        if read_at:
            time = timezone.localtime(read_at).isoformat(timespec="seconds")
            console.warn(f"By the projects as they were read at {time}; manage.py connector verify reads them again.")
        raise
    for cost in importing.costs(plan):
        name = json.dumps(protection.name_to_type(plan.stored), ensure_ascii=False)
        console.print(f"{cost} Confirm it with --confirm {name}.")
    if cost := importing.cost_of_switch(plan):
        console.print(f"{cost} Confirm it with --switch.")


def _confirmed(console: Console, plan: SavePlan, *, is_switched: bool) -> SavePlan:
    """Return `plan` with the answers of whoever runs the command. Raises RefusedError for another answer."""
    importing.require_possible(replace(plan, shares=True))
    if costs := importing.costs(plan):
        name = protection.name_to_type(plan.stored)
        console.confirm(name, " ".join(costs))
        plan = replace(plan, confirmation=name)
    if cost := importing.cost_of_switch(plan):
        if not is_switched and not sys.stdin.isatty():
            message = f"{cost} Nothing was imported: confirm it with --switch."
            raise RefusedError(Refusal.SWITCH_NOT_CONFIRMED, message, "switches")
        if not is_switched:
            Console(console.out, console.error).confirm(plan.active_environment.value, cost)
        plan = replace(plan, switches=True)
    return plan


def _said(console: Console, saved: Saved) -> ExitCode:
    """Print what was found of each pair, and return how the command ends."""
    console.print("Imported.")
    code = ExitCode.DONE
    for environment, finding in saved.findings.items():
        advice = finding.advice(environment)
        text = f"{finding.code}. {advice.explanation} {advice.next_step}" if advice else "verified."
        console.print(f"{environment.value}: {text}")
        if advice:
            code = max(code, ExitCode.UNKNOWN if finding.kind is Kind.UNKNOWN else ExitCode.REFUSED)
    return code
