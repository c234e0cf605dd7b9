"""The rows of the feeds: which of their values are stored, and when a row cannot be read.

Only the keys below are stored, because others may hold personal data. Source: what magento/payment-services sends.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.crypto import salted_hmac

from saas.choices import Feed, Unreadable
from saas.models import FeedSource, UnreadRow
from saas.models.feeds import KEY_LENGTH, SentRow

KEY = {Feed.ORDERS: "id", Feed.STATUSES: "status", Feed.STORES: "store_view_id"}
AMOUNTS = frozenset(
    {
        "grand_total",
        "total_invoiced",
        "amount_captured_online",
        "amount_refunded_online",
        "amount_authorized",
        "amount_paid",
        "amount_refunded",
        "amount_canceled",
    }
)
VALUES = {
    Feed.ORDERS: (
        *("id", "increment_id", "created_at", "updated_at", "state", "status", "total_qty_ordered", "is_virtual"),
        *("payment_method", "store_id", "currency"),
        *sorted(AMOUNTS),
    ),
    Feed.STATUSES: ("status", "label"),
    Feed.STORES: ("store_view_id", "store_id", "website_id", "store_view_name", "store_name", "website_name"),
}
LISTS = {
    "items": (
        *("id", "parent_item_id", "product_type", "items_shipped_together", "is_virtual", "qty_invoiced"),
        *("qty_shipped", "qty_backordered", "qty_ordered", "qty_refunded", "qty_canceled"),
    ),
    "invoices": ("id", "is_used_for_refund", "grand_total"),
    "credit_memos": ("id", "state"),
    "transactions": ("id", "txn_id", "type", "created_at"),
}
ADDITIONAL_INFORMATION = (
    *("payments_mode", "payments_order_id", "paypal_order_id", "paypal_txn_id", "payment_source"),
    *("cc_type", "cc_last_4"),
)
# How far the clock of a store may be ahead.
AHEAD = timedelta(days=1)
MAX_TEXT = 255
MAX_DIGITS = 20
MAX_EXCERPT = 1000
# What is stored of a row. Whoever keeps a copy of the orders reads no answer of more than 5 MB.
MAX_CONTENT = 3 * 1024 * 1024


class DecimalText(str):
    """A number with a point or an exponent, as the text that was sent."""

    __slots__ = ()


def loads(text: str) -> Any:
    """Return what the JSON `text` holds: numbers with a point, and very long ones, as the text that was sent.

    Raises:
        ValueError: it is not JSON. NaN and Infinity are not.
        RecursionError: it is nested too deeply.
    """
    return json.loads(text, parse_float=DecimalText, parse_int=_whole_number, parse_constant=_refuse)


def read_row(source: FeedSource, feed: Feed, row: Any) -> SentRow | UnreadRow:
    """Return the `row` of a feed that came just now, as it is stored or kept apart."""
    if not isinstance(row, dict):
        return unread_row(source, feed, row, Unreadable.NO_OBJECT)
    key = row.get(KEY[feed])
    key = str(key) if type(key) is int else key
    if not (type(key) is str and key.strip() and len(key) <= KEY_LENGTH and key.isprintable()):
        return unread_row(source, feed, row, Unreadable.NO_ID)
    updated_at = store_time(row.get("updated_at"))
    if updated_at and updated_at > source.received_at + AHEAD:
        # No later row would be newer, so the order could never change again.
        updated_at = None
    content = dumps(clean(feed, row))
    if len(content) > MAX_CONTENT:
        return unread_row(source, feed, row, Unreadable.TOO_LARGE)
    return SentRow(key, content, updated_at)


def unread_row(source: FeedSource, feed: Feed, row: Any, reason: Unreadable) -> UnreadRow:
    """Return a `row` that cannot be read, as it is kept."""
    try:
        whole = dumps(row)
    except RecursionError:
        whole = ""
    return UnreadRow(
        source=source,
        feed=feed,
        reason=reason,
        excerpt=dumps(clean(feed, row))[:MAX_EXCERPT] if isinstance(row, dict) else "",
        digest=salted_hmac("saas.feeds", f"{feed} {whole}", algorithm="sha256").hexdigest(),
        received_at=source.received_at,
    )


def clean(feed: Feed, row: dict[str, Any]) -> dict[str, Any]:
    """Return the values of `row` that are stored: amounts as text, everything else as it came."""
    kept = _values(row, VALUES[feed])
    if feed != Feed.ORDERS:
        return kept
    if "additional_information" in row:
        sent = row["additional_information"]
        kept["additional_information"] = _values(sent, ADDITIONAL_INFORMATION) if isinstance(sent, dict) else {}
    for name, keys in LISTS.items():
        if name in row:
            kept[name] = _rows(row[name], keys)
    return kept


# In ASCII, which every database takes.
dumps = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


def store_time(text: Any) -> datetime | None:
    """Return the moment that a store writes as `Y-m-d H:i:s` in UTC, None for anything else."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def _values(row: dict[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    return {name: _plain(row[name], name) for name in keys if name in row}


def _rows(sent: Any, keys: Sequence[str]) -> Any:
    if not isinstance(sent, list):
        return _plain(sent)
    return [_values(row, keys) if isinstance(row, dict) else _plain(row) for row in sent]


def _plain(value: Any, name: str = "") -> Any:
    """Return `value` where a plain one belongs. A list or an object may hold anything, so only its kind is kept."""
    if isinstance(value, DecimalText) and len(value) > MAX_TEXT:
        # Without its end, such as an exponent, it would be another number.
        return f"{value[: MAX_TEXT - 1]}…"
    if isinstance(value, str):
        return value[:MAX_TEXT]
    if type(value) is int and name in AMOUNTS:
        return str(value)
    return "[…]" if isinstance(value, list) else "{…}" if isinstance(value, dict) else value


def _whole_number(text: str) -> int | str:
    return int(text) if len(text) <= MAX_DIGITS else text


def _refuse(name: str) -> Any:
    message = f"JSON has no {name}"
    raise ValueError(message)
