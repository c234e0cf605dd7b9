"""What every subcommand of `manage.py connector` prints with: text, tables, JSON, and questions to confirm."""

import json
import shlex
import sys
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import IntEnum
from typing import IO, Any, cast

from django.core.management.base import OutputWrapper
from rich.console import Console as Terminal
from rich.table import Table

from backend.frame.command_input import is_person_there
from backend.frame.fields import UNPRINTABLE, visible
from connector.action_log import Refusal
from connector.errors import RefusedError


class ExitCode(IntEnum):
    """How a subcommand ends: for scripts."""

    DONE = 0
    # Refused, or not verified.
    REFUSED = 1
    # Nobody knows: Commerce Services did not answer, or not in a way that says anything.
    UNKNOWN = 2
    # An argument is wrong, and nothing was done. Source: EX_USAGE of sysexits.h.
    USAGE = 64
    # What shells say of a program that Ctrl+C, or a reader that went away, has ended. manage.py gives the second.
    INTERRUPTED = 130
    UNREAD = 141


class Console:
    """The two streams of a command. Tables and progress have a look of their own on a terminal, plain text elsewhere.

    Names come from outside, so every text is made safe for a terminal before it is printed. `confirmations` are the
    names that `--confirm` gave.
    """

    def __init__(self, out: OutputWrapper, error: OutputWrapper, confirmations: Collection[str] = ()) -> None:
        self.out, self.error, self.confirmations = out, error, confirmations

    def print(self, text: str) -> None:
        """Print a sentence or a value of the result."""
        _print(self.out, text)

    def warn(self, text: str) -> None:
        """Print a sentence about the result, which a script that reads the result does not get."""
        _print(self.error, text)

    def json(self, value: Mapping[str, Any]) -> None:
        """Print a JSON object, in ASCII."""
        self.out.write(json.dumps(value, indent=2))

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]], *, details: Collection[str] = ()) -> None:
        """Print a table: drawn on a terminal, else a line for each row with a tab between two cells.

        A terminal has no room for the columns `details`.
        """
        if not self.out.isatty():
            for row in [columns, *rows]:
                self.out.write("\t".join(map(one_line, row)))
            return
        shown = [number for number, column in enumerate(columns) if column not in details]
        drawn = Table(*(columns[number] for number in shown), box=None, pad_edge=False, header_style="bold")
        for row in rows:
            drawn.add_row(*(one_line(row[number]) for number in shown))
        _terminal(self.out).print(drawn)

    def facts(self, title: str, facts: Sequence[tuple[str, str]]) -> None:
        """Print facts about `title`: below each other on a terminal, else a line for each with tabs between."""
        if not self.out.isatty():
            for label, value in facts:
                self.out.write("\t".join(map(one_line, (title, label, value))))
            return
        drawn = Table.grid("", "", padding=(0, 2, 0, 0))
        drawn.title, drawn.title_style, drawn.title_justify = one_line(title), "bold", "left"
        for label, value in facts:
            drawn.add_row(label, one_line(value))
        _terminal(self.out).print(drawn, "")

    @contextmanager
    def waiting(self, text: str = "Asking Commerce Services") -> Iterator[None]:
        """Show on a terminal that the command waits for an answer."""
        if not self.error.isatty():
            yield
            return
        with _terminal(self.error).status(text):
            yield

    def confirm(self, name: str, cost: str, *others: str) -> str:
        """Ask for `name`, as the dialog of a page does, unless `--confirm` gave it; return what was typed.

        `cost` says what is lost; any of `others` will do as well. Raises RefusedError where something else was typed,
        or nobody can be asked.
        """
        # No answer is never the right one, whatever a gateway calls something.
        names = {visible(each).casefold() for each in (name, *others)} - {""}
        for given in self.confirmations:
            if visible(given).casefold() in names:
                return given
        typed = ""
        if is_person_there():
            self.warn(cost)
            self.error.write(f"Type {one_line(name)} to confirm: ", style_func=str, ending="")
            self.error.flush()
            typed = sys.stdin.readline()
        if visible(typed).casefold() in names:
            return typed.strip()
        text = f"Nothing was changed: confirm it with {answer_for(name)}."
        if typed.strip():
            text = "This is not the name that was asked for. Nothing was changed."
        elif not is_person_there():
            text = f"{cost} {text}"
        raise RefusedError(Refusal.NOT_CONFIRMED, text, "confirmation")


def answer_for(name: str) -> str:
    """Return the argument that confirms `name`, as a shell needs it."""
    # A name with a dash in front would be taken for another option.
    between = "=" if name.startswith("-") else " "
    return f"--confirm{between}{shlex.quote(one_line(name))}"


def one_line(text: str) -> str:
    """Return `text` in one line, without characters that command a terminal or turn around the text beside them."""
    words = " ".join(text.split())
    return "".join(character for character in words if unicodedata.category(character) not in UNPRINTABLE)


def _print(stream: OutputWrapper, text: str) -> None:
    """Print `text` in one line, which a terminal breaks between words."""
    if stream.isatty():
        _terminal(stream).print(one_line(text))
    else:
        stream.write(one_line(text), style_func=str)


def _terminal(stream: OutputWrapper) -> Terminal:
    """Return `stream` as a terminal that shows text as it is: a name may look like markup."""
    # The framework's wrapper would add colours and line ends to what draws on a line.
    file = cast("IO[str]", stream._out)  # noqa: SLF001
    return Terminal(file=file, markup=False, emoji=False, highlight=False)
