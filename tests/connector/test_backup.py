"""The commands that docs/operations.md gives for backup and restore, run on the database of the tests."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings as real_settings
from django.db import connection as database
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client
from pytest_django import Settings

from backend.audit.models import LoggedAction
from connector.gateway.client import Credentials
from connector.keys import keyring
from connector.models import KeyPair
from tests.addresses import DASHBOARD, LOGIN
from tests.deploy.documentation import commands
from tests.factories import connect, set_instance
from tests.gateways import SANDBOX

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
NOWHERE = "http://127.0.0.1:9/"
QUERY = "SELECT id, environment, api_key, private_key FROM connector_keypair"
INSTANCE = "SELECT project_name FROM connector_instance"


def run(script: str, folder: Path, **more: str) -> str:
    """Run documented commands in `folder` and return what they print."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(  # noqa: S603  (our own documentation)
        ["/bin/bash", "-euc", script],
        cwd=folder,
        env=os.environ | {"PATH": path} | more,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


class SQLite:
    """The database file of the test run, where the documentation expects it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.copy, self.restoration = commands("SQLite")
        (folder / "var").mkdir()
        (folder / "var" / "db.sqlite3").symlink_to(database.settings_dict["NAME"])

    def back_up(self) -> str:
        return run(self.copy, self.folder)

    def restore(self) -> str:
        """Restore over an existing database, and the files that an interrupted process left beside it."""
        (self.folder / "var" / "db.sqlite3").unlink()
        for name in ("db.sqlite3", "db.sqlite3-wal", "db.sqlite3-shm"):
            (self.folder / "var" / name).write_bytes(b"of another database")
        run(self.restoration, self.folder)
        return f"sqlite:///{self.folder / 'var' / 'db.sqlite3'}"

    def rows(self, query: str) -> list[tuple[str, ...]]:
        with closing(sqlite3.connect(self.folder / "var" / "db.sqlite3")) as restored:
            return restored.execute(query).fetchall()

    def content(self) -> bytes:
        return (self.folder / "backup.sqlite3").read_bytes()

    def close(self) -> None:
        """Leave the folder to pytest, which removes it."""


class PostgreSQL:
    """The database of the test run, and a fresh one beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.copy, self.restoration = commands("PostgreSQL")
        self.fresh = f"{database.settings_dict['NAME']}_restored"
        self._administer(f'DROP DATABASE IF EXISTS "{self.fresh}"', f'CREATE DATABASE "{self.fresh}"')

    def back_up(self) -> str:
        return run(self.copy, self.folder, DATABASE_URL=self._url(database.settings_dict["NAME"]))

    def restore(self) -> str:
        run(self.restoration, self.folder, DATABASE_URL=self._url(self.fresh))
        return self._url(self.fresh)

    def rows(self, query: str) -> list[tuple[str, ...]]:
        with another_connection(self.fresh) as restored, restored.cursor() as cursor:
            cursor.execute(query)
            return list(cursor.fetchall())

    def content(self) -> bytes:
        # The file itself is compressed, so a search would find nothing.
        return run("pg_restore --file=- backup.dump", self.folder).encode()

    def close(self) -> None:
        self._administer(f'DROP DATABASE "{self.fresh}"')

    @staticmethod
    def _administer(*statements: str) -> None:
        with another_connection("postgres") as postgres, postgres.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    @staticmethod
    def _url(name: str) -> str:
        login = {key: quote(str(database.settings_dict[key]), safe="") for key in ("USER", "PASSWORD", "HOST", "PORT")}
        who = f"{login['USER']}:{login['PASSWORD']}".strip(":")
        return f"postgres://{who}@{login['HOST']}:{login['PORT'] or 5432}/{quote(name, safe='')}"


@contextmanager
def another_connection(name: str = "") -> Iterator[BaseDatabaseWrapper]:
    """Open one more connection, to the database of the test run or to another one of its server."""
    other = database.copy()
    if name:
        other.settings_dict = other.settings_dict | {"NAME": name}
    try:
        yield other
    finally:
        other.close()


@contextmanager
def somebody_writing() -> Iterator[None]:
    """Hold a transaction open that has written something."""
    with another_connection() as writer, writer.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("UPDATE connector_instance SET project_name = 'never saved'")
        yield
        cursor.execute("ROLLBACK")


def require_programs() -> None:
    """Without the client programs the tests fail in CI, and are left out elsewhere."""
    if shutil.which("pg_dump") and shutil.which("pg_restore"):
        return
    reason = "No pg_dump and pg_restore were found: install Debian's postgresql-client."
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture
def store(tmp_path: Path, pair: Credentials) -> Iterator[SQLite | PostgreSQL]:
    """Yield the database of a connected instance, whose last change was the name of its project."""
    if database.vendor == "postgresql":
        require_programs()
    with transaction.atomic():
        connect(pair)
    set_instance(project_name="saved last")
    store = PostgreSQL(tmp_path) if database.vendor == "postgresql" else SQLite(tmp_path)
    yield store
    store.close()


