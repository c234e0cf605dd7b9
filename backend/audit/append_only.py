"""Triggers that keep the action log as it was written, whoever asks the database: no row is changed or deleted."""

from collections.abc import Iterator
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

MESSAGE = "The action log is append-only."
# With the condition that a new row has the key of one that is there.
TABLES = {
    "audit_loggedaction": "id = NEW.id",
    "audit_chainlink": "number = NEW.number OR row_id = NEW.row_id",
}

_FUNCTION = f"""
    CREATE OR REPLACE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END $$
"""


def protecting(vendor: str) -> list[str]:
    """Return the statements that make the triggers."""
    return [*([_FUNCTION] if vendor == "postgresql" else []), *(sql for _n, _t, sql in _triggers(vendor))]


def unprotecting(vendor: str) -> list[str]:
    """Return the statements that take the triggers away."""
    place = " ON {}" if vendor == "postgresql" else ""
    return [f"DROP TRIGGER IF EXISTS {name}{place.format(table)}" for name, table, _sql in _triggers(vendor)]


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the names of the triggers that somebody took away or switched off."""
    query = (
        "SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A') AND pg_table_is_visible(tgrelid)"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        there = {name for (name,) in cursor.fetchall()}
    return [name for name, _table, _sql in _triggers(connection.vendor) if name not in there]


def protect(_apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make the triggers, as an operation of a migration. One that rebuilds a table of SQLite has to do it again."""
    for statement in protecting(schema_editor.connection.vendor):
        schema_editor.execute(statement, None)


def unprotect(_apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in unprotecting(schema_editor.connection.vendor):
        schema_editor.execute(statement, None)


def _triggers(vendor: str) -> Iterator[tuple[str, str, str]]:
    """Yield name, table and statement of each trigger."""
    make = _of_postgresql if vendor == "postgresql" else _of_sqlite
    for table in TABLES:
        yield from make(table)


def _of_postgresql(table: str) -> Iterator[tuple[str, str, str]]:
    for name, event, each in (("keep", "UPDATE OR DELETE", "ROW"), ("keep_all", "TRUNCATE", "STATEMENT")):
        trigger = f"{table}_{name}"
        does = f"BEFORE {event} ON {table} FOR EACH {each} EXECUTE FUNCTION audit_append_only()"
        yield trigger, table, f"CREATE TRIGGER {trigger} {does}"


def _of_sqlite(table: str) -> Iterator[tuple[str, str, str]]:
    # INSERT OR REPLACE deletes a row without telling the trigger for that.
    replaced = f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {TABLES[table]})"  # noqa: S608  (our own names)
    for event, condition in (("UPDATE", ""), ("DELETE", ""), ("INSERT", replaced)):
        trigger = f"{table}_keep_{event.lower()}"
        does = f"BEFORE {event} ON {table} {condition} BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
        yield trigger, table, f"CREATE TRIGGER {trigger} {does}"
