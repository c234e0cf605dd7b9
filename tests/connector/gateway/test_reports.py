"""Reading orders from a gateway: the request, the pages of the answer, and the answers that are rejected."""

from datetime import UTC, datetime
from typing import Any

import pytest
import responses
from responses import matchers

from connector.errors import GatewayError, Reason
from connector.gateway import reports
from connector.gateway.client import Client
from connector.gateway.reports import Page
from tests.gateways import GATEWAY_URLS, SANDBOX, TESTING_ID

ORDERS = f"{GATEWAY_URLS[SANDBOX]}payments/reports/orders"
CHANGED_AT = datetime(2026, 11, 29, 12, 0, 0, 123456, tzinfo=UTC)
STORE = {
    "store_view_id": "1",
    "store_id": "1",
    "website_id": "1",
    "store_view_name": "French",
    "store_name": "Luma",
    "website_name": "Main Website",
}


def result(**order: Any) -> dict[str, Any]:
    return {"updatedAt": "2026-11-29T12:00:00.123456Z", "order": {"id": "7", **order}}


def page(*results: Any, **changes: Any) -> dict[str, Any]:
    """Return an answer with one order, or with `results`."""
    return {
        "results": list(results) or [result()],
        "next": None,
        "updatedAt": "2026-11-29T12:01:00Z",
        "unread": 2,
        "statuses": {"processing": "Processing"},
        "stores": [STORE],
    } | changes


def read(answer: dict[str, Any]) -> Page:
    return Page.from_answer(answer)


def test_it_asks_for_what_changed_with_the_headers_of_payments(
    client: Client, gateways: responses.RequestsMock
) -> None:
    asked = matchers.query_param_matcher({"updatedSince": "2026-11-29T12:00:00.123456+00:00", "limit": "500"})
    headers = {"x-saas-id": TESTING_ID, "x-scope-type": "website", "x-scope-id": "0"}
    gateways.get(ORDERS, json=page(), match=[asked, matchers.header_matcher(headers)])
    assert reports.read(client, TESTING_ID, since=CHANGED_AT) == Page(
        orders=({"id": "7"},),
        newest=CHANGED_AT,
        next="",
        received_at=datetime(2026, 11, 29, 12, 1, tzinfo=UTC),
        unread=2,
        status_labels={"processing": "Processing"},
        stores={"1": {"website": "Main Website", "store": "Luma", "store_view": "French"}},
    )


def test_a_cursor_goes_on_where_the_page_before_ended(client: Client, gateways: responses.RequestsMock) -> None:
    asked = matchers.query_param_matcher({"cursor": "a+b/c=", "limit": "25"})
    gateways.get(ORDERS, json=page(next="d"), match=[asked])
    assert reports.read(client, TESTING_ID, since=CHANGED_AT, cursor="a+b/c=", limit=25).next == "d"


def test_the_first_reading_asks_for_everything(client: Client, gateways: responses.RequestsMock) -> None:
    gateways.get(ORDERS, json=page(results=[]), match=[matchers.query_param_matcher({"limit": "500"})])
    assert reports.read(client, TESTING_ID).newest is None


def test_only_known_names_come_through() -> None:
    sent = result(
        additional_information={"payer_id": "secret"},
        customer_email="a@example.com",
        items=[{"id": "1", "name": "Bag", "qty_ordered": 2}, "odd"],
        invoices=None,
        transactions=[],
    )
    assert read(page(sent)).orders == ({"id": "7", "items": [{"id": "1", "qty_ordered": 2}]},)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("a\0\ud800b", "ab"),
        ("a\x1b[2J\u202eb\u2066\x9b", "a[2Jb"),
        ("a\u200cb\n😀\u200d💻", "a\u200cb\n😀\u200d💻"),
        ("x" * 300, "x" * 254 + "…"),
        ([1, [2]], "[1, [2]]"),
        ({"a": "b" * 300}, '{"a": "' + "b" * 247 + "…"),
        (float("inf"), "Infinity"),
        (10**400, "1" + "0" * 253 + "…"),
        (1.5, 1.5),
        (False, False),
    ],
)
def test_every_value_is_bounded_and_can_be_stored(sent: object, kept: object) -> None:
    [order] = read(page(result(grand_total=sent))).orders
    assert order["grand_total"] == kept


@pytest.mark.parametrize("number", [None, "", "x" * 65])
def test_an_order_without_a_usable_id_is_left_out_and_counted(number: object) -> None:
    found = read(page(result(id=number), result(id=8)))
    assert ([order["id"] for order in found.orders], found.unread) == (["8"], 3)


def test_odd_labels_and_stores_are_left_out() -> None:
    found = read(page(statuses={"": "a", "b": 7, "c": "C" * 300}, stores=["odd", {}, {"store_view_id": 3}]))
    assert found.status_labels == {"c": "C" * 254 + "…"}
    assert found.stores == {"3": {"website": "", "store": "", "store_view": ""}}


@pytest.mark.parametrize("sent", [None, "yesterday", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_a_gateway_that_never_got_a_feed_has_no_date(sent: str | None) -> None:
    assert read(page(updatedAt=sent)).received_at is None


@pytest.mark.parametrize(
    "changes",
    [
        {"results": None},
        {"results": {}},
        {"results": ["odd"]},
        {"results": [{}]},
        {"results": [{"updatedAt": "2026-11-29T12:00:00Z"}]},
        {"results": [{"order": {"id": "7"}}]},
        {"results": [result() | {"updatedAt": "2026-11-29T12:00:00"}]},
        {"results": [result() | {"updatedAt": "0001-01-01T00:00:00Z"}]},
        {"results": [result()] * 501},
        {"results": [], "next": "a"},
        {"next": ""},
        {"next": 7},
        {"next": "a" * 201},
        {"next": "a b"},
        {"next": "é"},
        {"unread": None},
        {"unread": -1},
        {"unread": True},
        {"unread": 10**12},
        {"statuses": []},
        {"stores": {}},
    ],
)
def test_an_answer_of_another_shape_does_not_count(changes: dict[str, Any]) -> None:
    with pytest.raises(GatewayError) as raised:
        read(page(**changes))
    assert raised.value.reason == Reason.MALFORMED


def test_a_cursor_that_leads_to_itself_does_not_count(client: Client, gateways: responses.RequestsMock) -> None:
    gateways.get(ORDERS, json=page(next="a"))
    with pytest.raises(GatewayError) as raised:
        reports.read(client, TESTING_ID, cursor="a")
    assert raised.value.reason == Reason.MALFORMED
