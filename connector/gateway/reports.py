"""The call that reads the orders of a data space, as its stores have sent them. Only the stand-in has it.

Everything in an answer is bounded: what leaves this module can be stored, and has only the keys that are named here.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPMethod
from typing import Any, Self
from urllib.parse import urlencode

from connector.errors import GatewayError, Reason
from connector.gateway import payments
from connector.gateway.client import Client
from connector.gateway.responses import MAX_ROWS, MAX_TEXT_CHARACTERS, moment, text

ORDERS = "payments/reports/orders"
MAX_RESULTS = 500
MAX_ID_CHARACTERS = 64
MAX_UNREAD = 10**9
# Of each list of an order. An answer has room for a few such orders.
MAX_ENTRIES = 10_000
_CURSOR = re.compile("[!-~]{1,200}")
# No order can have changed earlier.
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)

# Source: what the exporting modules of `magento/payment-services` send.
_KEYS = (
    *("id", "increment_id", "created_at", "updated_at", "state", "status", "payment_method", "store_id", "currency"),
    *("grand_total", "total_invoiced", "total_qty_ordered", "is_virtual", "amount_authorized", "amount_canceled"),
    *("amount_paid", "amount_captured_online", "amount_refunded", "amount_refunded_online"),
)
_QUANTITIES = tuple(f"qty_{what}" for what in ("ordered", "invoiced", "shipped", "backordered", "refunded", "canceled"))
_LISTS: Mapping[str, tuple[str, ...]] = {
    "items": ("id", "parent_item_id", "product_type", "items_shipped_together", "is_virtual", *_QUANTITIES),
    "invoices": ("id", "is_used_for_refund", "grand_total"),
    "credit_memos": ("id", "state"),
    "transactions": ("id", "txn_id", "type", "created_at"),
}


@dataclass(frozen=True)
class Page:
    """A page of orders, in the order of their changes, with facts about all orders.

    `orders` are rows of the feed. `newest` is when the last of them changed. `next` is where the next page begins,
    empty after the last. `received_at` is when a store last sent anything. `unread` counts the rows that could not be
    read, there or here. `stores` has the names of each store view by its id.
    """

    orders: tuple[dict[str, Any], ...]
    newest: datetime | None
    next: str
    received_at: datetime | None
    unread: int
    status_labels: Mapping[str, str]
    stores: Mapping[str, Mapping[str, str]]

    @classmethod
    def from_answer(cls, answer: Mapping[str, Any]) -> Self:
        """Read an answer. Raises GatewayError if it is not a page of orders."""
        results = _part(answer, "results", list)
        _require(len(results) <= MAX_RESULTS and all(isinstance(result, dict) for result in results))
        changes = [_change(result.get("updatedAt")) for result in results]
        onward = _cursor(answer.get("next"))
        # Empty pages that lead to further pages could be read forever.
        _require(not onward or results)
        unread = _part(answer, "unread", int)
        _require(0 <= unread <= MAX_UNREAD)
        orders = [_order(_part(result, "order", dict)) for result in results]
        # An order without an id cannot be stored.
        named = tuple(order for order in orders if 0 < len(order["id"]) <= MAX_ID_CHARACTERS)
        return cls(
            named,
            max(changes, default=None),
            onward,
            moment(answer.get("updatedAt")),
            unread + len(orders) - len(named),
            _labels(_part(answer, "statuses", dict)),
            _stores(_part(answer, "stores", list)),
        )


def read(
    client: Client, data_space_id: str, *, since: datetime | None = None, cursor: str = "", limit: int = MAX_RESULTS
) -> Page:
    """Return the orders of a data space that changed at `since` or later, or those after `cursor`; at most `limit`."""
    asked = {"cursor": cursor} if cursor else {"updatedSince": since.isoformat()} if since else {}
    path = f"{ORDERS}?{urlencode({**asked, 'limit': limit})}"
    answer = client.call(HTTPMethod.GET, path, data_space_id=data_space_id, headers=payments.headers())
    page = Page.from_answer(answer)
    # A page that leads to itself would be read forever.
    _require(not cursor or page.next != cursor)
    return page


def _require(condition: object) -> None:
    if not condition:
        raise GatewayError(Reason.MALFORMED)


def _part(answer: Mapping[str, Any], name: str, kind: type) -> Any:
    """Return a value of an answer. Raises GatewayError if it is of another kind."""
    value = answer.get(name)
    _require(isinstance(value, kind) and not isinstance(value, bool))
    return value


def _change(value: object) -> datetime:
    """Return when an order changed. Raises GatewayError if that cannot be."""
    changed_at = moment(value)
    if changed_at is None or changed_at < _EARLIEST:
        raise GatewayError(Reason.MALFORMED)
    return changed_at


def _cursor(value: object) -> str:
    """Return where the next page begins, empty if there is none. Raises GatewayError if it cannot be sent."""
    if value is None:
        return ""
    if isinstance(value, str) and _CURSOR.fullmatch(value):
        return value
    raise GatewayError(Reason.MALFORMED)


def _order(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of an order's row that have a known name."""
    lists = {name: row[name][:MAX_ENTRIES] for name in _LISTS if isinstance(row.get(name), list)}
    entries = {
        name: [_values(entry, _LISTS[name]) for entry in rows if isinstance(entry, dict)]
        for name, rows in lists.items()
    }
    order = _values(row, _KEYS) | {name: rows for name, rows in entries.items() if rows}
    order["id"] = str(order.get("id", ""))
    return order


def _values(row: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: _value(row[name]) for name in names if row.get(name) is not None}


def _value(value: object) -> str | float | bool:
    """Return `value` as every database can store it: a text, a truth value, or a number no longer than a text."""
    if isinstance(value, str):
        return text(value)
    if isinstance(value, bool) or (isinstance(value, float) and math.isfinite(value)):
        return value
    written = json.dumps(value)
    return value if isinstance(value, int) and len(written) <= MAX_TEXT_CHARACTERS else text(written)


def _labels(statuses: Mapping[str, Any]) -> dict[str, str]:
    known = list(statuses.items())[:MAX_ROWS]
    return {text(code): text(label) for code, label in known if text(code) and text(label)}


def _stores(rows: list[Any]) -> dict[str, dict[str, str]]:
    known = [row for row in rows[:MAX_ROWS] if isinstance(row, dict)]
    return {
        str(_value(row["store_view_id"])): {
            name: text(row.get(f"{name}_name")) for name in ("website", "store", "store_view")
        }
        for row in known
        if row.get("store_view_id") is not None
    }
