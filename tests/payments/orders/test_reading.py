"""One order's row becomes the fields of an order, and nothing in it breaks anything."""

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from connector.gateway.reports import Page
from payments.models import Order
from payments.orders.reading import read
from payments.orders.statuses import Extent, PayStatus, RefundStatus
from tests.payments.orders.rows import item, order_row, transaction

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def order(**changes: Any) -> Order:
    """Return the order that the gateway's answer describes."""
    result = {"updatedAt": NOW.isoformat(), "order": order_row(**changes)}
    answer: dict[str, Any] = {
        "results": [result],
        "next": None,
        "updatedAt": None,
        "unread": 0,
        "statuses": {},
        "stores": [],
    }
    return read(Page.from_answer(answer).orders[0], None, NOW)


def test_the_last_of_very_many_items_counts_too() -> None:
    items = [item(id=str(number), qty_shipped=2) for number in range(9_999)]
    assert order(items=items).shipped == Extent.YES
    assert order(items=[*items, item(qty_shipped=0)]).shipped == Extent.PARTIAL


def test_a_row_fills_every_field() -> None:
    found = order()
    assert (found.order_id, found.number, found.status) == ("7", "000000007", "processing")
    assert (found.amount, found.paid, found.refunded, found.currency) == (
        Decimal("80.10"),
        Decimal("80.10"),
        None,
        "EUR",
    )
    assert (found.ordered_at, found.updated_at) == (
        datetime(2026, 11, 28, 12, tzinfo=UTC),
        datetime(2026, 11, 28, 12, 30, tzinfo=UTC),
    )
    assert (found.invoiced, found.shipped, found.pay_status) == (Extent.YES, Extent.NO, PayStatus.CAPTURE_CONFIRMED)
    assert (found.refund_status, found.dispute, found.store_view_id) == ("", "", "1")
    assert found.payment_method == "payment_services_paypal_hosted_fields"
    assert {*found.details} == {"transactions", "invoices", "items"}
    assert found.as_sent == {}


def test_the_example_in_the_description_of_the_feed_shows_what_it_says() -> None:
    description = (settings.BASE_DIR / "docs/protocol.md").read_text(encoding="utf-8")
    example = re.search(r'```json\n(\{"feed": "orders".+?)```', description, re.DOTALL)
    assert example
    found = order(**json.loads(example[1])["data"][0])
    assert (found.pay_status, found.refund_status) == (PayStatus.CAPTURE_CONFIRMED, RefundStatus.REFUNDED)
    assert (found.invoiced, found.shipped) == (Extent.YES, Extent.YES)
    assert found.authorized_at == datetime(2026, 11, 28, 18, 42, 11, tzinfo=UTC)
    assert (found.amount, found.refunded) == (Decimal("80.10"), Decimal("20.05"))
    assert found.as_sent == {}


@pytest.mark.parametrize(
    ("sent", "amount"),
    [
        ("80.1", "80.1"),
        ("0", "0"),
        ("-5.00", "-5"),
        ("80.10000000", "80.1"),
        ("1E+3", "1000"),
        ("99999999999.9999", "99999999999.9999"),
        (80, "80"),
        (80.1, "80.1"),
    ],
)
def test_an_amount_is_exact(sent: object, amount: str) -> None:
    assert order(grand_total=sent).amount == Decimal(amount)


@pytest.mark.parametrize(
    ("sent", "amount"),
    [
        ("0.30000000000000004", "0.3000"),
        (80.10000000000001, "80.1000"),
        ("80.09999999999999", "80.1000"),
        ("80.1234", "80.1234"),
        ("80.12344999", "80.1234"),
        ("80.12345", "80.1235"),
        ("-80.12345", "-80.1235"),
        ("-0.00004", "0.0000"),
        ("1e-999", "0.0000"),
        ("99999999999.99994", "99999999999.9999"),
    ],
)
def test_a_tail_of_floating_point_is_rounded_to_four_decimals(sent: object, amount: str) -> None:
    found = order(grand_total=sent)
    assert (str(found.amount), found.as_sent) == (amount, {})


def test_what_is_paid_to_the_last_digit_of_floating_point_is_paid() -> None:
    paid = order(grand_total="80.10000000000001", amount_paid="80.1")
    assert paid.pay_status == PayStatus.CAPTURE_CONFIRMED


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("12,50", "12,50"),
        ("NaN", "NaN"),
        ("Infinity", "Infinity"),
        ("1_000", "1_000"),
        ("٣", "٣"),
        ("99999999999.99995", "99999999999.99995"),
        ("100000000000.00", "100000000000.00"),
        ("1e999", "1e999"),
        ("1e999999999", "1e999999999"),
        ("", ""),
        ("9" * 300, "9" * 254 + "…"),
        (float("nan"), "NaN"),
        (True, "true"),
        ([80], "[80]"),
        ({"value": 80}, '{"value": 80}'),
    ],
)
def test_an_odd_amount_is_stored_as_it_came(sent: object, shown: str) -> None:
    found = order(grand_total=sent)
    assert (found.amount, found.as_sent) == (None, {"amount": shown})


