"""Rows that every page reads. The ORM would write their query again each time: docs/decisions/0011 has the figures."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model

Row = TypeVar("Row", bound=Model)
Single = TypeVar("Single", bound=Model)
Values = Sequence[Any]


def row(model: type[Row], key: object) -> Row | None:
    """Return the row of `model` whose primary key is `key`, None where there is none."""
    query = _query(model, ())
    return next(query.read(_fetch(query.columns, query.table.name, query.table.key, key)), None)


def rows(model: type[Row], *related: str) -> list[Row]:
    """Return every row of `model`, and with it the row that each of its fields `related` leads to."""
    query = _query(model, related)
    return list(query.read(_fetch(query.columns, query.table.name + query.joins)))


def row_and_rows(single: type[Single], key: object, model: type[Row], *related: str) -> tuple[Single | None, list[Row]]:
    """Return what `row(single, key)` and `rows(model, *related)` return, in one query."""
    query = _query(model, related)
    alone = _table(single, query.width)
    source = f"{alone.name} LEFT JOIN {query.table.name} ON 1 = 1{query.joins}"
    found = _fetch(f"{query.columns}, {alone.columns}", source, alone.key, key)
    return next((alone.read(values) for values in found), None), list(query.read(found))


def _fetch(columns: str, source: str, key_column: str = "", *keys: Any) -> list[Values]:
    """Return the `columns` of the rows of `source`: of all, or of those whose `key_column` is the key."""
    where = f" WHERE {key_column} = %s" if key_column else ""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {source}{where}", keys)  # noqa: S608  (our own names)
        fetched: list[Values] = cursor.fetchall()
    return fetched


class _Table:
    """The columns of `model` in a query, from number `start` on, and how their values become a row."""

    def __init__(self, model: type[Model], start: int) -> None:
        meta = model._meta  # noqa: SLF001  (documented)
        self.model = model
        self.names = [field.attname for field in meta.concrete_fields]
        self.name = connection.ops.quote_name(meta.db_table)
        self.columns = ", ".join(map(_column, meta.concrete_fields))
        self.key = _column(meta.pk)
        self.place = slice(start, start + len(self.names))
        self.key_place = start + meta.concrete_fields.index(meta.pk)
        columns = [field.get_col(meta.db_table) for field in meta.concrete_fields]
        self.converters = [
            (number, convert, column)
            for number, column in enumerate(columns)
            for convert in (*connection.ops.get_db_converters(column), *column.get_db_converters(connection))
        ]

    def read(self, values: Values) -> Any:
        """Return the row of this table; None where nothing was joined."""
        if values[self.key_place] is None:
            return None
        own = list(values[self.place])
        for number, convert, column in self.converters:
            own[number] = convert(own[number], column, connection)
        return self.model.from_db(connection.alias, self.names, own)


class _Query:
    """What a query of `model` selects, and from where: its own columns, and those that its fields `related` lead to."""

    def __init__(self, model: type[Model], related: Sequence[str]) -> None:
        self.table = _Table(model, 0)
        self.joined: list[tuple[Any, _Table]] = []
        self.columns, self.joins, self.width = self.table.columns, "", self.table.place.stop
        for name in related:
            field: Any = model._meta.get_field(name)  # noqa: SLF001
            other = _Table(field.related_model, self.width)
            [(own, theirs)] = field.get_joining_fields()
            self.columns += f", {other.columns}"
            self.joins += f" LEFT JOIN {other.name} ON {_column(own)} = {_column(theirs)}"
            self.width = other.place.stop
            self.joined.append((field, other))

    def read(self, found: Iterable[Values]) -> Iterator[Any]:
        """Yield the rows of the model, each with the related ones."""
        for values in found:
            stored = self.table.read(values)
            if stored is None:
                continue
            for field, other in self.joined:
                field.set_cached_value(stored, other.read(values))
            yield stored


_table, _query = cache(_Table), cache(_Query)


def _column(field: Any) -> str:
    name = connection.ops.quote_name
    return f"{name(field.model._meta.db_table)}.{name(field.column)}"  # noqa: SLF001
