"""Reads the row of an order into the fields of `Order`. What cannot be read is stored as it came; nothing raises."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from payments.models import Order
from payments.orders import extents, rules
from payments.orders.amounts import as_sent, rounded
from payments.orders.facts import AUTHORIZING, PAID, REFUNDED, Facts, UnreadableError, first_sent
from payments.orders.statuses import Extent

_DETAILS = ("transactions", "invoices", "credit_memos", "items")
_CURRENCY = re.compile("[A-Z]{3}")
# No store is older, and every database and time zone can handle these years.
_YEARS = range(1990, 2100)
# A shorter text has no time.
_DATE_CHARACTERS = len("2026-11-29 12:00:00")
# For each text field: its name in a row, and how long it may be here.
_TEXTS = {
    "number": ("increment_id", 64),
    "status": ("status", 64),
    "payment_method": ("payment_method", 64),
    "store_view_id": ("store_id", 32),
}
_AMOUNTS = {"amount": ("grand_total",), "paid": PAID, "refunded": REFUNDED}


def read(row: Mapping[str, Any], known: Order | None, now: datetime) -> Order:
    """Return the order that `row` describes, not stored yet. `known` is the stored order, if there is one.

    `row` is one of the `orders` of a `connector.gateway.reports.Page`.
    """
    order = Order(order_id=row["id"])
    created_at = row.get("created_at", "")
    read: dict[str, tuple[object, object]] = {
        "ordered_at": (created_at, moment(created_at)),
        "updated_at": (row.get("updated_at"), moment(row.get("updated_at"))),
        "authorized_at": _authorized(row),
        "currency": (row.get("currency"), _currency(row.get("currency"))),
        "invoiced": _extent(extents.invoiced, row),
        "shipped": _extent(extents.shipped, row),
    }
    read |= {field: (row.get(name), _text(row.get(name), length)) for field, (name, length) in _TEXTS.items()}
    for field, names in _AMOUNTS.items():
        sent = first_sent(row, names)
        read[field] = (sent, rounded(sent))
    for field, (sent, value) in read.items():
        if value is not None:
            setattr(order, field, value)
        elif sent is not None:
            order.as_sent[field] = as_sent(sent)
    order.ordered_at = order.ordered_at or (known.ordered_at if known else now)
    facts = Facts(row)
    order.pay_status = rules.first(rules.PAY, facts)
    order.refund_status = rules.first(rules.REFUND, facts)
    order.dispute = rules.first(rules.DISPUTE, facts)
    order.details = {name: row[name] for name in _DETAILS if row.get(name)}
    return order


def moment(value: object) -> datetime | None:
    """Return the moment that a store writes as `2026-11-29 12:00:00`, in UTC; None if it is not one of `_YEARS`."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) and len(value) >= _DATE_CHARACTERS else None
        found = found and (found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return None
    return found if found and found.year in _YEARS else None


def _text(value: object, length: int) -> str | None:
    """Return `value` if it is a text or a whole number that fits into the field."""
    found = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None
    return found if found is not None and len(found) <= length else None


def _currency(value: object) -> str | None:
    return value if isinstance(value, str) and _CURRENCY.fullmatch(value) else None


def _authorized(row: Mapping[str, Any]) -> tuple[object, datetime | None]:
    """Return when the order was first authorized: as it was sent, and as it is read."""
    found = [entry for entry in row.get("transactions") or () if entry.get("type") in AUTHORIZING]
    if not found:
        return None, None
    dates = [date for entry in found if (date := moment(entry.get("created_at")))]
    return found[0].get("created_at"), min(dates, default=None)


def _extent(of: Callable[[Mapping[str, Any]], Extent | None], row: Mapping[str, Any]) -> tuple[object, str | None]:
    """Return the value that cannot be read, if any, and how much is done; empty if there is nothing to do."""
    try:
        return None, of(row) or ""
    except UnreadableError as error:
        return error.value, None
