"""Rows as magento/payment-services sends them, and how the tests send and read them."""

import json
from copy import deepcopy
from typing import Any

from saas.models import DataSpace, FeedRow
from tests.saas.gateway.conftest import Call

ADDRESSES = {"orders": "orders", "sales_status": "orderStatuses", "stores": "stores"}
REPORT = "/payments/reports/orders"
ORDER: dict[str, Any] = {
    "id": "7",
    "increment_id": "000000007",
    "created_at": "2026-11-29 11:59:00",
    "updated_at": "2026-11-29 12:00:00",
    "additional_information": {"payments_mode": "sandbox", "payment_source": "card", "cc_last_4": "1111"},
    "state": "processing",
    "status": "processing",
    "total_invoiced": 80,
    "total_qty_ordered": 2,
    "is_virtual": 0,
    "payment_method": "payment_services_paypal_hosted_fields",
    "store_id": "1",
    "grand_total": 80.25,
    "currency": "EUR",
    "amount_captured_online": 80.25,
    "amount_refunded_online": 0,
    "amount_authorized": 80.25,
    "amount_paid": 17.75,
    "amount_refunded": 0,
    "amount_canceled": 0,
    "items": [
        {
            "id": "11",
            "parent_item_id": None,
            "product_type": "simple",
            "items_shipped_together": False,
            "is_virtual": 0,
            "qty_invoiced": 2,
            "qty_shipped": 0,
            "qty_backordered": 0,
            "qty_ordered": 2,
            "qty_refunded": 0,
            "qty_canceled": 0,
        }
    ],
    "invoices": [{"id": "3", "is_used_for_refund": False, "grand_total": 80.25}],
    "credit_memos": None,
    "transactions": [
        {"id": "5", "txn_id": "8XY01234AB", "type": "authorization", "created_at": "2026-11-29 11:59:30"},
        {"id": "6", "txn_id": "8XY01235AB", "type": "capture", "created_at": "2026-11-29 12:00:00"},
    ],
}
STATUSES = [{"status": "processing", "label": "Processing"}, {"status": "complete", "label": "Complete"}]
STORES = [
    {
        "store_view_id": view,
        "store_id": 1,
        "website_id": 1,
        "store_view_name": name,
        "store_name": "Luma",
        "website_name": "Luma EU",
    }
    for view, name in ((1, "Français"), (2, "Deutsch"))
]


def order(key: Any, **changes: Any) -> dict[str, Any]:
    """Return the row of an order with the id `key`."""
    return {**deepcopy(ORDER), "id": key, **changes}


def feed(*rows: Any, name: str = "orders") -> dict[str, Any]:
    """Return the body of a feed."""
    return {"feed": name, "timestamp": 1_796_000_000, "merchantId": "", "version": "v1", "data": list(rows)}


def address(space: DataSpace, name: str = "orders") -> str:
    return f"/payments/exports/commerce/{ADDRESSES[name]}/{space.pk}"


def send(call: Call, space: DataSpace, name: str, rows: list[Any]) -> tuple[int, Any]:
    """Send the feed `name`, and return status and JSON of the answer."""
    answer: tuple[int, Any] = call("POST", address(space, name), feed(*rows, name=name))
    return answer


def orders_sent() -> dict[str, Any]:
    """Return the stored rows of orders by their keys."""
    return {row.key: json.loads(row.content) for row in FeedRow.objects.filter(feed="orders")}
