"""Proves that nobody changed the action log, and prints it so that this can be proved later."""

import json
import re
import sys
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.db import Error, connection
from rich.console import Console
from rich.progress import Progress, TextColumn

from backend.audit import append_only, archive, proof, retention
from backend.audit.action_log import record
from backend.audit.actions import Action
from backend.audit.actor import acting_from_shell
from backend.audit.models import LoggedAction
from backend.audit.proof import Head, Proof
from backend.frame.database_errors import explanation

EXIT_INTACT, EXIT_BROKEN, EXIT_UNKNOWN = 0, 1, 2


class Command(BaseCommand):
    """Reads the whole log, at any time and while the server writes."""

    help = (
        "Check the action log, or print it. Exits with 0 if nobody changed it, 1 if a row was edited, removed or "
        "moved, 2 if an argument is wrong or the database or a file cannot be read."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Read what to do, and the heads that were kept."""
        actions = parser.add_subparsers(dest="action", required=True, metavar="verify|export")
        verify = actions.add_parser("verify", help="find rows that somebody edited, removed or moved")
        verify.add_argument(
            "--head",
            action="append",
            type=_head,
            default=[],
            metavar="NUMBER:DIGEST",
            help="a head that was printed earlier and kept elsewhere; may be given several times",
        )
        verify.add_argument("--json", action="store_true", help="print the result for programs")
        verify.add_argument("--file", type=Path, help="check an export of the report, or of this command, instead")
        actions.add_parser("export", help="print every row with its digest, a JSON object a line")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do it, and exit with 1 if something is wrong with the log, 2 if the database cannot say."""
        try:
            if options["action"] == "export":
                self._export()
                return
            checked = self._file(options) if options["file"] else self._log(options)
            self._print(checked, 0 if options["file"] else proof.unlinked(), is_json=options["json"])
        except Error as error:
            text = explanation(error)
            if not text or options["traceback"]:
                raise
            self.stderr.write(f"error: {text}")
            sys.exit(EXIT_UNKNOWN)
        sys.exit(EXIT_BROKEN if checked.problem_count else EXIT_INTACT)

    def _export(self) -> None:
        """Print every row, and log who took them."""
        with acting_from_shell():
            record(Action.LOG_EXPORTED)
        for entry in proof.stored(proof.beginning().number):
            if entry.text:
                self.stdout.write(archive.line(entry))

    def _log(self, options: Any) -> Proof:
        begin = proof.beginning()
        # What the newest checkpoint lets go may still be there. Until then it is checked as well: somebody who can
        # write rows could add a checkpoint, and hide behind it.
        start = proof.before_oldest(begin)
        heads = [*options["head"], begin] if start != begin else options["head"]
        checked = Proof(is_whole=True, newest=start, heads=heads)
        said = LoggedAction.objects.filter(action=Action.LOG_SHORTENED, after=retention.facts_of(begin))
        if begin.number and not said.exists():
            text = f"The rows up to number {begin.number} were deleted, but the log does not say so."
            checked.note("removed", text, number=begin.number)
        for head in options["head"]:
            if head.number < start.number:
                self.stderr.write(f"Number {head.number} was deleted because of its age: it proves nothing any more.")
        self._follow(checked, proof.stored(start.number))
        for name in append_only.missing(connection):
            checked.note(
                "unprotected", f"The database does not protect the log: the trigger {name} is gone, off or another one."
            )
        return checked

    def _file(self, options: Any) -> Proof:
        """Check a file. Raises CommandError if it cannot be read."""
        checked = Proof(is_whole=False, heads=options["head"])
        try:
            self._follow(checked, archive.read(options["file"]))
        except archive.UnreadableError as error:
            raise CommandError(str(error), returncode=EXIT_UNKNOWN) from None
        except OSError as error:
            message = f"The file cannot be read: {error.strerror}."
            raise CommandError(message, returncode=EXIT_UNKNOWN) from None
        if not checked.count:
            message = "No row of this file has a digest, so it proves nothing."
            raise CommandError(message, returncode=EXIT_UNKNOWN)
        return checked

    def _follow(self, checked: Proof, entries: Any) -> None:
        """Follow the chain, with a count on a terminal."""
        if not self.stderr.isatty():
            for _count in checked.follow(entries):
                pass
            return
        columns = (TextColumn("Rows checked: {task.completed:,.0f}"),)
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("", total=None)
            for count in checked.follow(entries):
                progress.update(task, completed=count)

    def _print(self, checked: Proof, unlinked: int, *, is_json: bool) -> None:
        if is_json:
            result = {
                "status": "broken" if checked.problem_count else "intact",
                "rows": checked.count,
                "unlinked": unlinked,
                "gaps": checked.gaps,
                "head": checked.newest._asdict(),
                "problem_count": checked.problem_count,
                "problems": [problem._asdict() for problem in checked.problems],
            }
            self.stdout.write(json.dumps(result, indent=2))
            return
        for problem in checked.problems:
            self.stdout.write(problem.text)
        if checked.problem_count > len(checked.problems):
            self.stdout.write(f"{checked.problem_count - len(checked.problems):,} more problems.")
        found = "Nothing was changed." if not checked.problem_count else f"Problems: {checked.problem_count:,}."
        self.stdout.write(f"Rows: {checked.count:,}. {found}")
        if unlinked:
            text = "The next row that is written links new ones, and maintain links all."
            self.stdout.write(f"Rows without a link: {unlinked:,}. {text}")
        if checked.gaps and not checked.is_whole:
            text = "Each row has its digest, but nothing proves which rows are missing there."
            self.stdout.write(f"Places where rows are left out: {checked.gaps:,}. {text}")
        self.stdout.write(f"Head: {checked.newest.number}:{checked.newest.digest}")


def _head(text: str) -> Head:
    """Return a head as it was printed. Raises ArgumentTypeError."""
    if not re.fullmatch("[0-9]{1,18}:[0-9a-f]{64}", text):
        message = "a head looks like 1234: and 64 digits from 0 to f, as this command prints it"
        raise ArgumentTypeError(message)
    number, _colon, digest = text.partition(":")
    return Head(int(number), digest)
