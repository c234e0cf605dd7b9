"""The database: whether it answers, is migrated, and, as a file, is kept safe."""

import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor

from connector.doctor.findings import Finding, fine, wrong
from connector.doctor.server import LEAST_FREE_BYTES

# What a database says of itself, and what that means; the texts themselves have names. The first row that fits counts.
_REASONS = (
    ("password", "it refuses the user or the password", "Correct DATABASE_URL."),
    ("role", "it does not know the user", "Correct DATABASE_URL."),
    ("does not exist", "it has no database of that name", "Create it, or correct DATABASE_URL."),
    ("refused", "nothing listens there", "Start it, or correct DATABASE_URL."),
    ("No such file", "nothing listens there", "Start it, or correct DATABASE_URL."),
    ("timeout", "it does not answer in time", "Look whether it is overloaded, or a firewall is in between."),
    ("translate host name", "the name of its host cannot be resolved", "Correct DATABASE_URL, or the name server."),
    ("resolve", "the name of its host cannot be resolved", "Correct DATABASE_URL, or the name server."),
    ("starting up", "it is starting up", "Wait a moment."),
    ("shutting down", "it is shutting down", "Start it again."),
    ("connection slots", "it has no free connection", "Allow more, or lower CONN_MAX_AGE."),
    ("too many", "it has no free connection", "Allow more, or lower CONN_MAX_AGE."),
    ("unable to open", "the file cannot be opened", "Give this process’s user the file and its folder."),
    ("readonly", "the file cannot be written", "Give this process’s user the file and its folder."),
    ("locked", "another process keeps it locked", "End what holds it, such as a shell of sqlite3."),
    ("full", "the disk is full", "Free some space."),
    ("disk I/O", "the disk fails", "Look at the disk, and have a backup ready."),
    ("not a database", "the file is damaged or no database", "Restore a backup: docs/operations.md."),
    ("malformed", "the file is damaged or no database", "Restore a backup: docs/operations.md."),
)


def database() -> Iterator[Finding]:
    """Say which database it is, and whether it answers."""
    path = file()
    name = "SQLite"
    if connection.vendor == "postgresql":
        place = ":".join(
            str(connection.settings_dict[part]) for part in ("HOST", "PORT") if connection.settings_dict[part]
        )
        name = f"PostgreSQL at {place or 'the local socket'}"
    if path and not path.exists():
        yield wrong(f"{name}: there is no file {path} yet.", "python manage.py migrate, or correct DATABASE_URL")
        return
    try:
        version, is_writable = _tried()
    except (DatabaseError, InterfaceError) as error:
        said = str(error)
        found = ((reason, remedy) for words, reason, remedy in _REASONS if words in said)
        reason, remedy = next(found, (type(error).__name__, "Start it, or correct DATABASE_URL."))
        yield wrong(f"{name} does not answer: {reason}.", remedy)
        return
    yield fine(f"{name} answers, version {version}.")
    if not is_writable:
        yield wrong(f"{name} can only be read.", "It is a standby, or set to read only: correct DATABASE_URL.")


def _tried() -> tuple[str, bool]:
    """Return the version of the database, and whether it can be written. Raises DatabaseError."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT current_setting('server_version'), current_setting('transaction_read_only')")
            version, is_read_only = cursor.fetchone()
            return version, is_read_only == "off"
        cursor.execute("SELECT sqlite_version()")
        version = cursor.fetchone()[0]
        # Somebody who writes is done sooner.
        cursor.execute("PRAGMA busy_timeout = 3000")
        cursor.execute("BEGIN IMMEDIATE")
        cursor.execute("ROLLBACK")
        return version, True


def migrations() -> Iterator[Finding]:
    """Find migrations that were not applied, and those that a newer version has applied."""
    executor = MigrationExecutor(connection)
    loader = executor.loader
    missing = executor.migration_plan(loader.graph.leaf_nodes())
    newer = [
        key for key in loader.applied_migrations if key[0] in loader.migrated_apps and key not in loader.graph.nodes
    ]
    if missing:
        yield wrong(f"{len(missing)} migrations are not applied.", "python manage.py migrate")
    if newer:
        text = f"{len(newer)} applied migrations are not known to this version: the database is of a newer one."
        yield wrong(text, "Install that version again, or restore the backup from before the upgrade.")
    if not missing and not newer:
        yield fine("All migrations are applied.")


def tables() -> Iterator[Finding]:
    """Find tables and columns that are missing although their migrations are applied."""
    missing = []
    with connection.cursor() as cursor:
        present = set(connection.introspection.table_names(cursor))
        for model in apps.get_models():
            about = model._meta  # noqa: SLF001  (documented by the framework)
            table, columns = about.db_table, {str(field.column) for field in about.local_concrete_fields}
            if table in present:
                columns -= {found.name for found in connection.introspection.get_table_description(cursor, table)}
                missing += [f"{table}.{column}" for column in sorted(columns)]
            else:
                missing.append(table)
    if missing:
        remedy = "Restore a backup of this version. A development copy: start over with another DATABASE_URL."
        yield wrong(f"Missing in the database: {', '.join(missing)}.", remedy)
    else:
        yield fine("No table and no column is missing.")


def database_file() -> Iterator[Finding]:
    """Look at the file of SQLite: its journal, who may read it, and the room around it."""
    path = file()
    if path is None or not path.exists():
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        journal = str(cursor.fetchone()[0])
    wal = path.with_name(f"{path.name}-wal")
    sizes = [f"{part.stat().st_size / 1024**2:.1f} MB" for part in (path, wal) if part.exists()]
    text = f"{path}: {' and a log of '.join(sizes)}, journal {journal}"
    remedy = "Move the file to a disk of this machine: a network folder has no write-ahead log."
    yield fine(text) if journal == "wal" else wrong(text, remedy)
    others = stat.S_IRGRP | stat.S_IROTH
    if path.stat().st_mode & others and path.parent.stat().st_mode & (stat.S_IXGRP | stat.S_IXOTH):
        yield wrong("Other users of this machine can read the database.", f"chmod 700 {path.parent}; chmod 600 {path}")
    free = shutil.disk_usage(path.parent).free
    if free < LEAST_FREE_BYTES:
        yield wrong(f"Only {free / 1024**2:.0f} MB are free beside the database.", "Free some space.")


def file() -> Path | None:
    """Return the file of the database; None if it has none."""
    name = str(connection.settings_dict["NAME"])
    return Path(name) if connection.vendor == "sqlite" and ":memory:" not in name else None
