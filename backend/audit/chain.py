"""The chain of the action log: each row has a number, and the SHA-256 of itself, its number and the link before.

docs/decisions/0017 says why rows are linked after their transaction. This runs with every row that is written, and our
own SQL takes a fifth of the time that the ORM needs.
"""

import json
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from backend.audit import forwarding
from backend.audit.actor import request_in_hand
from backend.audit.models import LoggedAction

# The digest before the first link.
BEGINNING = "0" * 64
# No more rows are linked at once.
ROWS_AT_ONCE = 1000
# Any number will do, as long as nothing else takes this lock.
LOCK = 4_201_701_217
# A digest is made of these, the number, and the digest before.
COLUMNS = (
    "id",
    "at",
    "user_id",
    "user_name",
    "address",
    "action",
    "subject",
    "result",
    "cause",
    "before",
    "after",
    "is_event",
)
SELECTED = ", ".join(f"l.{column}" for column in COLUMNS)
# Rows without a link that come after the newest link, or have this key. The key is 0 where all of them are wanted.
_UNLINKED = f"""
    SELECT {SELECTED} FROM audit_loggedaction l LEFT JOIN audit_chainlink c ON c.row_id = l.id
    WHERE c.row_id IS NULL AND (l.id > %s OR l.id = %s) ORDER BY l.id LIMIT %s
"""  # noqa: S608  (our own names)
_NEWEST = "SELECT number, digest, row_id FROM audit_chainlink ORDER BY number DESC LIMIT 1"
_LINK = "INSERT INTO audit_chainlink (number, row_id, previous, digest) VALUES (%s, %s, %s, %s)"


def text_of(columns: Sequence[Any], number: int, previous: str) -> str:
    """Return what the digest of a link is made of: number, previous digest, and `COLUMNS` as the database has them."""
    values = dict(zip(COLUMNS, columns, strict=True))
    at = values["at"]
    if isinstance(at, str):
        # SQLite keeps moments as text, in UTC.
        at = datetime.fromisoformat(at).replace(tzinfo=UTC)
    values["at"] = at.astimezone(UTC).isoformat(timespec="microseconds")
    values["is_event"] = bool(values["is_event"])
    return canonical(values | {"number": number, "previous": previous})


def canonical(values: dict[str, Any]) -> str:
    """Return `values` as the one text that they have: JSON in ASCII, in the order of its names, without spaces.

    It has no semicolon, so that a spreadsheet keeps it in one cell and finds no formula in it.
    """
    return json.dumps(values, sort_keys=True, separators=(",", ":")).replace(";", "\\u003b")


def digest_of(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def add(row: LoggedAction) -> None:
    """Save a new row, and link it: at once, or after the transaction in which it is written.

    A lock until the end of that transaction would make all others wait, and could end in a deadlock.
    """
    if connection.in_atomic_block:
        row.save(force_insert=True)
        # Where this fails, the framework logs it by its name, which a `partial` would not have.
        transaction.on_commit(lambda: extend(row.pk), robust=True)
        return
    with transaction.atomic():
        row.save(force_insert=True)
        linked = _append(row.pk)
    _forward(linked)


def extend(key: int = 0) -> None:
    """Link the rows that were written since the newest link, and the one with `key`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM audit_chainlink WHERE row_id = %s", [key])
        is_linked = cursor.fetchone() is not None
    if not is_linked:
        with transaction.atomic():
            linked = _append(key)
        _forward(linked)


def extend_with_all() -> int:
    """Link every row that has no link, and return how many there were: a process was stopped before it could."""
    count = 0
    while True:
        with transaction.atomic():
            linked = _append(after=0)
        _forward(linked)
        count += len(linked)
        if not linked:
            return count


def _forward(linked: list[tuple[str, str]]) -> None:
    forwarding.send(linked, is_in_request=request_in_hand.get() is not None)


def _append(key: int = 0, after: int | None = None) -> list[tuple[str, str]]:
    """Link rows without a link, and return record and digest of each.

    Only one transaction at a time does this. SQLite has one writer anyway.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        cursor.execute(_NEWEST)
        number, previous, newest = cursor.fetchone() or (0, BEGINNING, 0)
        cursor.execute(_UNLINKED, [newest if after is None else after, key, ROWS_AT_ONCE])
        return _link(cursor, cursor.fetchall(), number, previous)


def _link(cursor: CursorWrapper, rows: Collection[Sequence[Any]], number: int, previous: str) -> list[tuple[str, str]]:
    links, linked = [], []
    for row in rows:
        number += 1
        record = text_of(row, number, previous)
        digest = digest_of(record)
        linked.append((record, digest))
        links.append((number, row[0], previous, digest))
        previous = digest
    if links:
        cursor.executemany(_LINK, links)
    return linked
