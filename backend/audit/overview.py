"""The action log at a glance, for one person and in one query."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from django.db import connection

from backend.audit import actor
from backend.audit.actions import Result
from backend.audit.models import LoggedAction, SeenEvents

# More is not counted, and more of the unseen is not read: people look at the log then.
MOST = 100
MOST_UNSEEN = 10


class Row(NamedTuple):
    """The columns that are read of a row of the log."""

    pk: int
    at: datetime
    user_name: str
    action: str
    subject: str
    result: str
    cause: str

    @property
    def person(self) -> str:
        """Who did it, as people read it; empty where nobody is known."""
        return actor.shown(self.user_name)

    @property
    def is_done(self) -> bool:
        return self.result == Result.DONE


@dataclass(frozen=True)
class Overview:
    """Rows of the log, newest first.

    `unseen` are watched actions of other people since this person has last looked at the bell. `failed` is how often
    other people, known or not, have failed to do something, `MOST` at most.
    """

    newest: tuple[Row, ...] = ()
    unseen: tuple[Row, ...] = ()
    failed: int = 0


def read(person: Any, *, newest: int, watched: Collection[str], failing: str, since: datetime) -> Overview:
    """Return the `newest` rows, the unseen ones of the `watched` actions, and the count of `failing` after `since`.

    Nothing from before the person was added counts as unseen. Without rows nothing is counted.
    """
    if not (newest or watched):
        return Overview()
    moment, me = connection.ops.adapt_datetimefield_value, person.pk
    values = [newest, *watched, moment(person.date_joined), me, me, MOST_UNSEEN, failing, moment(since), me, MOST]
    with connection.cursor() as cursor:
        cursor.execute(_query(len(watched)), values)
        found = [(_row(columns), is_unseen, failed) for *columns, is_unseen, failed in cursor.fetchall()]
    rows = tuple(row for row, _is_unseen, _failed in found)
    unseen = tuple(row for row, is_unseen, _failed in found if is_unseen)
    return Overview(rows[:newest], unseen, found[0][2] if found else 0)


def _row(columns: list[Any]) -> Row:
    """Return the columns as a row; SQLite keeps moments as text."""
    pk, at, *texts = columns
    column = LoggedAction._meta.get_field("at").get_col(LoggedAction._meta.db_table)  # noqa: SLF001  (documented)
    for convert in connection.ops.get_db_converters(column):
        at = convert(at, column, connection)
    return Row(pk, at, *texts)


@cache
def _query(watched: int) -> str:
    """Return the query for that many watched actions. Each part ends early on an index, also in a long log."""
    log, seen = LoggedAction._meta.db_table, SeenEvents._meta.db_table  # noqa: SLF001
    of_others = "(user_id IS NULL OR user_id <> %s)"
    return f"""
        WITH newest AS (SELECT id FROM {log} ORDER BY id DESC LIMIT %s),
        unseen AS (
            SELECT id FROM {log} WHERE action IN ({", ".join(["%s"] * watched) or "NULL"}) AND at > %s
            AND id > COALESCE((SELECT up_to FROM {seen} WHERE user_id = %s), 0)
            AND {of_others} AND user_name <> '' AND result = '{Result.DONE}' ORDER BY id DESC LIMIT %s
        ),
        failed AS (SELECT id FROM {log} WHERE action = %s AND at > %s AND {of_others} LIMIT %s)
        SELECT id, {", ".join(Row._fields[1:])}, id IN (SELECT id FROM unseen), (SELECT COUNT(*) FROM failed)
        FROM {log} WHERE id IN (SELECT id FROM newest UNION SELECT id FROM unseen) ORDER BY id DESC
    """  # noqa: S608  (the names of our tables)
