"""The filters of the report: one form, and a chip for each filter that is active."""

import re
import sys
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.db import connection
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.frame.days import day_of, within
from backend.frame.fields import NO_KEY, SEARCH_ERRORS, DayField, FixedSelect
from backend.frame.grid import Grid
from connector.environment import Environment
from payments.models import Order, OrderSource
from payments.orders.statuses import NO_PAYMENT, Dispute, PayStatus, RefundStatus
from payments.report.columns import shown

# Without dates in the address: the last days, today among them.
DAYS = 30
# How the address names orders without a pay status: an empty value there filters nothing.
NONE = "none"
_AMOUNT = re.compile(r"-?[0-9]{1,16}(\.[0-9]{1,4})?")
_NOT_AMONG_THEM = {"invalid_choice": gettext_lazy("“%(value)s” is not one of these.")}


class AmountField(forms.CharField):
    """An amount with a dot before its decimals. A comma is refused: what it means depends on the reader."""

    widget = forms.TextInput({"inputmode": "decimal", "autocomplete": "off"})
    default_error_messages = {
        "invalid": gettext_lazy("Enter digits with a decimal point and no thousands separator, for example 1234.50.")
    }

    def to_python(self, value: Any) -> Any:
        """Return the amount, None where the field is empty."""
        text = super().to_python(value)
        if not text:
            return None
        if not _AMOUNT.fullmatch(text):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return Decimal(text)


def _statuses(label: Any, choices: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        required=False,
        choices=choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages=_NOT_AMONG_THEM,
    )


class FilterForm(forms.Form):
    """Filters the orders of one source. A field that is empty or cannot be read filters nothing.

    If `query` has no dates, the last days apply. An empty date leaves that side open.
    """

    source = forms.CharField(required=False, widget=forms.HiddenInput)
    order_id = forms.CharField(
        label=gettext_lazy("Order ID"),
        required=False,
        max_length=64,
        widget=forms.SearchInput({"placeholder": gettext_lazy("Order ID or its beginning"), **NO_KEY}),
        error_messages=SEARCH_ERRORS,
    )
    start = DayField(label=gettext_lazy("From"), required=False)
    end = DayField(label=gettext_lazy("To"), required=False)
    min_amount = AmountField(label=gettext_lazy("Min Order Amount"), required=False)
    max_amount = AmountField(label=gettext_lazy("Max Order Amount"), required=False)
    store_view = forms.ChoiceField(
        label=gettext_lazy("Store View"), required=False, widget=FixedSelect, error_messages=_NOT_AMONG_THEM
    )
    pay_status = _statuses(gettext_lazy("Pay Status"), [*PayStatus.choices, (NONE, NO_PAYMENT)])
    refund_status = _statuses(gettext_lazy("Refund Status"), RefundStatus.choices)
    dispute = _statuses(gettext_lazy("Disputes"), Dispute.choices)

    several = ("pay_status", "refund_status", "dispute")

    def __init__(self, query: QueryDict, source: OrderSource) -> None:
        data = query.copy()
        data["source"] = source.environment
        self.is_default_days = not {"start", "end"} & data.keys()
        if self.is_default_days:
            today = day_of(timezone.now())
            data["start"], data["end"] = (today - timedelta(days=DAYS - 1)).isoformat(), today.isoformat()
        super().__init__(data)
        self._source = source
        parts = ("website", "store", "store_view")
        views = [
            (key, " / ".join(str(row[part]) for part in parts if row.get(part))) for key, row in source.stores.items()
        ]
        choices: Any = [("", _("All")), *sorted(views, key=lambda view: view[1].casefold())]
        self.fields["store_view"].choices = choices  # type: ignore[attr-defined]  # of a field with choices

    @property
    def filters(self) -> list[forms.BoundField]:
        """The fields besides the source and the order ID."""
        return [self[name] for name in self.fields if name not in {"source", "order_id"}]

    @property
    def has_mistakes(self) -> bool:
        """Whether a filter could not be read."""
        return any(field.errors for field in self.filters)

    def clean(self) -> dict[str, Any]:
        """Mark bounds that are the wrong way round and drop the first one. Keep each status that exists once."""
        wanted = super().clean() or self.cleaned_data
        for name in self.several:
            known: Any = dict(self.fields[name].choices)  # type: ignore[attr-defined]  # of a field with choices
            asked = self.data.getlist(name)  # type: ignore[attr-defined]  # of an address
            wanted[name] = [code for code in dict.fromkeys(asked) if code in known]
        start, end, least, most = map(wanted.get, ("start", "end", "min_amount", "max_amount"))
        if start and end and start > end:
            self.add_error("end", _("This is before the first day. Swap the two days, or empty one."))
            del wanted["start"]
        if least is not None and most is not None and least > most:
            self.add_error("max_amount", _("This is less than the minimum. Swap the two amounts, or empty one."))
            del wanted["min_amount"]
        return wanted

    @cached_property
    def wanted(self) -> dict[str, Any]:
        """The values that filter, by field: neither empty nor unreadable."""
        self.is_valid()
        found = {name: self.cleaned_data.get(name) for name in self.fields if name != "source"}
        return {name: value for name, value in found.items() if value not in (None, "", [])}

    def found(self) -> QuerySet[Order]:
        """Return the orders that match every filter, without the details that only the page of an order shows."""
        wanted = self.wanted
        rows = Order.objects.filter(source_id=self._source.pk) if self._source.pk else Order.objects.none()
        rows = rows.filter(**within("ordered_at", wanted.get("start"), wanted.get("end")))
        if "order_id" in wanted:
            rows = rows.filter(_numbered(wanted["order_id"]))
        for name in self.several:
            if name in wanted:
                rows = _with_status(rows, name, ["" if code == NONE else code for code in wanted[name]])
        bounds = {"amount__gte": "min_amount", "amount__lte": "max_amount", "store_view_id": "store_view"}
        return rows.filter(**{field: wanted[name] for field, name in bounds.items() if name in wanted}).defer("details")


