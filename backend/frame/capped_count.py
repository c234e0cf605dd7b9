"""Counts rows up to a limit within another query, so that a large table is not counted to its end."""

from typing import Any

from django.db.models import IntegerField, QuerySet, Subquery


class CappedCount(Subquery):
    """The number of rows of `queryset`, counted in its order up to `limit`: an annotation of another query."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS capped)"
    output_field = IntegerField()

    def __init__(self, queryset: QuerySet[Any], limit: int) -> None:
        super().__init__(queryset.values("pk")[:limit])
