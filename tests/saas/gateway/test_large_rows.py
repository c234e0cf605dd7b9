"""Stores that send very much: the report stays small enough to be read, and loses nothing else."""

import json
from typing import Any

from saas.models import DataSpace, UnreadRow
from tests.saas.gateway.conftest import Call
from tests.saas.gateway.feeds import STORES, order, orders_sent, send
from tests.saas.gateway.test_reports import pages, read

# What the client of the real gateway and ours read of an answer.
MOST = 5 * 1024 * 1024


def large(key: str) -> dict[str, Any]:
    """Return an order of 10,000 items."""
    return order(key) | {"items": 10_000 * order(key)["items"]}


def test_large_orders_come_on_pages_of_their_own(call: Call, space: DataSpace) -> None:
    for rows in ([order("1"), large("2")], [large("3"), order("4")]):
        assert send(call, space, "orders", rows)[1]["read"] == 2
    assert pages(call, space) == [["1", "2"], ["3", "4"]]


def test_a_row_that_no_answer_could_hold_is_kept_apart(call: Call, space: DataSpace) -> None:
    # In JSON, each of these characters takes twelve others.
    item = dict.fromkeys(order("1")["items"][0], "😀" * 255)
    answer = send(call, space, "orders", [order("1", items=110 * [item]), order("2")])[1]
    assert (answer["read"], answer["unread"]) == (1, 1)
    assert (list(orders_sent()), UnreadRow.objects.get().reason) == (["2"], "too_large")


def test_names_that_no_answer_could_hold_are_left_out(call: Call, space: DataSpace) -> None:
    names = dict.fromkeys(("store_view_name", "store_name", "website_name"), "😀" * 255)
    send(call, space, "stores", [*STORES, *({"store_view_id": number, **names} for number in range(10, 400))])
    send(call, space, "sales_status", [{"status": f"{number:03}", "label": "😀" * 255} for number in range(900)])
    send(call, space, "orders", [large("1")])
    answer = read(call, space)
    assert len(json.dumps(answer)) < MOST
    assert answer["stores"][0]["store_view_id"] == 1
    assert len(answer["statuses"]) > 100