def manage(command: str, url: str, keys: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a management command on the restored database, with the encryption keys `keys` and no gateway to reach."""
    environment = os.environ | {
        "DATABASE_URL": url,
        "ENCRYPTION_KEYS": ",".join(keys),
        "SANDBOX_GATEWAY_URL": NOWHERE,
        "PRODUCTION_GATEWAY_URL": NOWHERE,
    }
    return subprocess.run(  # noqa: S603  (our own)
        [sys.executable, "manage.py", *command.split()],
        cwd=real_settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_backup_holds_what_was_saved_and_nothing_that_was_not(store: SQLite | PostgreSQL) -> None:
    with somebody_writing():
        said = store.back_up()
    store.restore()
    assert said.strip() == ("ok" if isinstance(store, SQLite) else "")
    assert store.rows(INSTANCE) == [("saved last",)]


def test_a_restored_pair_is_the_one_that_was_backed_up(store: SQLite | PostgreSQL, pair: Credentials) -> None:
    store.back_up()
    KeyPair.objects.all().delete()
    store.restore()
    [(row_id, environment, api_key, private_key)] = store.rows(QUERY)
    restored = KeyPair(uuid.UUID(str(row_id)), environment, api_key, private_key)
    assert (restored.open("api_key"), restored.open("private_key")) == (pair.api_key, pair.private_key.pem)


def test_with_the_same_keys_a_restored_system_is_ready(store: SQLite | PostgreSQL) -> None:
    store.back_up()
    url = store.restore()
    checked = manage("check --fail-level WARNING", url, real_settings.ENCRYPTION_KEYS)
    assert (checked.returncode, checked.stderr) == (0, "")
    # It signed with the pair; only the gateway is missing here.
    verified = manage("connector verify --json", url, real_settings.ENCRYPTION_KEYS)
    [sandbox] = json.loads(verified.stdout)["environments"]
    assert (verified.returncode, sandbox["environment"], sandbox["cause"]) == (2, SANDBOX, "unreachable")


def test_a_restored_action_log_is_proved_and_append_only(store: SQLite | PostgreSQL) -> None:
    logged = LoggedAction.objects.count()
    assert logged
    store.back_up()
    url = store.restore()
    # A trigger that is missing is a problem, too.
    verified = manage("audit verify --json", url, real_settings.ENCRYPTION_KEYS)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert json.loads(verified.stdout)["rows"] == logged


def test_with_another_key_a_restored_system_says_so(store: SQLite | PostgreSQL) -> None:
    store.back_up()
    url = store.restore()
    another = [keyring.generate_key()]
    checked = manage("check --fail-level WARNING", url, another)
    assert checked.returncode == 1
    assert "connector.W001" in checked.stderr
    assert "back into ENCRYPTION_KEYS" in checked.stderr
    verified = manage("connector verify --json", url, another)
    [sandbox] = json.loads(verified.stdout)["environments"]
    assert (verified.returncode, sandbox["cause"]) == (1, "undecryptable")
    assert sandbox["explanation"]


def test_no_half_of_a_pair_is_in_a_backup(store: SQLite | PostgreSQL, pair: Credentials) -> None:
    store.back_up()
    content = store.content()
    secret = [line for line in pair.private_key.pem.splitlines() if not line.startswith("-----")]
    assert content.count(b"cs1:") >= 2  # The search can find something.
    assert not [line for line in [*secret, pair.api_key] if line.encode() in content]


def test_a_copy_of_the_file_alone_lacks_what_was_saved_last(tmp_path: Path) -> None:
    """This is why the documentation warns against `cp` for SQLite."""
    path, copy = tmp_path / "db.sqlite3", tmp_path / "copy.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as source:
        source.execute("PRAGMA journal_mode=WAL")
        source.execute("PRAGMA wal_autocheckpoint=0")
        source.execute("CREATE TABLE saved (what TEXT)")
        source.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        source.execute("INSERT INTO saved VALUES ('last')")
        shutil.copy(path, copy)
    with closing(sqlite3.connect(copy)) as copied:
        assert copied.execute("SELECT what FROM saved").fetchall() == []


def test_a_restored_backup_is_read_by_its_owner_alone(store: SQLite | PostgreSQL) -> None:
    store.back_up()
    store.restore()
    made = [path for path in store.folder.rglob("*") if path.is_file() and "replaced" not in path.parent.name]
    assert made
    assert {path.stat().st_mode & 0o077 for path in made} == {0}


def test_another_secret_key_ends_the_sessions_of_a_backup(as_alice: Client, settings: Settings) -> None:
    assert as_alice.get(DASHBOARD).status_code == 200
    settings.SECRET_KEY = "another secret key, of the restored installation"
    assert as_alice.get(DASHBOARD)["Location"].startswith(LOGIN)
