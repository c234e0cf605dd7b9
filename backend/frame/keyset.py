"""A list of any length: each page begins after a row, not at a number, so the last page is as quick as the first."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import IntegerField, Q, QuerySet, Subquery
from django.http import QueryDict
from django.utils.functional import cached_property

from backend.frame.grid import Column, Grid

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The place of a row: its moment in microseconds, and its key.
_PLACE = re.compile(r"(-?[0-9]{1,17})_([0-9]{1,18})")
# How many rows are read together where all of them are wanted.
ROWS_AT_ONCE = 1000
# More rows than this are not counted.
COUNTED = 1000


class CappedCount(Subquery):
    """The number of rows of `queryset`, counted in its order up to `limit`: an annotation of another query."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS capped)"
    output_field = IntegerField()

    def __init__(self, queryset: QuerySet[Any], limit: int) -> None:
        super().__init__(queryset.values("pk")[:limit])


class KeysetGrid(Grid):
    """A page of the rows of `queryset`, by the moment of its field `by` and then by key.

    In the address, `sort` reverses the order, and `after` and `before` are the place of a row of another page. A place
    that cannot be read, or has no rows beyond it, leads to the first page. The page and the count take one query.

    The rows are counted in the order that `queryset` already has.
    """

    def __init__(
        self, queryset: QuerySet[Any], columns: Sequence[Column], query: QueryDict, by: str, *, address: str = ""
    ) -> None:
        super().__init__(queryset, columns, query, f"-{by}", address=address)
        self._queryset, self._by = queryset, by
        self._is_rising = not self.sort.startswith("-")
        self.previous_url = self.next_url = ""

    def show(self, columns: Iterable[Column]) -> None:
        """Show only these columns in the head. The list is sorted as before."""
        self._columns = {column.name: column for column in columns}

    @cached_property
    def rows(self) -> list[Any]:
        """The rows of the page."""
        before, after = (_place(self._query.get(name, "")) for name in ("before", "after"))
        found = self._read(before or after, is_back=bool(before))
        return found if found or not (before or after) else self._read(None)

    @property
    def count(self) -> int:
        """How many rows there are on all pages; one more than COUNTED where there are more."""
        return int(self.rows[0].row_count) if self.rows else 0

    @property
    def is_counted(self) -> bool:
        """Whether `count` is all of them."""
        return self.count <= COUNTED

    @property
    def limit(self) -> int:
        """How many rows are counted."""
        return COUNTED

    def url(self, **changes: Any) -> str:
        """Return the address with `changes`. Without a place it leads to the first page."""
        return super().url(**{"before": [], "after": []} | changes)

    def every_row(self) -> Iterator[Any]:
        """Yield the rows of all pages, a thousand at a time.

        Each thousand is a query of its own, so they need no cursor of the database: behind PgBouncer, its next rows may
        be asked of another connection.
        """
        order, place = self._order(is_rising=self._is_rising), None
        while found := list(self._beyond(place, is_rising=self._is_rising).order_by(*order)[:ROWS_AT_ONCE]):
            yield from found
            place = getattr(found[-1], self._by), found[-1].pk

    def _order(self, *, is_rising: bool) -> tuple[str, str]:
        return (self._by, "pk") if is_rising else (f"-{self._by}", "-pk")

    def _read(self, place: tuple[datetime, int] | None, *, is_back: bool = False) -> list[Any]:
        """Return the rows after `place`, or before it, and note where the other pages are."""
        is_rising = self._is_rising is not is_back
        rows = self._beyond(place, is_rising=is_rising)
        counted = CappedCount(self._queryset, COUNTED + 1)
        found = list(rows.order_by(*self._order(is_rising=is_rising)).annotate(row_count=counted)[: self.per_page + 1])
        has_more = len(found) > self.per_page
        found = found[: self.per_page]
        if is_back:
            found.reverse()
        if found and (has_more if is_back else place):
            self.previous_url = self.url(before=self._place_of(found[0]))
        if found and (is_back or has_more):
            self.next_url = self.url(after=self._place_of(found[-1]))
        return found

    def _beyond(self, place: tuple[datetime, int] | None, *, is_rising: bool) -> QuerySet[Any]:
        """Return the rows after `place` in this direction, all of them without a place."""
        if not place:
            return self._queryset
        moment, key = place
        side, beyond = ("gte", "gt") if is_rising else ("lte", "lt")
        # The last condition is for the index.
        return self._queryset.filter(
            Q((f"{self._by}__{beyond}", moment)) | Q((f"pk__{beyond}", key)), (f"{self._by}__{side}", moment)
        )

    def _place_of(self, row: Any) -> str:
        return f"{(getattr(row, self._by) - EPOCH) // timedelta(microseconds=1)}_{row.pk}"


def _place(text: str) -> tuple[datetime, int] | None:
    found = _PLACE.fullmatch(text)
    if not found:
        return None
    try:
        return EPOCH + timedelta(microseconds=int(found[1])), int(found[2])
    except OverflowError:
        return None
