"""Rows of orders as the reports of a gateway have them."""

from typing import Any


def order_row(**changes: Any) -> dict[str, Any]:
    """Return an order of 80.10 EUR with one item, paid and invoiced, not shipped yet. None leaves a value out."""
    row = {
        "id": "7",
        "increment_id": "000000007",
        "created_at": "2026-11-28 12:00:00",
        "updated_at": "2026-11-28 12:30:00",
        "state": "processing",
        "status": "processing",
        "total_invoiced": 80,
        "payment_method": "payment_services_paypal_hosted_fields",
        "store_id": "1",
        "grand_total": "80.10",
        "currency": "EUR",
        "amount_authorized": "80.10",
        "amount_paid": "80.10",
        "items": [item()],
        "invoices": [{"id": "1", "grand_total": "80.10"}],
        "transactions": [transaction("authorization"), transaction("capture")],
    } | changes
    return {name: value for name, value in row.items() if value is not None}


def item(**changes: Any) -> dict[str, Any]:
    """Return an item of two pieces that are invoiced, and not shipped yet."""
    return {"id": "1", "product_type": "simple", "qty_ordered": 2, "qty_invoiced": 2, "qty_shipped": 0} | changes


def transaction(kind: str, **changes: Any) -> dict[str, Any]:
    """Return a transaction of the day before the order was paid."""
    return {"id": "1", "txn_id": "TXN", "type": kind, "created_at": "2026-11-28 12:00:01"} | changes


def bare_row(**values: Any) -> dict[str, Any]:
    """Return an order of 80.10 that nobody has paid, authorized or invoiced."""
    return {"id": "7", "grand_total": "80.10"} | values
