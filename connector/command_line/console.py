"""What every subcommand of `manage.py connector` prints with: text, tables, JSON, and questions to confirm."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import IntEnum
from typing import IO, Any, cast

from django.core.management.base import OutputWrapper
from rich.console import Console as Terminal
from rich.table import Table

from backend.frame.fields import visible
from connector.action_log import Refusal
from connector.errors import RefusedError


class ExitCode(IntEnum):
    """How a subcommand ends: for scripts."""

    DONE = 0
    # Refused, or not verified.
    REFUSED = 1
    # Nobody knows: Commerce Services did not answer, or not in a way that says anything.
    UNKNOWN = 2


class Console:
    """The two streams of a command. Tables and progress have a look of their own on a terminal, plain text elsewhere.

    `confirmation` is what `--confirm` gave.
    """

    def __init__(self, out: OutputWrapper, error: OutputWrapper, confirmation: str = "") -> None:
        self.out, self.error, self.confirmation = out, error, confirmation

    def print(self, text: str) -> None:
        """Print a line of the result."""
        self.out.write(text)

    def warn(self, text: str) -> None:
        """Print a line about the result, which a script that reads the result does not get."""
        self.error.write(text, style_func=str)

    def json(self, value: Mapping[str, Any]) -> None:
        """Print a JSON object."""
        self.out.write(json.dumps(value, indent=2))

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print a table: drawn on a terminal, else a line for each row with a tab between two cells."""
        if not self.out.isatty():
            for row in [columns, *rows]:
                self.out.write("\t".join(row))
            return
        drawn = Table(*columns, box=None, pad_edge=False, header_style="bold")
        for row in rows:
            drawn.add_row(*row)
        _terminal(self.out).print(drawn)

    @contextmanager
    def waiting(self, text: str) -> Iterator[None]:
        """Show on a terminal that the command waits for an answer."""
        if not self.error.isatty():
            yield
            return
        with _terminal(self.error).status(text):
            yield

    def confirm(self, name: str, cost: str) -> None:
        """Ask for `name`, as the dialog of a page does, unless `--confirm` gave it; `cost` says what is lost.

        Raises RefusedError where something else was typed, or nobody can be asked.
        """
        typed = self.confirmation
        if not typed and sys.stdin.isatty():
            self.warn(cost)
            typed = input(f"Type {name} to confirm: ")
        if visible(typed).casefold() != visible(name).casefold():
            text = f"{cost} Nothing was changed: confirm it with --confirm {json.dumps(name, ensure_ascii=False)}."
            raise RefusedError(Refusal.NOT_CONFIRMED, text, "confirmation")


def _terminal(stream: OutputWrapper) -> Terminal:
    """Return `stream` as a terminal that shows text as it is: a name may look like markup."""
    return Terminal(file=cast("IO[str]", stream), markup=False, emoji=False, highlight=False)
