"""Single rows that every request reads."""

from typing import TypeVar

from django.db import connection
from django.db.models import Model

Row = TypeVar("Row", bound=Model)


def row(model: type[Row], key: object) -> Row | None:
    """Return the row of `model` whose primary key is `key`, None where there is none.

    The ORM writes and reads a query like this in three times the time; docs/decisions/0011 has the figures.
    """
    meta, quoted = model._meta, connection.ops.quote_name  # noqa: SLF001  (the framework documents it)
    sql = f"SELECT * FROM {quoted(meta.db_table)} WHERE {quoted(str(meta.pk.column))} = %s"  # noqa: S608  (our own names)
    return next(iter(model._default_manager.raw(sql, [key])), None)  # noqa: SLF001  (documented too)
