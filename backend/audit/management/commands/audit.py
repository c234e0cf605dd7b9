"""Proves that nobody changed the action log."""

import json
import re
import sys
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management import BaseCommand
from django.db import connection
from rich.console import Console
from rich.progress import Progress, TextColumn

from backend.audit import append_only, proof
from backend.audit.proof import Head, Proof

EXIT_INTACT, EXIT_BROKEN = 0, 1


class Command(BaseCommand):
    """Reads the whole log, at any time and while the server writes."""

    help = (
        "Check the action log. Exits with 0 if nobody changed it, 1 if a row was edited, removed or moved, 2 if an "
        "argument is wrong."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what to do, and what was kept."""
        actions = parser.add_subparsers(dest="action", required=True, metavar="verify")
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

    def handle(self, *_args: Any, **options: Any) -> None:
        """Check, print, and exit with 1 if something is wrong."""
        checked = Proof(is_whole=True, heads=options["head"])
        self._follow(checked, proof.stored())
        for name in append_only.missing(connection):
            checked.note("unprotected", f"The database does not protect the log: the trigger {name} is gone or off.")
        self._print(checked, proof.unlinked(), is_json=options["json"])
        sys.exit(EXIT_BROKEN if checked.problem_count else EXIT_INTACT)

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
            self.stdout.write(
                f"Rows without a link: {unlinked:,}. The next new row links recent ones, and maintain links all."
            )
        self.stdout.write(f"Head: {checked.newest.number}:{checked.newest.digest}")


def _head(text: str) -> Head:
    """Return a head as it was printed. Raises ArgumentTypeError."""
    if not re.fullmatch("[0-9]{1,18}:[0-9a-f]{64}", text):
        message = "a head looks like 1234: and 64 digits from 0 to f, as this command prints it"
        raise ArgumentTypeError(message)
    number, _colon, digest = text.partition(":")
    return Head(int(number), digest)
