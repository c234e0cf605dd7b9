"""Triggers with which the database refuses to change or delete a row of the action log, for every program.

Old rows are the exception: a row may be deleted once it is old enough and a checkpoint names it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

MESSAGE = "The action log is append-only."
# Rows are kept for 30 days at least. The hour less allows for clocks: `maintain` and the database have one each.
_LEAST_HOURS = 30 * 24 - 1

_AGES = {
    "postgresql": f"now() - interval '{_LEAST_HOURS} hours'",
    "sqlite": f"datetime('now', '-{_LEAST_HOURS} hours')",
}
_CHECKED = "(SELECT COALESCE(MAX(number), 0) FROM audit_checkpoint)"
_HAS_LINK = f"EXISTS (SELECT 1 FROM audit_chainlink WHERE row_id = OLD.id AND number <= {_CHECKED})"  # noqa: S608
_HAS_NO_ROW = "NOT EXISTS (SELECT 1 FROM audit_loggedaction WHERE id = OLD.row_id)"


@dataclass(frozen=True)
class _Table:
    """A protected table. `same` is true of a row with the key of a new one, `old` of a row that may be deleted."""

    name: str
    same: str
    old: str = "FALSE"


_TABLES = (
    _Table("audit_loggedaction", "id = NEW.id", f"{_HAS_LINK} AND OLD.at < {{age}}"),
    _Table(
        "audit_chainlink", "number = NEW.number OR row_id = NEW.row_id", f"OLD.number <= {_CHECKED} AND {_HAS_NO_ROW}"
    ),
    _Table("audit_checkpoint", "number = NEW.number"),
)


@dataclass(frozen=True)
class _Trigger:
    name: str
    table: str
    statements: tuple[str, ...]
    # What the database says of it.
    stored: tuple[Any, ...]


# Of PostgreSQL: the table, the events as the bits of pg_trigger.h, and the body of the function. One with a condition,
# or for some columns only, is none of ours.
_STORED = {
    "postgresql": """
        SELECT t.tgname, t.tgrelid::regclass::text, t.tgtype, p.prosrc
        FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
        WHERE t.tgenabled IN ('O', 'A') AND t.tgqual IS NULL AND t.tgattr = '' AND pg_table_is_visible(t.tgrelid)
    """,
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'",
}
_ROW, _BEFORE, _DELETE, _UPDATE, _TRUNCATE = 1, 2, 8, 16, 32


def protecting(vendor: str) -> list[str]:
    """Return the statements that make the triggers."""
    return [statement for trigger in _triggers(vendor) for statement in trigger.statements]


def unprotecting(vendor: str) -> list[str]:
    """Return the statements that take the triggers away."""
    place = " ON {}" if vendor == "postgresql" else ""
    return [f"DROP TRIGGER IF EXISTS {trigger.name}{place.format(trigger.table)}" for trigger in _triggers(vendor)]


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the names of the triggers that somebody took away, switched off, or replaced by others of these names."""
    with connection.cursor() as cursor:
        cursor.execute(_STORED[connection.vendor])
        stored = {name: tuple(facts) for name, *facts in cursor.fetchall()}
    return [trigger.name for trigger in _triggers(connection.vendor) if stored.get(trigger.name) != trigger.stored]


def protect(_apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make the triggers, as an operation of a migration. One that rebuilds a table of SQLite has to do it again."""
    for statement in protecting(schema_editor.connection.vendor):
        schema_editor.execute(statement, None)


def unprotect(_apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in unprotecting(schema_editor.connection.vendor):
        schema_editor.execute(statement, None)


def _triggers(vendor: str) -> Iterator[_Trigger]:
    make = _of_postgresql if vendor == "postgresql" else _of_sqlite
    for table in _TABLES:
        yield from make(table.name, table.same, table.old.format(age=_AGES[vendor]))


def _of_postgresql(table: str, _same: str, old: str) -> Iterator[_Trigger]:
    body = f"""
        BEGIN
            IF TG_OP = 'DELETE' THEN
                IF {old} THEN RETURN OLD; END IF;
            END IF;
            RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation';
        END """
    function = f"CREATE OR REPLACE FUNCTION {table}_keep() RETURNS trigger LANGUAGE plpgsql AS $${body}$$"
    for name, event, each, bits in (
        ("keep", "UPDATE OR DELETE", "ROW", _BEFORE | _ROW | _UPDATE | _DELETE),
        ("keep_all", "TRUNCATE", "STATEMENT", _BEFORE | _TRUNCATE),
    ):
        trigger = f"{table}_{name}"
        does = f"BEFORE {event} ON {table} FOR EACH {each} EXECUTE FUNCTION {table}_keep()"
        yield _Trigger(trigger, table, (function, f"CREATE TRIGGER {trigger} {does}"), (table, bits, body))


def _of_sqlite(table: str, same: str, old: str) -> Iterator[_Trigger]:
    # INSERT OR REPLACE deletes a row without running the trigger for that.
    replaced = f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608  (our own names)
    for event, condition in (("UPDATE", ""), ("DELETE", f"WHEN NOT ({old})"), ("INSERT", replaced)):
        trigger = f"{table}_keep_{event.lower()}"
        does = f"BEFORE {event} ON {table} {condition} BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
        made = f"CREATE TRIGGER {trigger} {does}"
        yield _Trigger(trigger, table, (made,), (made,))
