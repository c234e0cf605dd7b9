"""A page of rows with its head and pager, as the partials `_grid_*.html` draw them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.functional import Promise

from backend.frame.withheld import without_withheld

PER_PAGE = (20, 30, 50, 100, 200)


@dataclass(frozen=True)
class Column:
    """One column. `order` holds the fields that it sorts by, ascending; without any it does not sort."""

    name: str
    title: Promise | str
    order: tuple[str, ...] = ()


class Grid:
    """The rows of `queryset` as the query of the address asks for them: `page`, `per_page` and `sort`.

    Whatever it asks that does not exist falls back to what is usual. `kept` names the other parameters (search and
    filters) that the addresses of head and pager carry on. The fields `first` order before the column. `address` is the
    page of the grid, where another page shows it.
    """

    def __init__(
        self,
        queryset: QuerySet[Any],
        columns: Sequence[Column],
        query: QueryDict,
        sort: str,
        *,
        first: Sequence[str] = (),
        address: str = "",
    ) -> None:
        self._query = query = without_withheld(query)
        self._first = first
        self.address = address
        self._columns = {column.name: column for column in columns}
        self.sort = query.get("sort", "") if self._sorts(query.get("sort", "")) else sort
        size = query.get("per_page", "")
        self.per_page = int(size) if size in map(str, PER_PAGE) else PER_PAGE[0]
        self._rows = queryset.order_by(*self._order())

    @cached_property
    def page(self) -> Page[Any]:
        """The rows of the page that is asked for, or of the nearest one that exists."""
        return Paginator(self._rows, self.per_page).get_page(self._query.get("page"))

    @property
    def count(self) -> int:
        """How many records were found in all."""
        return self.page.paginator.count

    @property
    def columns(self) -> list[dict[str, Any]]:
        """The head: of each column its title, the address that sorts by it, and `aria-sort`."""
        return [self._head(column) for column in self._columns.values()]

    @property
    def sizes(self) -> list[dict[str, Any]]:
        """How many rows a page may have, each with its address."""
        return [
            {"size": size, "url": self._url(per_page=size), "is_current": size == self.per_page} for size in PER_PAGE
        ]

    @property
    def previous_url(self) -> str:
        """The address of the page before, empty on the first one."""
        return self._url(page=self.page.previous_page_number()) if self.page.has_previous() else ""

    @property
    def next_url(self) -> str:
        """The address of the page after, empty on the last one."""
        return self._url(page=self.page.next_page_number()) if self.page.has_next() else ""

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What a new search carries on: the order and the size of a page, where the address names them."""
        return [(name, str(self._query[name])) for name in ("sort", "per_page") if self._query.get(name)]

    def _sorts(self, sort: str) -> bool:
        column = self._columns.get(sort.removeprefix("-"))
        return bool(column and column.order)

    def _order(self) -> Iterable[str]:
        """Order by the column; rows that are equal in it come newest first."""
        is_descending = self.sort.startswith("-")
        fields = self._columns[self.sort.removeprefix("-")].order
        return [*self._first, *(f"-{field}" if is_descending else field for field in fields), "-pk"]

    def _head(self, column: Column) -> dict[str, Any]:
        if not column.order:
            return {"title": column.title}
        state = {column.name: "ascending", f"-{column.name}": "descending"}.get(self.sort, "none")
        url = self._url(sort=f"-{column.name}" if state == "ascending" else column.name)
        return {"title": column.title, "url": url, "aria_sort": state}

    def _url(self, **changes: Any) -> str:
        """Return the address with `changes`; whatever it changes, another page than the first is no longer meant."""
        query = self._query.copy()
        query.pop("page", None)
        for name, value in changes.items():
            query[name] = str(value)
        return f"{self.address}?{query.urlencode()}"
