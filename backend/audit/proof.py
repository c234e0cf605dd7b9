"""Whether the chain of the action log holds, and which rows were edited, removed or moved if it does not."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, NamedTuple

from django.db import connection

from backend.audit import chain
from backend.audit.models import ChainLink, Checkpoint

ROWS_AT_ONCE = 5000
# More problems are counted, but not kept.
MOST_PROBLEMS = 100
# No number is higher.
LAST = 2**63 - 1

_LINKS = f"""
    SELECT c.number, c.row_id, c.previous, c.digest, {chain.SELECTED}
    FROM audit_chainlink c LEFT JOIN audit_loggedaction l ON l.id = c.row_id
    WHERE c.number > %s AND c.number <= %s ORDER BY c.number LIMIT {ROWS_AT_ONCE}
"""  # noqa: S608  (our own names)
_UNLINKED = """
    SELECT COUNT(*) FROM audit_loggedaction l LEFT JOIN audit_chainlink c ON c.row_id = l.id WHERE c.row_id IS NULL
"""


class Entry(NamedTuple):
    """A link, and the text that its digest has to match; None where its row is gone."""

    number: int
    row_id: int
    previous: str
    digest: str
    text: str | None


class Head(NamedTuple):
    """A link that somebody keeps elsewhere: its row and all before it cannot change unnoticed."""

    number: int
    digest: str


# Before the first link.
START = Head(0, chain.BEGINNING)


class Problem(NamedTuple):
    """Something that should not be: `kind` is a word for programs, and `number` and `row_id` say where."""

    kind: str
    number: int | None
    row_id: int | None
    text: str


@dataclass
class Proof:
    """Follows a chain link by link.

    A log is whole: a number that is missing is a problem. An export may leave rows out; then every row is checked by
    itself, and against the one before or after it where that is there. `heads` are what somebody has kept.
    """

    is_whole: bool
    newest: Head = START
    heads: Iterable[Head] = ()
    count: int = 0
    gaps: int = 0
    problem_count: int = 0
    problems: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._before: Entry | None = None
        if self.is_whole:
            self._before = Entry(self.newest.number, 0, "", self.newest.digest, "")
        self._expected = {head.number: head.digest for head in self.heads if head.number > self.newest.number}
        begin = self.newest
        if any(head.number == begin.number and head.digest != begin.digest for head in self.heads):
            self.note("rewritten", f"Number {begin.number} was rewritten before it was deleted.", number=begin.number)

    def note(self, kind: str, text: str, *, number: int | None = None, row_id: int | None = None) -> None:
        self.problem_count += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(kind, number, row_id, text))

    def follow(self, entries: Iterable[Entry]) -> Iterator[int]:
        """Check `entries`, and yield now and then how many there were so far."""
        for entry in entries:
            self.count += 1
            self._check(entry)
            self._compare(entry)
            if entry.number > self.newest.number:
                self.newest = Head(entry.number, entry.digest)
            self._before = entry
            if self.count % ROWS_AT_ONCE == 0:
                yield self.count
        for number in self._expected:
            text = f"Number {number} is not there, although its digest was kept: the end was cut off."
            self.note("removed", text if self.is_whole else f"Number {number} is not in this file.", number=number)

    def _check(self, entry: Entry) -> None:
        """Compare the row with its digest, and its digest with the one that was kept."""
        named = f"Row {entry.row_id} (number {entry.number})"
        place = {"number": entry.number, "row_id": entry.row_id}
        if entry.text is None:
            self.note("removed", f"{named} was removed.", **place)
        elif chain.digest_of(entry.text) != entry.digest:
            self.note("edited", f"{named} was edited: it does not have its digest any more.", **place)
        if self._expected.pop(entry.number, entry.digest) != entry.digest:
            self.note("rewritten", f"{named} or one before it was rewritten: its digest is not the kept one.", **place)

    def _compare(self, entry: Entry) -> None:
        """Compare the link with the one that was read before it. An export may have the newest first."""
        before = self._before
        if before is None:
            return
        older, newer = sorted((before, entry), key=attrgetter("number"))
        if newer.number != older.number + 1:
            self.gaps += 1
            if self.is_whole:
                first, last = before.number + 1, entry.number - 1
                missing = f"Number {first} was" if first == last else f"Numbers {first} to {last} were"
                self.note("removed", f"{missing} removed, rows and links.", number=first)
        elif newer.previous != older.digest:
            text = f"Row {newer.row_id} (number {newer.number}) does not follow number {older.number}: one was moved"
            self.note("moved", f"{text} or replaced.", number=newer.number, row_id=newer.row_id)


def beginning() -> Head:
    """Return the last link that was deleted because of its age: the rest of the chain begins after it."""
    newest = Checkpoint.objects.order_by("-number").first()
    return Head(newest.number, newest.digest) if newest else START


def before_oldest(begin: Head) -> Head:
    """Return the head before the oldest link that is there, `begin` where that comes after it."""
    oldest = ChainLink.objects.filter(number__lte=begin.number).order_by("number").first()
    return Head(oldest.number - 1, oldest.previous) if oldest else begin


def stored(number: int, last: int = LAST) -> Iterator[Entry]:
    """Yield the links of the database after `number`, in order. A long log takes no more memory than a short one."""
    with connection.cursor() as cursor:
        while True:
            cursor.execute(_LINKS, [number, last])
            rows = cursor.fetchall()
            for row in rows:
                yield _entry(*row)
            if len(rows) < ROWS_AT_ONCE:
                return
            number = rows[-1][0]


def _entry(number: int, row_id: int, previous: str, digest: str, *columns: Any) -> Entry:
    text = None if columns[0] is None else chain.text_of(columns, number, previous)
    return Entry(number, row_id, previous, digest, text)


def unlinked() -> int:
    """Return how many rows have no link yet."""
    with connection.cursor() as cursor:
        cursor.execute(_UNLINKED)
        return int(cursor.fetchone()[0])
