"""A list: its search, rows, head and pager, as the macros of `_grid.html` draw them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from django import forms
from django.core.paginator import Page, Paginator
from django.db.models import F, QuerySet
from django.http import QueryDict
from django.utils.functional import Promise, cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from backend.frame.fields import NO_KEY, SEARCH_ERRORS
from backend.frame.templates import cells
from backend.frame.withheld import without_withheld


@dataclass(frozen=True)
class Column:
    """A column, which sorts by the fields of `order`, ascending. Without any it does not sort.

    What people see may depend on their language: then a function returns what the column sorts by.
    """

    name: str
    title: Promise | str
    order: tuple[str | Callable[[], Any], ...] = ()


class GridForm(forms.Form):
    """Searches a list by keyword; further fields filter it."""

    q = forms.CharField(
        label=_("Search by keyword"),
        required=False,
        max_length=200,
        widget=forms.SearchInput({"placeholder": _("Search by keyword"), **NO_KEY}),
        error_messages=SEARCH_ERRORS,
    )

    @property
    def filters(self) -> list[forms.BoundField]:
        """The fields besides the keyword."""
        return [self[name] for name in self.fields if name != "q"]

    @property
    def is_filtered(self) -> bool:
        """Whether any of the filters is set, or was refused."""
        return any(field.errors or self.cleaned_data.get(field.name) for field in self.filters)


class Grid:
    """A page of the rows of `queryset`, as `page`, `per_page` and `sort` of the address ask for it.

    `sorted` has the rows of all pages. An unknown value is ignored. The fields `first` sort before the column.
    `address` is the page of the grid, if another page shows it.
    """

    sizes = (20, 30, 50, 100, 200)

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
        self.address = address
        self._columns = {column.name: column for column in columns}
        asked = query.get("sort", "")
        column = self._columns.get(asked.removeprefix("-"))
        self.sort = asked if column and column.order else sort
        size = query.get("per_page", "")
        self.per_page = int(size) if size in map(str, self.sizes) else self.sizes[0]
        fields = self._columns[self.sort.removeprefix("-")].order
        order = [F(field) if isinstance(field, str) else field() for field in fields]
        directed = [field.desc() if self.sort.startswith("-") else field.asc() for field in order]
        # Rows that are equal in the column come newest first.
        self.sorted = queryset.order_by(*first, *directed, "-pk")

    @cached_property
    def page(self) -> Page[Any]:
        """The page that was asked for, or the nearest page that exists."""
        return Paginator(self.sorted, self.per_page).get_page(self._query.get("page"))

    @cached_property
    def rows(self) -> list[Any]:
        """The rows of the page."""
        return list(self.page.object_list)

    @property
    def count(self) -> int:
        """How many rows were found, on all pages."""
        return self.page.paginator.count

    @property
    def has_pages(self) -> bool:
        """Whether there are more rows than the shortest page holds. A short list needs no pager."""
        return self.count > self.sizes[0]

    @property
    def columns(self) -> list[dict[str, Any]]:
        """The head: each column's title, the address that sorts by it, if it does, and `aria-sort`."""
        heads = []
        for column in self._columns.values():
            state = {column.name: "ascending", f"-{column.name}": "descending"}.get(self.sort, "none")
            next_sort = f"-{column.name}" if state == "ascending" else column.name
            address = self.url(sort=next_sort) if column.order else ""
            heads.append({"title": column.title, "url": address, "aria_sort": state})
        return heads

    @cached_property
    def cells(self) -> SimpleNamespace:
        """The attributes of the cells of each column, by its name."""
        return cells({column.name: column.title for column in self._columns.values()})

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """The order and the size of a page, where the address has them: a new search sends them again."""
        return [(name, str(self._query[name])) for name in ("sort", "per_page") if self._query.get(name)]

    def url(self, **changes: Any) -> str:
        """Return the address with `changes`. Without another `page` it leads to the first one."""
        query = {**dict(self._query.lists()), "page": [], **changes}
        return f"{self.address}?{urlencode(query, doseq=True)}"
