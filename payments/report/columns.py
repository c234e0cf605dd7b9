"""The columns of the report: one table, which the grid, the CSV and the choice of columns read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django import forms
from django.db.models import JSONField, Subquery
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backend.frame.grid import Column
from backend.frame.templates import date
from payments.models import Order, OrderSource, ShownColumns
from payments.orders.statuses import Dispute, Extent, PayStatus, RefundStatus

# How the badge of each status looks: `ok`, `error`, `unknown` where something is under way, `off`.
LOOKS: Mapping[str, Mapping[str, str]] = {
    "pay_status": {
        PayStatus.AUTHORIZED: "unknown",
        PayStatus.CAPTURE_REQUESTED: "unknown",
        PayStatus.CAPTURE_CONFIRMED: "ok",
        PayStatus.PARTIAL_CAPTURE: "unknown",
        PayStatus.CAPTURE_FAILED: "error",
        PayStatus.VOIDED: "off",
    },
    "refund_status": {
        RefundStatus.REQUIRES_REFUND: "error",
        RefundStatus.REFUND_REQUESTED: "unknown",
        RefundStatus.REFUNDED: "ok",
        RefundStatus.REFUND_FAILED: "error",
        RefundStatus.VOIDED: "off",
    },
    "dispute": {
        Dispute.OPEN: "error",
        Dispute.WAITING_FOR_BUYER: "unknown",
        Dispute.WAITING_FOR_SELLER: "error",
        Dispute.UNDER_REVIEW: "unknown",
        Dispute.RESOLVED: "ok",
        Dispute.OTHER: "unknown",
    },
}
METHODS: Mapping[str, Promise | str] = {
    "payment_services_paypal_smart_buttons": _("PayPal buttons"),
    "payment_services_paypal_hosted_fields": _("Cards"),
    "payment_services_paypal_apple_pay": "Apple Pay",
    "payment_services_paypal_google_pay": "Google Pay",
    "payment_services_paypal_fastlane": "Fastlane",
}
CENTS = 2
DATES = {"ordered_at", "authorized_at"}
NO_DATE = _("no date was sent")
# A longer text may take two lines; all of it is in its title.
LONG = 30


class Words:
    """The codes of orders as people read them, in the language of the page and with the names of one source.

    Each is looked up once, as long as there are few. A code without a name is shown as it is.
    """

    def __init__(self, source: OrderSource) -> None:
        self._stores = source.stores
        # An export of a million orders may meet as many codes.
        remembered = lru_cache(maxsize=1000)
        self.status = remembered(lambda code: str(source.status_labels.get(code, code)))
        self.method = remembered(lambda code: str(METHODS.get(code, code)))
        self.label = remembered(lambda choices, code: str(choices(code).label) if code in choices else str(code))

    def store(self, view_id: str, name: str) -> str:
        """Return the name of a store view, or of its store or website."""
        return str(self._stores.get(view_id, {}).get(name, ""))


Value = str | datetime | Decimal | None


@dataclass(frozen=True, kw_only=True)
class OrderColumn(Column):
    """A column of the report: `value` is what it shows of an order. `field` is the field of the order, if not `name`.

    `of` names the column before it where both belong together, for people who see one without the other.
    """

    value: Callable[[Order, Words], Value]
    field: str = ""
    of: Promise | str = ""

    @property
    def full_title(self) -> str:
        return f"{self.title} ({self.of})" if self.of else str(self.title)

    def sent(self, order: Order) -> str | None:
        """Return the unreadable value that the store sent for this column, or None."""
        text = order.as_sent.get(self.field or self.name) if order.as_sent else None
        return None if text is None else str(text)


CUR = _("Cur")
# Each index that a filter uses has the orders by date. For any other order, the database would have to read and sort
# everything that it found before the first page, so no other column sorts.
COLUMNS = (
    OrderColumn("order_id", _("Order ID"), value=lambda order, _words: order.number or order.order_id, field="number"),
    OrderColumn("ordered_at", _("Order Date"), order=("ordered_at",), value=lambda order, _words: order.ordered_at),
    OrderColumn("authorized_at", _("Authorized Date"), value=lambda order, _words: order.authorized_at),
    OrderColumn("status", _("Order Status"), value=lambda order, words: words.status(order.status)),
    OrderColumn("invoiced", _("Invoiced"), value=lambda order, words: words.label(Extent, order.invoiced)),
    OrderColumn("shipped", _("Shipped"), value=lambda order, words: words.label(Extent, order.shipped)),
    OrderColumn("amount", _("Order Amt"), value=lambda order, _words: order.amount),
    OrderColumn("currency", CUR, value=lambda order, _words: order.currency, of=_("Order Amt")),
    OrderColumn("pay_status", _("Pay Status"), value=lambda order, words: words.label(PayStatus, order.pay_status)),
    OrderColumn("paid", _("Paid Amt"), value=lambda order, _words: order.paid),
    OrderColumn(
        "paid_currency", CUR, value=lambda order, _words: _of(order.paid, order), field="currency", of=_("Paid Amt")
    ),
    OrderColumn(
        "refund_status", _("Refund Status"), value=lambda order, words: words.label(RefundStatus, order.refund_status)
    ),
    OrderColumn("refunded", _("Refund Amount"), value=lambda order, _words: order.refunded),
    OrderColumn(
        "refunded_currency",
        CUR,
        value=lambda order, _words: _of(order.refunded, order),
        field="currency",
        of=_("Refund Amount"),
    ),
    OrderColumn("dispute", _("Disputes"), value=lambda order, words: words.label(Dispute, order.dispute)),
    OrderColumn("payment_method", _("Payment Method"), value=lambda order, words: words.method(order.payment_method)),
    OrderColumn("website", _("Website"), value=lambda order, words: words.store(order.store_view_id, "website")),
    OrderColumn("store", _("Store"), value=lambda order, words: words.store(order.store_view_id, "store")),
    OrderColumn(
        "store_view",
        _("Store View"),
        value=lambda order, words: words.store(order.store_view_id, "store_view") or order.store_view_id,
        field="store_view_id",
    ),
)
# The first column leads to the order, so nobody can hide it.
CHOICES = COLUMNS[1:]


def _long(text: str) -> str:
    return "grid-long" if len(text) > LONG else ""


def _of(amount: Decimal | None, order: Order) -> str:
    return "" if amount is None else order.currency


@dataclass(frozen=True)
class Cell:
    """What a column shows of an order. `is_odd` if that cannot be read and is shown as it came.

    `look` is that of the badge, `layout` the class of the cell; both may be empty.
    """

    attributes: str
    text: str
    look: str = ""
    layout: str = ""
    is_odd: bool = False


def cell(column: OrderColumn, attributes: str, order: Order, words: Words) -> Cell:
    """Return one cell of the page."""
    sent = column.sent(order)
    if sent is not None:
        if not sent.strip() and column.name in DATES:
            return Cell(attributes, str(NO_DATE))
        return Cell(attributes, sent, layout=_long(sent), is_odd=True)
    value = column.value(order, words)
    look = LOOKS.get(column.name, {}).get(getattr(order, column.name, ""), "")
    text = shown(value)
    layouts = {datetime: "grid-date", Decimal: "grid-number"}
    return Cell(attributes, text, look, layouts.get(type(value), "grid-unit" if column.of else _long(text)))


def shown(value: Value) -> str:
    """Return `value` as people write it in the language of the page."""
    if isinstance(value, datetime):
        return date(value)
    if isinstance(value, Decimal):
        return number_format(plain(value), force_grouping=True)
    return value or ""


def exported(column: OrderColumn, order: Order, words: Words) -> str | Decimal:
    """Return one cell of the CSV: times are ISO 8601 with their offset, in the time zone of the settings."""
    sent = column.sent(order)
    value = column.value(order, words) if sent is None else sent
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(timespec="seconds")
    return plain(value) if isinstance(value, Decimal) else value or ""


def plain(amount: Decimal) -> Decimal:
    """Return `amount` with two decimals, and further ones only where they say something."""
    rounded = amount.quantize(Decimal(1).scaleb(-CENTS))
    return rounded if rounded == amount else amount.normalize()


def visible(source: OrderSource) -> Sequence[OrderColumn]:
    """Return the columns that a person sees: all but those of the annotation `hidden`, which `hidden_by` makes."""
    hidden = getattr(source, "hidden", None)
    names = {*hidden} if isinstance(hidden, list) else set()
    return [COLUMNS[0], *(column for column in CHOICES if column.name not in names)]


def hidden_by(user_id: Any) -> Subquery:
    """Return the annotation with the names of the columns that a person has hidden; None before the first choice."""
    return Subquery(ShownColumns.objects.filter(user_id=user_id).values("hidden"), output_field=JSONField())


class ColumnsForm(forms.Form):
    """The choice of columns."""

    shown = forms.MultipleChoiceField(
        label=_("Columns"),
        required=False,
        choices=lambda: [(column.name, column.full_title) for column in CHOICES],
        widget=forms.CheckboxSelectMultiple,
    )

    def save(self, user_id: Any) -> None:
        """Store which columns the person sees."""
        hidden = [column.name for column in CHOICES if column.name not in self.cleaned_data["shown"]]
        ShownColumns.objects.update_or_create(user_id=user_id, defaults={"hidden": hidden})
