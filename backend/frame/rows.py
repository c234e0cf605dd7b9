"""Rows that every page reads. The ORM would write their query again each time: docs/decisions/0011 has the figures."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model

Row = TypeVar("Row", bound=Model)


def row(model: type[Row], key: object) -> Row | None:
    """Return the row of `model` whose primary key is `key`, None where there is none."""
    return next(_read(model, (), f" WHERE {_column(model._meta.pk)} = %s", [key]), None)  # noqa: SLF001  (documented)


def rows(model: type[Row], *related: str) -> list[Row]:
    """Return every row of `model`, and with it the row that each of its fields `related` leads to."""
    return list(_read(model, related))


class _Table:
    """The columns of `model` in a query, from number `start` on, and how their values become a row."""

    def __init__(self, model: type[Model], start: int) -> None:
        meta = model._meta  # noqa: SLF001
        self.model = model
        self.names = [field.attname for field in meta.concrete_fields]
        self.sql = ", ".join(map(_column, meta.concrete_fields))
        self.place = slice(start, start + len(self.names))
        self.key = start + meta.concrete_fields.index(meta.pk)
        columns = [field.get_col(meta.db_table) for field in meta.concrete_fields]
        self.converters = [
            (number, convert, column)
            for number, column in enumerate(columns)
            for convert in (*connection.ops.get_db_converters(column), *column.get_db_converters(connection))
        ]

    def read(self, values: Sequence[Any]) -> Model | None:
        """Return the row of this table; None where nothing was joined."""
        if values[self.key] is None:
            return None
        own = list(values[self.place])
        for number, convert, column in self.converters:
            own[number] = convert(own[number], column, connection)
        return self.model.from_db(connection.alias, self.names, own)


def _read(model: type[Row], related: Sequence[str], where: str = "", keys: Sequence[Any] = ()) -> Iterator[Row]:
    sql, table, joined = _query(model, tuple(related))
    with connection.cursor() as cursor:
        cursor.execute(sql + where, keys)
        for values in cursor.fetchall():
            stored: Any = table.read(values)
            for field, other in joined:
                field.set_cached_value(stored, other.read(values))
            yield stored


@cache
def _query(model: type[Model], related: tuple[str, ...]) -> tuple[str, _Table, list[tuple[Any, _Table]]]:
    """Return the query of `model`, its own columns, and each field in `related` with the columns it leads to."""
    table = _Table(model, 0)
    columns, joins, joined = [table.sql], [_table_name(model)], []
    start = table.place.stop
    for name in related:
        field: Any = model._meta.get_field(name)  # noqa: SLF001
        other = _Table(field.related_model, start)
        start = other.place.stop
        [(own, theirs)] = field.get_joining_fields()
        columns.append(other.sql)
        joins.append(f"LEFT JOIN {_table_name(field.related_model)} ON {_column(own)} = {_column(theirs)}")
        joined.append((field, other))
    return f"SELECT {', '.join(columns)} FROM {' '.join(joins)}", table, joined  # noqa: S608  (our own names)


def _column(field: Any) -> str:
    return f"{_table_name(field.model)}.{connection.ops.quote_name(field.column)}"


def _table_name(model: type[Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)  # noqa: SLF001