def _with_status(rows: QuerySet[Order], name: str, codes: list[str]) -> QuerySet[Order]:
    """Return the orders whose status `name` is one of `codes`."""
    if "" not in codes:
        # The indexes of refunds and disputes leave out orders without any. SQLite needs that in the query too.
        rows = rows.exclude((name, ""))
    if len(codes) > 1:
        return rows.filter((f"{name}__in", codes))
    # The index has them by date. If they are counted in that order, the database can stop early.
    return rows.filter((name, codes[0])).order_by("ordered_at", "pk")


def _numbered(text: str) -> Q:
    begins = Q(number__startswith=text)
    if connection.vendor == "sqlite":
        # Its LIKE uses no index, and its texts are compared byte by byte.
        begins &= Q(number__gte=text, number__lt=f"{text}{chr(sys.maxunicode)}")
    return begins | Q(order_id=text)


@dataclass(frozen=True)
class Chip:
    """An active filter, and the address of the report without it."""

    label: str
    value: str
    url: str


def chips(form: FilterForm, grid: Grid) -> list[Chip]:
    """Return a chip for each active filter, in the order of the fields."""
    wanted, found = form.wanted, []
    days = {name: wanted[name].isoformat() if name in wanted else "" for name in ("start", "end")}
    for name, value in wanted.items():
        label = str(form.fields[name].label)
        if name in form.several:
            labels: Any = dict(form.fields[name].choices)  # type: ignore[attr-defined]  # of a field with choices
            for code in value:
                url = grid.url(**{name: [other for other in value if other != code]})
                found.append(Chip(label, str(labels[code]), url))
        elif name in days:
            # The other date stays in the address. Without both, the last days would apply again.
            found.append(Chip(label, date_format(value), grid.url(**days | {name: ""})))
        elif name == "store_view":
            views: Any = dict(form.fields[name].choices)  # type: ignore[attr-defined]  # of a field with choices
            found.append(Chip(label, str(views[value]), grid.url(store_view=[])))
        else:
            text = shown(value) if isinstance(value, Decimal) else value
            found.append(Chip(label, text, grid.url(**{name: []})))
    return found


def cleared(form: FilterForm, grid: Grid) -> str:
    """Return the address of the report without any filter: with the last days, and the same source."""
    return grid.url(**{name: [] for name in form.fields if name != "source"})


def environment_of(query: QueryDict, active: Environment) -> Environment:
    """Return the environment whose orders the address asks for; the active one if it names none."""
    asked = query.get("source", "")
    return Environment(asked) if asked in Environment else active
