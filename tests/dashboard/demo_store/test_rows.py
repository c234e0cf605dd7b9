"""The rows of the three feeds have the keys and types of the client module, in its order."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import pytest

from dashboard.demo_store import shop
from dashboard.demo_store.orders import orders
from tests.gateways import SANDBOX

ORDER: Mapping[str, type] = {
    "id": str,
    "increment_id": str,
    "created_at": str,
    "updated_at": str,
    "additional_information": dict,
    "state": str,
    "status": str,
    "total_invoiced": int,
    "total_qty_ordered": int,
    "is_virtual": int,
    "payment_method": str,
    "store_id": str,
    "grand_total": float,
    "currency": str,
    "amount_captured_online": float,
    "amount_refunded_online": float,
    "amount_authorized": float,
    "amount_paid": float,
    "amount_refunded": float,
    "amount_canceled": float,
    "items": list,
    "invoices": list,
    "credit_memos": list,
    "transactions": list,
}
# The keys that are left out if there is no value.
OPTIONAL = {"total_invoiced", *(name for name in ORDER if name.startswith("amount_")), "parent_item_id"}
LISTS: Mapping[str, Mapping[str, type]] = {
    "items": {
        "id": str,
        "parent_item_id": str,
        "product_type": str,
        "items_shipped_together": bool,
        "is_virtual": int,
        "qty_invoiced": float,
        "qty_shipped": float,
        "qty_backordered": float,
        "qty_ordered": float,
        "qty_refunded": float,
        "qty_canceled": float,
    },
    "invoices": {"id": str, "is_used_for_refund": int, "grand_total": float},
    "credit_memos": {"id": str, "state": int},
    "transactions": {"id": str, "txn_id": str, "type": str, "created_at": str},
}
PAYMENT = (
    "payments_mode",
    "payments_order_id",
    "paypal_order_id",
    "paypal_txn_id",
    "payment_source",
    "cc_type",
    "cc_last_4",
)


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    return list(islice(orders(SANDBOX, 0, datetime(2026, 11, 29, 12, tzinfo=UTC)), 1000))


def wrong(row: Mapping[str, Any], keys: Mapping[str, type]) -> Iterator[str]:
    """Yield the differences between `row` and `keys`."""
    if list(row) != [name for name in keys if name in row]:
        yield f"order of {list(row)}"
    yield from (name for name in keys if name not in row and name not in OPTIONAL)
    for name, value in row.items():
        if type(value) is not keys[name] and not (value is None and name in LISTS):
            yield f"{name}: {value!r}"


def test_orders_have_the_keys_and_types_of_the_client_module(rows: list[dict[str, Any]]) -> None:
    assert {problem for row in rows for problem in wrong(row, ORDER)} == set()


@pytest.mark.parametrize("name", LISTS)
def test_lists_of_orders_have_the_keys_and_types_of_the_client_module(rows: list[dict[str, Any]], name: str) -> None:
    found = [part for row in rows for part in row[name] or ()]
    assert found
    assert {problem for part in found for problem in wrong(part, LISTS[name])} == set()


def test_a_list_without_rows_is_null_and_what_has_no_value_is_left_out(rows: list[dict[str, Any]]) -> None:
    assert not [name for row in rows for name in LISTS if row[name] == []]
    assert not [name for row in rows for name, value in row.items() if value is None and name not in LISTS]
    assert {name for name in OPTIONAL & ORDER.keys() if any(name not in row for row in rows)} == OPTIONAL & ORDER.keys()


def test_of_the_payment_nothing_personal_is_made_up(rows: list[dict[str, Any]]) -> None:
    payments = [row["additional_information"] for row in rows]
    assert {name for payment in payments for name in payment} == {*PAYMENT}
    assert all(list(payment) == [name for name in PAYMENT if name in payment] for payment in payments)


def test_statuses_and_stores_have_the_keys_of_the_client_module() -> None:
    assert {tuple(row) for row in shop.status_rows()} == {("status", "label")}
    names = ("store_view_id", "store_id", "website_id", "store_view_name", "store_name", "website_name")
    assert {tuple(row) for row in shop.store_rows()} == {names}
