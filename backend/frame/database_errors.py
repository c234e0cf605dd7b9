"""What the error of a database means: a line for the person who ran a command, with what to do."""

import errno
import sqlite3

import psycopg
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from backend.frame.outages import SQLITE_LACKS

NOT_MIGRATED = "The database lacks tables or columns of this version. Run: python manage.py migrate"
DATABASE_FULL = (
    "The disk of the database is full, so the last change was not stored. Free some space, then run this again."
)
NOT_OURS = (
    "The database file, or one beside it, cannot be opened or written. Give the files and their folder to the user of "
    "this process, or correct DATABASE_URL, then run this again."
)
# By the primary result code. Source: https://www.sqlite.org/rescode.html
SQLITE = {
    sqlite3.SQLITE_PERM: NOT_OURS,
    sqlite3.SQLITE_READONLY: NOT_OURS,
    sqlite3.SQLITE_CANTOPEN: NOT_OURS,
    sqlite3.SQLITE_FULL: DATABASE_FULL,
    sqlite3.SQLITE_IOERR: (
        "The disk of the database is full, or cannot be read or written, so the last change was not stored. Free some "
        "space and look at the disk, then run this again."
    ),
    sqlite3.SQLITE_BUSY: "Another process keeps the database locked. Run this again when that has ended.",
    sqlite3.SQLITE_CORRUPT: "The database file is damaged. Restore a backup; docs/operations.md says how.",
    sqlite3.SQLITE_NOTADB: "DATABASE_URL names a file that is no database of SQLite. Correct it, or restore a backup.",
}
UNREACHABLE = "The database cannot be used: {why}. Start it, or correct DATABASE_URL, then run this again."
REFUSED = (
    "The database refuses this command: {why}. Let the user of DATABASE_URL own the database and write to it, then run "
    "this again."
)
# By code, or by its class of two characters. Source: https://www.postgresql.org/docs/current/errcodes-appendix.html
POSTGRESQL = {
    "": UNREACHABLE,
    "08": UNREACHABLE,
    "28": UNREACHABLE,
    "3D": UNREACHABLE,
    "53300": UNREACHABLE,
    "57P": UNREACHABLE,
    "53100": DATABASE_FULL,
    "25006": REFUSED,
    "42501": REFUSED,
    "42P01": NOT_MIGRATED,
    "42703": NOT_MIGRATED,
}


def explanation(error: BaseException) -> str:
    """Return what is wrong with the database or the disk, and what to do; empty if `error` says something else."""
    if isinstance(error, OSError):
        return _of_files(error)
    cause: BaseException | None = error
    while cause and not isinstance(cause, sqlite3.Error | psycopg.Error):
        cause = cause.__cause__ or cause.__context__
    if isinstance(cause, psycopg.Error):
        code = cause.sqlstate or ""
        text = POSTGRESQL.get(code) or POSTGRESQL.get(code[:3]) or POSTGRESQL.get(code[:2]) or ""
        why = cause.diag.message_primary or str(cause).partition("\n")[0].removeprefix("connection failed: ")
        text = text.format(why=why.rstrip("."))
    elif isinstance(cause, sqlite3.Error):
        text = SQLITE.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF, "")
        if str(cause).startswith(SQLITE_LACKS):
            text = NOT_MIGRATED
    else:
        text = ""
    return "" if text is NOT_MIGRATED and not _waits_for_migrations() else text


def _of_files(error: OSError) -> str:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return "The disk is full. Free some space, then run this again."
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS} and error.filename:
        return (
            f"{error.filename} cannot be used: {error.strerror}. Run this as the user who owns it, or give it to the "
            "user of this process."
        )
    return ""


def _waits_for_migrations() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
