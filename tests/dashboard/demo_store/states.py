"""The state that the row of an order shows, by rules that are written apart from those of the report."""

from collections.abc import Mapping
from typing import Any

Row = Mapping[str, Any]
PAY = {"Authorized", "Capture requested", "Capture confirmed", "Partial capture", "Capture failed", "Voided"}
REFUND = {"Requires refund", "Refund requested", "Refunded", "Refund failed", "Voided"}
_DISPUTES = {
    "dispute_open": "Open",
    "paypal_reversed": "Open",
    "dispute_waiting_for_buyer": "Waiting for buyer",
    "dispute_waiting_for_seller": "Waiting for seller",
    "dispute_under_review": "Under review",
    "dispute_resolved": "Resolved",
    "paypal_canceled_reversal": "Resolved",
}
DISPUTES = {*_DISPUTES.values(), "Other"}


def _types(row: Row) -> set[str]:
    return {transaction["type"] for transaction in row["transactions"] or ()}


def pay(row: Row) -> str:
    types, paid = _types(row), row.get("amount_paid", 0)
    was_authorized = bool(row.get("amount_authorized") or types & {"authorization", "order"})
    rules = {
        "Voided": not paid and was_authorized and ("void" in types or row["state"] == "canceled"),
        "Capture confirmed": paid > 0 and paid >= row["grand_total"] - row.get("amount_canceled", 0) - 0.001,
        "Partial capture": paid > 0,
        "Capture requested": bool(row["invoices"] or row.get("total_invoiced")),
        "Capture failed": "capture" in types,
        "Authorized": was_authorized,
    }
    return next((state for state, holds in rules.items() if holds), "")


def refund(row: Row) -> str:
    memos = {memo["state"] for memo in row["credit_memos"] or ()}
    rules = {
        "Refund requested": 1 in memos,
        "Refunded": row.get("amount_refunded", 0) > 0,
        "Refund failed": "refund" in _types(row),
        "Voided": memos == {3},
        "Requires refund": row["state"] in {"canceled", "closed"} and bool(row.get("amount_paid")),
    }
    return next((state for state, holds in rules.items() if holds), "")


def dispute(row: Row) -> str:
    return _DISPUTES.get(row["status"]) or ("Other" if row["status"].startswith("dispute_") else "")
