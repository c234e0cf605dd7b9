"""Rows of feeds that cannot be read: they are kept apart, and nothing else is lost."""

from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from saas.choices import Feed
from saas.gateway.feed_rows import read_row
from saas.models import DataSpace, FeedSource, UnreadRow
from tests.saas.gateway.conftest import Call
from tests.saas.gateway.feeds import (
    ADDRESSES,
    REPORT,
    address,
    feed,
    order,
    orders_sent,
    send,
)

PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
ODD = st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5)
# Half of them have an id, and values where the stand-in looks for them.
ODD_ROWS = ODD | st.fixed_dictionaries(
    dict.fromkeys(("id", "status", "store_view_id"), PLAIN),
    optional=dict.fromkeys(("updated_at", "grand_total", "items", "transactions", "additional_information"), ODD),
)


@pytest.mark.parametrize("broken", [None, 7, "Veronica", [{"id": "1"}], {}, {"id": ""}, {"id": " "}, {"id": None}])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_broken_row_is_kept_apart_and_the_others_are_taken_in(
    call: Call, space: DataSpace, broken: Any, place: int
) -> None:
    rows = [order("1"), order("2")]
    rows.insert(place, broken)
    assert call("POST", address(space), feed(*rows)) == (200, {"status": 200, "read": 2, "unread": 1})
    assert sorted(orders_sent()) == ["1", "2"]
    assert UnreadRow.objects.get().reason == ("no_id" if isinstance(broken, dict) else "no_object")


@pytest.mark.parametrize("key", [True, 1.5, "x" * 65, int("9" * 65), ["1"], "a\nb", "a\x00b", "\ud800"])
def test_it_needs_an_id_of_64_characters_at_most(call: Call, space: DataSpace, key: Any) -> None:
    assert call("POST", address(space), feed(order(key), order("x" * 64), order(7)))[1]["read"] == 2
    assert sorted(orders_sent()) == ["7", "x" * 64]


def test_of_a_broken_row_only_harmless_values_are_kept(call: Call, space: DataSpace) -> None:
    row = order(None, customer="Veronica", additional_information={"cc_owner": "Veronica"}, state="x" * 999)
    row["items"] = 1000 * row["items"]
    call("POST", address(space), feed(row))
    unread = UnreadRow.objects.get()
    assert unread.excerpt.startswith('{"id":null,"increment_id":"000000007"')
    assert (len(unread.excerpt), "Veronica" in unread.excerpt) == (1000, False)


def test_the_same_broken_row_counts_once(call: Call, space: DataSpace) -> None:
    for _time in range(3):
        call("POST", address(space), feed("Veronica", {"state": "new"}, {"state": "new"}))
    assert UnreadRow.objects.count() == 2


def test_the_last_hundred_broken_rows_are_kept(call: Call, space: DataSpace) -> None:
    call("POST", address(space), feed({"state": "first"}, *range(60)))
    call("POST", address(space), feed(*range(30, 110)))
    call("POST", address(space), feed({"state": "last"}))
    kept = UnreadRow.objects.exclude(excerpt="")
    assert (UnreadRow.objects.count(), [row.excerpt for row in kept]) == (100, ['{"state":"last"}'])


def test_a_broken_row_may_be_nested_as_deeply_as_it_likes(space: DataSpace) -> None:
    row: list[Any] = []
    for _level in range(100_000):
        row = [row]
    source = FeedSource.objects.lock(space, "sandbox", timezone.now())
    assert isinstance(read_row(source, Feed.ORDERS, row), UnreadRow)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(list(ADDRESSES)), rows=st.lists(ODD_ROWS, max_size=5))
def test_no_row_is_an_error_of_ours(call: Call, space: DataSpace, name: str, rows: list[Any]) -> None:
    status, answer = send(call, space, name, rows)
    assert (status, answer["read"] + answer["unread"]) == (200, len(rows))
    assert call("GET", REPORT, **{"x-saas-id": str(space.pk)})[0] == 200
