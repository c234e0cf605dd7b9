"""Feeds that several processes of a store send at once, and readers meanwhile."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from saas.models import DataSpace, FeedRow, FeedSource, UnreadRow
from tests.saas.gateway.feeds import REPORT, address, feed, order, orders_sent
from tests.saas.test_merchant_races import at_once, send

__all__ = ["send"]

pytestmark = pytest.mark.django_db(transaction=True)
Send = Callable[..., Any]


def test_the_newest_row_wins_whichever_comes_first(send: Send, space: DataSpace) -> None:
    for attempt in range(5):
        moments = [f"2026-11-29 12:0{attempt}:0{second}" for second in range(4)]
        # Each feed has the rows in another order, so that those of two feeds could lock each other out.
        parts = [[order(str(key), updated_at=moment) for key in range(20)] for moment in moments]
        acts = [
            partial(send, "POST", address(space), feed(*rows[::step]))
            for rows, step in zip(parts, (1, -1) * 2, strict=True)
        ]
        assert [answer.status_code for answer in at_once(acts)] == 4 * [200]
        assert {row["updated_at"] for row in orders_sent().values()} == {moments[-1]}
    assert (FeedRow.objects.count(), FeedSource.objects.count()) == (20, 1)


def test_the_same_feed_twice_at_once_is_stored_once(send: Send, space: DataSpace) -> None:
    sent = feed(*(order(str(key)) for key in range(20)), None, "Veronica")
    answers = at_once(4 * [partial(send, "POST", address(space), sent)])
    assert [answer.json() for answer in answers] == 4 * [{"status": 200, "read": 20, "unread": 2}]
    assert (FeedRow.objects.count(), UnreadRow.objects.count()) == (20, 2)
    assert len({row.changed_at for row in FeedRow.objects.all()}) == 1


def test_a_clean_up_meanwhile_is_before_or_after_a_feed(send: Send, space: DataSpace) -> None:
    for _attempt in range(5):
        feeds = [partial(send, "POST", address(space), feed(order(str(key)), None)) for key in range(3)]
        *answers, _nothing = at_once([*feeds, partial(space.clean_up, "Again")])
        assert [answer.status_code for answer in answers] == 3 * [200]


def test_a_reader_that_goes_on_from_the_last_moment_misses_nothing(send: Send, space: DataSpace) -> None:
    seen: list[tuple[str, str]] = []

    def read() -> None:
        """Read what came after the last moment that was seen."""
        for _time in range(15):
            since = f"&updatedSince={seen[-1][0]}" if seen else ""
            answer = send("GET", f"{REPORT}?limit=500{since}").json()
            seen.extend((result["updatedAt"], result["order"]["id"]) for result in answer["results"])

    def write(writer: int) -> None:
        for number in range(10):
            send("POST", address(space), feed(*(order(f"{writer}-{number}-{key}") for key in range(3))))

    at_once([read, *(partial(write, writer) for writer in range(3))])
    read()
    assert len({key for _moment, key in seen}) == FeedRow.objects.count() == 90
