"""What the doctor finds of databases that do not work, each in a process of its own."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from connector.doctor import storage
from connector.doctor.findings import State


def first_words_of(path: Path) -> tuple[str, str]:
    """Return what a new process finds of the database file `path`, and what to do about it."""
    program = (
        "import django, json; django.setup(); from connector.doctor import storage;"
        "print(json.dumps([(found.text, found.remedy) for found in storage.database()]))"
    )
    environment = {"DJANGO_SETTINGS_MODULE": "config.settings", "DATABASE_URL": f"sqlite:///{path}"}
    ended = subprocess.run(  # noqa: S603  (our own program)
        [sys.executable, "-c", program], cwd=settings.BASE_DIR, env=environment, capture_output=True, check=True
    )
    text, remedy = json.loads(ended.stdout)[0]
    return text, remedy


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "db.sqlite3"
    assert "there is no file" in first_words_of(path)[0]
    assert not path.exists()


def test_a_damaged_file_is_said(tmp_path: Path) -> None:
    path = tmp_path / "db.sqlite3"
    path.write_bytes(b"canary" * 1000)
    text, remedy = first_words_of(path)
    assert "the file is damaged or no database" in text
    assert "Restore a backup" in remedy


def test_a_file_that_somebody_keeps_locked_is_said(tmp_path: Path) -> None:
    path = tmp_path / "db.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode=WAL")
        other.execute("BEGIN IMMEDIATE")
        assert "another process keeps it locked" in first_words_of(path)[0]


@contextmanager
def migrations(*, without: tuple[str, str] | None = None, beside: tuple[str, str] | None = None) -> Iterator[None]:
    """Let the database say that other migrations are applied."""
    recorder = MigrationRecorder(connection)
    try:
        if without:
            recorder.record_unapplied(*without)
        if beside:
            recorder.record_applied(*beside)
        yield
    finally:
        if without:
            recorder.record_applied(*without)
        if beside:
            recorder.record_unapplied(*beside)


@pytest.mark.django_db
def test_migrations_that_are_missing_are_said() -> None:
    with migrations(without=("payments", "0001_initial")):
        (found,) = storage.migrations()
    assert (found.state, found.text) == (State.WRONG, "1 migrations are not applied.")


@pytest.mark.django_db
def test_a_database_of_a_newer_version_is_said() -> None:
    with migrations(beside=("connector", "9999_of_a_newer_version")):
        (found,) = storage.migrations()
    assert found.state is State.WRONG
    assert "the database is of a newer one" in found.text


@pytest.mark.django_db
def test_tables_and_columns_that_are_missing_are_said() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE connector_turn RENAME COLUMN until TO until_before")
        cursor.execute("ALTER TABLE audit_seenevents RENAME TO audit_seenevents_before")
    (found,) = storage.tables()
    assert found.state is State.WRONG
    assert "connector_turn.until." in found.text
    assert "audit_seenevents," in found.text


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_as_it_should_be_is_fine() -> None:
    assert [found.state for found in (*storage.database(), *storage.migrations(), *storage.tables())] == [State.OK] * 3
