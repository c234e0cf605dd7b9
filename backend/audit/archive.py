"""The action log outside the database: written as JSON lines with the digest of each row, and read for a proof."""

import csv
import json
from collections.abc import Iterator
from itertools import chain as joined
from pathlib import Path

from backend.audit import chain
from backend.audit.proof import Entry

# The last columns of the CSV of the report: number, digest, and the text that it was made of.
DIGEST, RECORD = -2, -1


class UnreadableError(Exception):
    """A file is no archive. Its text says which line, and why."""


def line(entry: Entry) -> str:
    """Return a row that is there as a line: its record with the digest."""
    return chain.canonical(json.loads(entry.text or "{}") | {"digest": entry.digest})


def read(path: Path) -> Iterator[Entry]:
    """Yield the rows of a file of JSON lines or of an export of the report. Raises UnreadableError and OSError."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        number = 1
        try:
            first = file.readline()
            if first.startswith("{"):
                for number, text in enumerate(joined([first], file), 1):  # noqa: B007  (the error names it)
                    yield _of_line(json.loads(text))
                return
            for number, cells in enumerate(csv.reader(file), 2):  # noqa: B007
                # A row that had no link when it was exported has no record.
                if cells[RECORD]:
                    yield _entry(json.loads(cells[RECORD]), cells[DIGEST], cells[RECORD])
        except (ValueError, LookupError, TypeError, RecursionError, csv.Error):
            message = f"Line {number} is no row of an action log, as manage.py audit export or the report writes it."
            raise UnreadableError(message) from None


def _of_line(values: dict[str, object]) -> Entry:
    digest = str(values.pop("digest"))
    return _entry(values, digest, chain.canonical(values))


def _entry(values: dict[str, object], digest: str, text: str) -> Entry:
    number, row_id = values["number"], values["id"]
    if not (isinstance(number, int) and isinstance(row_id, int)):
        raise TypeError
    return Entry(number, row_id, str(values["previous"]), digest, text)
