"""The report of orders: every change once, in the order of the changes, a page at a time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from saas.models import ApiKey, DataSpace, FeedRow, FeedSource
from tests.saas.gateway.conftest import Call
from tests.saas.gateway.feeds import REPORT, STATUSES, STORES, order, send
from tests.saas.gateway.test_calls import assert_not_found

NOTHING: dict[str, Any] = {"results": [], "next": None, "updatedAt": None, "unread": 0, "statuses": {}, "stores": []}


def read(call: Call, space: DataSpace, **query: Any) -> Any:
    """Return the JSON of a report."""
    parameters = "&".join(f"{name}={quote(str(value))}" for name, value in query.items())
    status, body = call("GET", f"{REPORT}?{parameters}", **{"x-saas-id": str(space.pk)})
    assert status == 200
    return body


def ids(answer: Any) -> list[str]:
    return [result["order"]["id"] for result in answer["results"]]


def pages(call: Call, space: DataSpace, **query: Any) -> list[list[str]]:
    """Return the ids of every page, following the cursors."""
    answer = read(call, space, **query)
    found = [ids(answer)]
    while answer["next"]:
        answer = read(call, space, cursor=answer["next"], **query)
        found.append(ids(answer))
    return found


def test_before_any_feed_there_is_nothing(call: Call, space: DataSpace) -> None:
    assert read(call, space) == NOTHING


def test_it_says_what_was_sent_and_when(call: Call, space: DataSpace) -> None:
    send(call, space, "orders", [order("7", grand_total=80.1), None])
    send(call, space, "sales_status", STATUSES)
    send(call, space, "stores", STORES)
    answer = read(call, space)
    row, source = FeedRow.objects.get(key="7"), FeedSource.objects.get()
    assert [result["updatedAt"] for result in answer["results"]] == [f"{row.changed_at:%Y-%m-%dT%H:%M:%S.%f}Z"]
    assert answer["results"][0]["order"]["grand_total"] == "80.1"
    assert answer["updatedAt"] == f"{source.received_at:%Y-%m-%dT%H:%M:%S.%f}Z"
    assert (answer["next"], answer["unread"]) == (None, 1)
    assert answer["statuses"] == {"processing": "Processing", "complete": "Complete"}
    assert answer["stores"] == STORES


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8, 500])
def test_each_order_is_on_one_page(call: Call, space: DataSpace, limit: int) -> None:
    send(call, space, "orders", [order(str(number)) for number in range(5)])
    send(call, space, "orders", [order(str(number)) for number in range(5, 8)])
    found = pages(call, space, limit=limit)
    assert [key for page in found for key in page] == list("01234567")
    assert {len(page) for page in found[:-1]} <= {limit}


def test_a_page_has_a_hundred_orders_if_nothing_else_is_asked(call: Call, space: DataSpace) -> None:
    send(call, space, "orders", [{"id": number} for number in range(101)])
    assert [len(page) for page in pages(call, space)] == [100, 1]


def test_a_change_moves_an_order_to_the_end(call: Call, space: DataSpace) -> None:
    for key in "123":
        send(call, space, "orders", [order(key)])
    send(call, space, "orders", [order("1"), order("2", status="complete")])
    assert ids(read(call, space)) == ["1", "3", "2"]


def test_an_order_that_changes_between_two_pages_is_not_lost(call: Call, space: DataSpace) -> None:
    send(call, space, "orders", [order(key) for key in "1234"])
    first = read(call, space, limit=2)
    send(call, space, "orders", [order("3", status="complete"), order("1", status="complete")])
    second = read(call, space, limit=2, cursor=first["next"])
    third = read(call, space, limit=2, cursor=second["next"])
    assert (ids(first), ids(second), ids(third)) == (["1", "2"], ["4", "1"], ["3"])
    assert third["results"][0]["order"]["status"] == "complete"


def test_it_lists_what_changed_at_or_after_a_moment(call: Call, space: DataSpace) -> None:
    for key in "123":
        send(call, space, "orders", [order(key)])
    moments = [result["updatedAt"] for result in read(call, space)["results"]]
    assert [ids(read(call, space, updatedSince=moment)) for moment in moments] == [["1", "2", "3"], ["2", "3"], ["3"]]
    exact = datetime.fromisoformat(moments[1])
    elsewhere = exact.astimezone(UTC).isoformat()
    assert ids(read(call, space, updatedSince=elsewhere)) == ["2", "3"]
    assert ids(read(call, space, updatedSince=(exact + timedelta(microseconds=1)).isoformat())) == ["3"]


def test_a_cursor_counts_more_than_a_moment(call: Call, space: DataSpace) -> None:
    send(call, space, "orders", [order(key) for key in "123"])
    first = read(call, space, limit=1)
    moved = read(call, space, cursor=first["next"], updatedSince="9999-01-01T00:00:00Z")
    assert ids(moved) == ["2", "3"]


def test_each_feed_has_a_later_moment_than_the_feed_before(space: DataSpace) -> None:
    moment, step = datetime(2026, 11, 29, 12, tzinfo=UTC), timedelta(microseconds=1)
    received = [
        FeedSource.objects.lock(space, "sandbox", clock).received_at
        for clock in (moment, moment, moment - timedelta(hours=1), moment + timedelta(hours=1))
    ]
    assert received == [moment, moment + step, moment + 2 * step, moment + timedelta(hours=1)]


def test_both_environments_are_apart(call: Call, space: DataSpace, api_key: ApiKey) -> None:
    send(call, space, "orders", [order("1"), None])
    send(call, space, "stores", STORES)
    ApiKey.objects.filter(pk=api_key.pk).update(environment="production")
    assert read(call, space) == NOTHING
    send(call, space, "orders", [order("2")])
    assert (ids(read(call, space)), read(call, space)["unread"]) == (["2"], 0)


def test_each_data_space_has_its_own_orders(call: Call, space: DataSpace) -> None:
    other = DataSpace.objects.exclude(pk=space.pk).first()
    assert other is not None
    send(call, space, "orders", [order("1")])
    send(call, other, "orders", [order("1", status="complete"), order("2")])
    assert (ids(read(call, space)), ids(read(call, other))) == (["1"], ["1", "2"])


def test_a_data_space_of_others_is_not_found(call: Call, space: DataSpace, foreign_space: DataSpace) -> None:
    for space_id in (str(foreign_space.pk), "8f2c0000-0000-4000-8000-000000000000", "nothing", ""):
        assert_not_found(call("GET", REPORT, **{"x-saas-id": space_id}))
    assert_not_found(call("GET", REPORT))


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=501",
        "limit=-1",
        "limit=",
        "limit=ten",
        "limit=%D9%A3",
        "limit=1%00",
        "cursor=next",
        "cursor=1",
        "cursor=1-1-1",
        "cursor=99999999999999999999-1",
        "cursor=1-%D9%A3",
        "updatedSince=yesterday",
        "updatedSince=2026-11-29",
        "updatedSince=2026-11-29T12:00:00",
        "updatedSince=2026-11-29T12:00:00+00:00",
        "updatedSince=0001-01-01T00:00:00%2B23:00",
        "updatedSince=9999-12-31T23:59:59-23:00",
    ],
)
def test_it_names_the_parameter_that_it_cannot_read(call: Call, space: DataSpace, query: str) -> None:
    send(call, space, "orders", [order("1")])
    status, answer = call("GET", f"{REPORT}?{query}", **{"x-saas-id": str(space.pk)})
    assert (status, answer["status"], query.partition("=")[0] in answer["message"]) == (400, 400, True)


@pytest.mark.parametrize("cursor", ["0-0", f"{10**17 - 1}-{10**18 - 1}", "0-999999999999999999"])
def test_any_cursor_of_its_shape_is_read(call: Call, space: DataSpace, cursor: str) -> None:
    send(call, space, "orders", [order("1")])
    assert ids(read(call, space, cursor=cursor)) in ([], ["1"])


def test_it_takes_the_same_queries_for_one_order_and_for_many(
    call: Call, space: DataSpace, django_assert_num_queries: Callable[..., Any]
) -> None:
    send(call, space, "orders", [{"id": number} for number in range(500)])
    for limit in (1, 500):
        with django_assert_num_queries(8):
            read(call, space, limit=limit)


def test_wrong_keys_are_refused(call: Call, space: DataSpace) -> None:
    headers = {"x-saas-id": str(space.pk)}
    assert call("GET", REPORT, **headers, **{"x-gw-signature": "forged"})[0] == 401
    assert call("GET", REPORT, **headers, **{"x-api-key": "f" * 32})[0] == 403
    assert call("POST", REPORT, **headers)[0] == 405
