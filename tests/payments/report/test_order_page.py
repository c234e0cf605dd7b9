"""The page of one order."""

from typing import Any

import pytest
from django.test import Client

from tests.addresses import ORDERS
from tests.factories import know_order, know_source, set_instance
from tests.gateways import LIVE_ID, PRODUCTION
from tests.markup import links, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("connected")]
DETAILS = {
    "transactions": [
        {"id": "9", "txn_id": "3GG279541U471931P", "type": "capture", "created_at": "2026-11-28 10:00:00"},
        {"txn_id": "4GG", "type": "custom", "created_at": "0000-00-00 00:00:00"},
    ],
    "invoices": [{"id": "5", "grand_total": "1080.1", "is_used_for_refund": "1"}],
    "credit_memos": [{"id": "6", "state": 2}],
    "items": [{"id": "7", "product_type": "simple", "qty_ordered": "2.0", "qty_shipped": "1.5"}],
}
ODD: list[Any] = [
    {},
    [],
    "text",
    {"transactions": None, "items": {}, "invoices": "text", "credit_memos": 5},
    {"transactions": ["text", None, {}, {"txn_id": {}, "type": [], "created_at": 5}]},
    {"items": [{"id": True, "qty_ordered": {"a": 1}}], "credit_memos": [{"state": None}]},
    {"items": [{"qty_ordered": "1e999999", "qty_shipped": "NaN"}], "invoices": [{"grand_total": "12,50"}]},
    {"invoices": [{"id": "x" * 1000, "is_used_for_refund": "perhaps"}]},
]


def test_it_shows_what_the_store_sent(as_dana: Client) -> None:
    order = know_order(know_source(), details=DETAILS)
    said = text(as_dana.get(f"{ORDERS}{order.pk}/"))
    assert "Order 000000001" in said
    assert "Capture confirmed" in said
    assert said.count("EUR") == 1
    assert "3GG279541U471931P Capture 28 Nov 2026, 10:00" in said
    assert "4GG custom 0000-00-00 00:00:00" in said
    assert "5 1,080.10 Yes" in said
    assert "6 Refunded" in said
    assert "7 simple 2 1.50" in said


def test_times_and_numbers_are_read_as_in_the_report(as_dana: Client) -> None:
    capture = {"txn_id": "5GG", "type": "capture", "created_at": "2026-11-28T10:00:00+02:00"}
    details = {"transactions": [capture], "invoices": [{"id": "5", "grand_total": "8.01e1"}]}
    page = text(as_dana.get(f"{ORDERS}{know_order(know_source(), details=details).pk}/"))
    assert "5GG Capture 28 Nov 2026, 08:00" in page
    assert "5 80.10" in page


@pytest.mark.parametrize("details", ODD, ids=range(len(ODD)))
def test_anything_that_came_is_shown(as_dana: Client, details: Any) -> None:
    order = know_order(know_source(), details=details, as_sent={"amount": "12,50"})
    page = as_dana.get(f"{ORDERS}{order.pk}/")
    assert page.status_code == 200
    assert "12,50(unreadable, shown as it came)" in text(page)


def test_a_missing_date_is_said_in_words(as_dana: Client) -> None:
    order = know_order(know_source(), as_sent={"ordered_at": ""})
    for page in (as_dana.get(ORDERS), as_dana.get(f"{ORDERS}{order.pk}/")):
        assert "no date was sent" in text(page)
        assert "shown as it came" not in text(page)


def test_of_very_many_items_it_shows_the_first_thousand(as_dana: Client) -> None:
    items = [{"id": f"item {number}"} for number in range(1200)]
    order = know_order(know_source(), details={"items": items})
    said = text(as_dana.get(f"{ORDERS}{order.pk}/"))
    assert "item 999 " in said
    assert "item 1000 " not in said
    assert "These are the first 1,000 of 1,200." in said


def test_the_report_leads_to_it_and_it_leads_back_with_the_filters(as_dana: Client) -> None:
    order = know_order(know_source())
    asked = f"{ORDERS}?pay_status=capture_confirmed&sort=ordered_at"
    address = links(as_dana.get(asked))[order.number]
    assert links(as_dana.get(address))["Back"] == asked


def test_an_order_of_the_other_environment_is_shown(as_dana: Client) -> None:
    order = know_order(know_source(PRODUCTION))
    assert as_dana.get(f"{ORDERS}{order.pk}/").status_code == 200


def test_an_order_of_another_data_space_is_not_found(as_dana: Client) -> None:
    order = know_order(know_source(data_space_id=LIVE_ID))
    assert as_dana.get(f"{ORDERS}{order.pk}/").status_code == 404


def test_without_a_data_space_no_order_is_found(as_dana: Client) -> None:
    order = know_order(know_source(data_space_id=""))
    set_instance(data_space_id="")
    assert as_dana.get(f"{ORDERS}{order.pk}/").status_code == 404


@pytest.mark.parametrize("number", [0, 10**30])
def test_an_order_that_does_not_exist_is_not_found(as_dana: Client, number: int) -> None:
    assert as_dana.get(f"{ORDERS}{number}/").status_code == 404
