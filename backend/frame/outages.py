"""What the Admin needs and cannot use right now: how it is known from an error, and the page that explains it."""

import sqlite3
from dataclasses import dataclass

from django.db import DatabaseError, InterfaceError, InternalError, OperationalError


class SharedCacheError(Exception):
    """The shared cache is down, too slow, or holds something else. What it would have counted must be refused."""


class SealedValueError(Exception):
    """A stored secret does not open with any encryption key. What it would have proved must be refused."""


@dataclass(frozen=True)
class Outage:
    """What fails, as `/readyz` names it, with the status and the template of its page."""

    name: str
    status: int
    template: str


CACHE = Outage("cache", 503, "503_sign_in.html")
DATABASE = Outage("database", 503, "503.html")
DISK = Outage("disk", 507, "507.html")
ENCRYPTION_KEY = Outage("encryption key", 503, "503_encryption_key.html")
MIGRATIONS = Outage("migrations", 503, "503_migrations.html")

LONGEST_REASON = 300

# Sources: https://www.postgresql.org/docs/current/errcodes-appendix.html, https://www.sqlite.org/rescode.html
POSTGRESQL_CODES = {"42P01": MIGRATIONS, "42703": MIGRATIONS, "53100": DISK}
# A full disk is an I/O error where SQLite cannot make the file that its processes share.
SQLITE_CODES = {sqlite3.SQLITE_FULL: DISK, sqlite3.SQLITE_IOERR: DISK}
# For tables and columns that are missing, SQLite has no code of its own.
SQLITE_LACKS = ("no such table", "no such column", "table ")


def outage_of(error: BaseException | None) -> Outage | None:
    """Return what is behind `error`, None if it is a fault of ours."""
    if isinstance(error, SharedCacheError):
        return CACHE
    if isinstance(error, SealedValueError):
        return ENCRYPTION_KEY
    if not isinstance(error, DatabaseError | InterfaceError):
        return None
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        # The lowest byte is the kind of the error.
        known = SQLITE_CODES.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF)
        if str(cause).startswith(SQLITE_LACKS):
            known = MIGRATIONS
    else:
        known = POSTGRESQL_CODES.get(getattr(cause, "sqlstate", None) or "")
    is_down = isinstance(error, OperationalError | InterfaceError | InternalError)
    return known or (DATABASE if is_down else None)


def reason(outage: Outage, error: BaseException | None) -> str:
    """Return what fails and why, in one line for the log. A part of a query that an error quotes is left out."""
    why = " ".join(str(error or "").partition("\nLINE ")[0].split())
    return f"{outage.name}: {why}"[:LONGEST_REASON].removesuffix(": ")
