"""What a line says of an error of the database. The errors are real ones of the drivers."""

import errno
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from django.contrib.auth.models import Group
from django.db import Error, connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from psycopg import errors

from backend.frame.database_errors import NOT_MIGRATED, explanation


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(tmp_path / "db.sqlite3", timeout=0, isolation_level=None)) as opened:
        opened.execute("CREATE TABLE t (x)")
        yield opened


def fill(database: sqlite3.Connection) -> None:
    database.execute("PRAGMA max_page_count=2")
    database.execute("INSERT INTO t VALUES (zeroblob(100000))")


def write_what_is_read_only(database: sqlite3.Connection) -> None:
    database.execute("PRAGMA query_only=ON")
    database.execute("INSERT INTO t VALUES (1)")


def write_what_is_locked(database: sqlite3.Connection) -> None:
    (_number, _name, path) = database.execute("PRAGMA database_list").fetchone()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        database.execute("INSERT INTO t VALUES (1)")


def open_what_is_not_there(_database: sqlite3.Connection) -> None:
    sqlite3.connect("/nowhere/db.sqlite3")


def read_what_is_no_database(database: sqlite3.Connection) -> None:
    (_number, _name, path) = database.execute("PRAGMA database_list").fetchone()
    Path(path).with_name("text").write_text("no database" * 100, encoding="utf-8")
    with closing(sqlite3.connect(Path(path).with_name("text"))) as text:
        text.execute("SELECT * FROM t")


@pytest.mark.parametrize(
    ("fail", "text"),
    [
        (fill, "disk of the database is full"),
        (write_what_is_read_only, "cannot be opened or written"),
        (open_what_is_not_there, "cannot be opened or written"),
        (write_what_is_locked, "Another process keeps the database locked"),
        (read_what_is_no_database, "no database of SQLite"),
    ],
)
def test_an_error_of_sqlite_is_explained(
    database: sqlite3.Connection, fail: Callable[[sqlite3.Connection], None], text: str
) -> None:
    with pytest.raises(sqlite3.Error) as raised:
        fail(database)
    assert text in explanation(raised.value)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (errors.DiskFull("no space left"), "disk of the database is full"),
        (errors.AdminShutdown("terminating connection"), "cannot be used: terminating connection. Start it"),
        (errors.TooManyConnections("too many clients"), "cannot be used: too many clients. Start it"),
        (errors.InsufficientPrivilege("permission denied"), "refuses this command: permission denied. Let the user"),
        (errors.ReadOnlySqlTransaction("read-only"), "refuses this command: read-only. Let the user"),
    ],
    ids=["full", "stopped", "busy", "owned by another", "standby"],
)
def test_an_error_of_postgresql_is_explained(error: psycopg.Error, text: str) -> None:
    assert text in explanation(error)


def test_a_full_disk_is_explained_and_other_errors_of_files_are_not() -> None:
    assert explanation(OSError(errno.ENOSPC, "full")) == "The disk is full. Free some space, then run this again."
    assert explanation(OSError(errno.ENOENT, "missing", "file")) == ""


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM, errno.EROFS])
def test_a_file_of_somebody_else_is_named(number: int) -> None:
    text = explanation(OSError(number, "refused", "/srv/file"))
    assert text.startswith("/srv/file cannot be used: refused. Run this as the user who owns it")


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1 FROM nowhere",
        "INSERT INTO nowhere VALUES (1)",
        "SELECT missing FROM django_session",
        "INSERT INTO django_session (missing) VALUES (1)",
    ],
)
@pytest.mark.django_db
def test_what_a_migration_would_make_is_explained(statement: str) -> None:
    MigrationRecorder(connection).record_unapplied("payments", "0001_initial")
    with pytest.raises(Error) as raised, transaction.atomic():
        connection.cursor().execute(statement)
    assert explanation(raised.value) == NOT_MIGRATED


@pytest.mark.django_db
def test_a_mistake_of_ours_keeps_its_traceback() -> None:
    Group.objects.create(name="Merchant")
    for mistake in (
        lambda: Group.objects.create(name="Merchant"),
        lambda: connection.cursor().execute("SELECT * FROM x"),
    ):
        with pytest.raises(Error) as raised, transaction.atomic():
            mistake()
        assert explanation(raised.value) == ""
