"""What one person has to know of the action log at a glance, read in one query."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from backend.audit.models import LoggedAction, SeenEvents

# More of one kind are not read: people look at the log then.
MOST = 100


@dataclass(frozen=True)
class Overview:
    """Rows of the log, newest first.

    `unseen` are watched actions of other people since this person has last looked at the bell, `failed` what other
    people, known or not, have failed to do.
    """

    newest: list[LoggedAction]
    unseen: list[LoggedAction]
    failed: list[LoggedAction]


def read(person: Any, *, newest: int, watched: Collection[str], failing: str, since: datetime) -> Overview:
    """Return the `newest` rows, the unseen ones of the `watched` actions, and those of `failing` after `since`.

    Who was not here yet when something was done has nothing to see of it.
    """
    if not (newest or watched or failing):
        return Overview([], [], [])
    moment = connection.ops.adapt_datetimefield_value
    values = {
        "newest": newest,
        "joined": moment(person.date_joined),
        "failing": failing,
        "since": moment(since),
        "person": person.pk,
        "most": MOST,
    }
    names = {f"watched{number}": action for number, action in enumerate(watched)}
    query = _SQL.replace("WATCHED", ", ".join(f"%({name})s" for name in names) or "NULL")
    rows: Iterable[Any] = LoggedAction.objects.raw(query, {**values, **names})
    found = sorted(rows, key=lambda row: -row.pk)
    others = [row for row in found if row.user_id != person.pk]
    return Overview(
        found[:newest],
        [row for row in others if row.action in watched and row.is_done and row.user_name and row.is_unseen],
        [row for row in others if row.action == failing and row.at > since],
    )


_LOG = LoggedAction._meta.db_table  # noqa: SLF001  (documented)
_SEEN = f"COALESCE((SELECT up_to FROM {SeenEvents._meta.db_table} WHERE user_id = %(person)s), 0)"  # noqa: S608, SLF001
# Each part ends early on an index, however long the log is.
_SQL = f"""
    SELECT *, id > {_SEEN} AND at > %(joined)s AS is_unseen FROM {_LOG} WHERE id IN (
        SELECT id FROM (SELECT id FROM {_LOG} ORDER BY id DESC LIMIT %(newest)s) AS newest
        UNION ALL
        SELECT id FROM (
            SELECT id FROM {_LOG} WHERE action IN (WATCHED) AND at > %(joined)s AND id > {_SEEN} LIMIT %(most)s
        ) AS watched
        UNION ALL
        SELECT id FROM (
            SELECT id FROM {_LOG} WHERE action = %(failing)s AND at > %(since)s ORDER BY at DESC LIMIT %(most)s
        ) AS failed
    )
"""  # noqa: S608  (the names of our tables)