def test_what_is_paid_is_the_captured_amount_where_nothing_else_is_known() -> None:
    assert order(amount_paid=None, amount_captured_online="12.30").paid == Decimal("12.30")
    assert order(amount_paid=None).paid is None
    assert order(amount_refunded=None, amount_refunded_online="1.20").refunded == Decimal("1.20")


@pytest.mark.parametrize(
    "sent",
    ["0000-00-00 00:00:00", "9999-12-31 23:59:59", "0001-01-01 00:00:00", "soon", "2026-13-01 00:00:00", "2026", 7],
)
def test_an_order_with_an_odd_date_has_its_place_where_it_was_first_read(sent: object) -> None:
    found = order(created_at=sent)
    assert (found.ordered_at, found.as_sent) == (NOW, {"ordered_at": str(sent)})
    later = read(order_row(created_at=sent), found, NOW.replace(hour=18))
    assert later.ordered_at == NOW
    assert read(order_row(), found, NOW).ordered_at == datetime(2026, 11, 28, 12, tzinfo=UTC)


def test_an_order_without_a_date_is_marked() -> None:
    assert order(created_at=None).as_sent == {"ordered_at": ""}


def test_a_date_with_its_zone_is_read_as_well() -> None:
    assert order(created_at="2026-11-28T13:00:00+01:00").ordered_at == datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("transactions", "authorized_at"),
    [
        ([transaction("authorization", created_at="2026-11-28 12:00:05")], 5),
        ([transaction("capture", created_at="2026-11-28 12:00:01"), transaction("order")], 1),
        ([transaction("authorization", created_at="2026-11-28 12:00:07"), transaction("order")], 1),
        ([transaction("capture")], None),
        (None, None),
    ],
)
def test_the_authorized_date_is_that_of_the_first_such_transaction(
    transactions: list[dict[str, Any]] | None, authorized_at: int | None
) -> None:
    expected = datetime(2026, 11, 28, 12, 0, authorized_at, tzinfo=UTC) if authorized_at else None
    assert order(transactions=transactions).authorized_at == expected


def test_an_odd_authorized_date_is_stored_as_it_came() -> None:
    found = order(transactions=[transaction("order", created_at="yesterday")])
    assert (found.authorized_at, found.as_sent) == (None, {"authorized_at": "yesterday"})


@pytest.mark.parametrize(
    ("name", "field", "length"),
    [
        ("increment_id", "number", 64),
        ("status", "status", 64),
        ("payment_method",) * 2 + (64,),
        ("store_id", "store_view_id", 32),
    ],
)
def test_a_text_fits_or_is_stored_as_it_came(name: str, field: str, length: int) -> None:
    assert getattr(order(**{name: "x" * length}), field) == "x" * length
    long = order(**{name: "x" * (length + 1)})
    assert (getattr(long, field), long.as_sent) == ("", {field: "x" * (length + 1)})
    assert getattr(order(**{name: 12}), field) == "12"
    assert order(**{name: 1.5}).as_sent == {field: "1.5"}
    assert getattr(order(**{name: None}), field) == ""


@pytest.mark.parametrize("sent", ["eur", "EURO", "€", 978])
def test_a_currency_is_a_code_or_stored_as_it_came(sent: object) -> None:
    found = order(currency=sent)
    assert (found.currency, found.as_sent) == ("", {"currency": str(sent)})


def test_a_quantity_that_cannot_be_read_says_nothing_of_what_was_shipped() -> None:
    found = order(items=[item(qty_shipped="two")])
    assert (found.invoiced, found.shipped, found.as_sent) == (Extent.YES, "", {"shipped": "two"})


def test_an_order_with_nothing_to_ship_says_so_by_an_empty_field() -> None:
    found = order(items=[item(is_virtual=1)])
    assert (found.shipped, found.as_sent) == ("", {})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([*order_row(), "credit_memos"]), JSON))
def test_nothing_in_a_row_raises_or_cannot_be_stored(changes: dict[str, Any]) -> None:
    found = order(**changes | {"id": "7"})
    stored = json.loads(json.dumps([found.as_sent, found.details], allow_nan=False))
    assert stored == [found.as_sent, found.details]
    assert all(len(text) <= 255 and "\0" not in text for text in found.as_sent.values())
    for field in Order._meta.concrete_fields:
        field.run_validators(getattr(found, field.attname))
