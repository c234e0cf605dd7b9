"""The page of one order: everything known about it, as its store sent it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from backend.frame.templates import date
from backend.frame.withheld import without_withheld
from connector.connection import Connection
from payments.access import may_use, needs_setup
from payments.models import Order
from payments.orders.amounts import rounded
from payments.orders.reading import moment
from payments.report import columns

LONGEST = 255
# Rows of each list; a page with more could not be read.
MOST_ROWS = 1000


@dataclass(frozen=True)
class Part:
    """A list of an order: its name in the feed, its title, and the title of each key of its rows."""

    name: str
    title: Promise
    nothing: Promise
    heads: Mapping[str, Promise]


PARTS = (
    Part(
        "transactions",
        gettext_lazy("Transactions"),
        gettext_lazy("No transaction is known."),
        {
            "txn_id": gettext_lazy("Transaction ID"),
            "type": gettext_lazy("Type"),
            "created_at": gettext_lazy("Created"),
        },
    ),
    Part(
        "invoices",
        gettext_lazy("Invoices"),
        gettext_lazy("Nothing was invoiced."),
        {
            "id": gettext_lazy("Id"),
            "grand_total": gettext_lazy("Grand total"),
            "is_used_for_refund": gettext_lazy("Used for a refund"),
        },
    ),
    Part(
        "credit_memos",
        gettext_lazy("Credit memos"),
        gettext_lazy("Nothing was credited."),
        {"id": gettext_lazy("Id"), "state": gettext_lazy("State")},
    ),
    Part(
        "items",
        gettext_lazy("Items"),
        gettext_lazy("No item is known."),
        {
            "id": gettext_lazy("Id"),
            "product_type": gettext_lazy("Product type"),
            "qty_ordered": gettext_lazy("Ordered"),
            "qty_invoiced": gettext_lazy("Invoiced"),
            "qty_shipped": gettext_lazy("Shipped"),
            "qty_refunded": gettext_lazy("Refunded"),
            "qty_canceled": gettext_lazy("Canceled"),
        },
    ),
)
# The currency is that of the order, so here it is said once.
FACTS = [column for column in columns.COLUMNS if column.name not in {"paid_currency", "refunded_currency"}]
# Source: Magento\Sales\Model\Order\Creditmemo, STATE_*
MEMO_STATES = {"1": gettext_lazy("Open"), "2": gettext_lazy("Refunded"), "3": gettext_lazy("Canceled")}
TYPES = {
    "order": gettext_lazy("Order"),
    "authorization": gettext_lazy("Authorization"),
    "capture": gettext_lazy("Capture"),
    "void": gettext_lazy("Void"),
    "refund": gettext_lazy("Refund"),
}


@may_use
@require_safe
@needs_setup
def order_page(request: HttpRequest, stored: Connection, pk: int) -> HttpResponse:
    """Show one order of the chosen data space."""
    own = Order.objects.filter(source__data_space_id=stored.data_space_id).exclude(source__data_space_id="")
    order = own.select_related("source").filter(pk=pk).first()
    if order is None:
        raise Http404
    words, query = columns.Words(order.source), without_withheld(request.GET).urlencode()
    details = order.details if isinstance(order.details, dict) else {}
    known = {
        "order": order,
        "environment": order.source.environment,
        "facts": [(column.title, columns.cell(column, "", order, words)) for column in FACTS],
        "parts": [(part, list(_rows(sent[:MOST_ROWS], part)), len(sent)) for part, sent in _lists(details)],
        "most_rows": MOST_ROWS,
        "zone": settings.TIME_ZONE,
        "query": f"?{query}" if query else "",
    }
    return render(request, "payments/report/order.html", known)


def _lists(details: Mapping[str, Any]) -> Iterable[tuple[Part, list[Any]]]:
    """Yield each list of an order, empty where something else came in its place."""
    for part in PARTS:
        sent = details.get(part.name)
        yield part, sent if isinstance(sent, list) else []


def _rows(sent: list[Any], part: Part) -> Iterable[dict[str, str]]:
    """Yield the texts of each row of a list."""
    for row in sent:
        if isinstance(row, dict):
            yield {name: _text(row.get(name), name, part.name) for name in part.heads}


def _text(value: Any, name: str, part: str) -> str:
    """Return one value as people read it, with times and numbers read as in the report; empty if it has no text."""
    if isinstance(value, bool) or name == "is_used_for_refund":
        return {"1": _("Yes"), "True": _("Yes"), "0": _("No"), "False": _("No")}.get(str(value), "")
    if not isinstance(value, str | int | float):
        return ""
    text = str(value)[:LONGEST]
    if name == "created_at":
        created_at = moment(text)
        return date(created_at) if created_at else text
    number = rounded(text) if name == "grand_total" or name.startswith("qty_") else None
    if number is not None:
        is_whole = name != "grand_total" and number == number.to_integral_value()
        return number_format(number.to_integral_value()) if is_whole else columns.shown(number)
    labels = {"state": MEMO_STATES, "type": TYPES if part == "transactions" else {}}.get(name, {})
    return str(labels.get(text, text))
