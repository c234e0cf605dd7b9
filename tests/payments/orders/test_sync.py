"""The copy of the orders follows the gateway, whatever breaks in between."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NoReturn

import pytest
import requests
from django.db import connection as database
from django.utils import timezone

from connector import connection
from connector.gateway.client import Credentials, Deadline
from connector.models import Turn, Verification
from connector.verification.causes import Cause
from payments.models import Order, OrderSource
from payments.orders import counts, storing, sync
from payments.orders.obstacles import Obstacle, find
from payments.orders.sync import Outcome
from tests.factories import connect, know_source, set_instance, store
from tests.gateways import PRODUCTION, SANDBOX, TESTING_ID, Outside
from tests.payments.orders.reports import NOON, Reports

pytestmark = pytest.mark.django_db


@pytest.fixture
def reports(outside: Outside, connected: None) -> Reports:
    return Reports(outside)


def read() -> Outcome | None:
    return sync.read(connection.load(), SANDBOX, Deadline())


def done(changed: int) -> Outcome:
    return Outcome(changed, is_complete=True)


def orders() -> list[str]:
    return list(Order.objects.order_by("order_id").values_list("order_id", flat=True))


def test_the_first_read_takes_every_order_and_what_is_known_of_all(reports: Reports) -> None:
    reports.send("1", "2", "3", "4", "5")
    before = timezone.now()
    assert read() == done(5)
    source = OrderSource.objects.get()
    assert orders() == ["1", "2", "3", "4", "5"]
    assert (source.data_space_id, source.environment, source.cursor) == (TESTING_ID, SANDBOX, "")
    assert source.since == source.received_at == NOON + timedelta(seconds=5)
    assert source.read_at == source.checked_at
    assert source.read_at is not None
    assert source.read_at >= before
    assert source.status_labels == {"processing": "Processing"}
    assert source.stores == {"1": {"website": "Main Website", "store": "Luma", "store_view": "French"}}
    assert (source.currencies, source.unread, source.failed_code) == (["EUR"], 0, "")
    assert [call.keys() for call in reports.asked] == [{"limit"}, {"cursor", "limit"}, {"cursor", "limit"}]


def test_the_next_read_begins_a_minute_before_the_newest_order(reports: Reports) -> None:
    reports.send("1", "2")
    read()
    reports.pause(timedelta(hours=1))
    reports.send("2", grand_total="90.00")
    reports.send("3")
    assert read() == done(2)
    assert reports.asked[1] == {"updatedSince": "2024-11-29T11:59:02+00:00", "limit": "500"}
    assert Order.objects.get(order_id="2").amount == Decimal("90.00")


def test_orders_that_did_not_change_are_not_counted(reports: Reports) -> None:
    reports.send("1", "2")
    read()
    assert read() == done(0)
    reports.send("1")
    assert read() == done(0)


def test_a_store_without_orders_is_read_too(reports: Reports) -> None:
    assert read() == done(0)
    source = OrderSource.objects.get()
    assert (source.since, source.currencies) == (None, [])
    assert source.read_at is not None


def test_a_read_that_broke_off_goes_on_where_it_was(reports: Reports) -> None:
    reports.send("1", "2", "3", "4", "5")

    def break_off(call: int) -> None:
        if call == 2:
            raise requests.ConnectionError

    reports.before = break_off
    assert read() == Outcome(2, cause=Cause.UNREACHABLE)
    source = OrderSource.objects.get()
    assert (orders(), source.failed_code, source.read_at) == (["1", "2"], Cause.UNREACHABLE, None)
    assert read() == done(3)
    assert reports.asked[2] == reports.asked[1]
    assert orders() == ["1", "2", "3", "4", "5"]
    assert OrderSource.objects.get().failed_code == ""


def test_what_came_in_while_a_read_broke_off_is_asked_for_after_it(reports: Reports) -> None:
    reports.send("1", "2")
    reports.pause(timedelta(hours=1))
    reports.send("3")
    source = know_source(since=NOON + timedelta(seconds=2), cursor="2024-11-29T12:00:02+00:00_2")
    read()
    source.refresh_from_db()
    assert source.since == NOON + timedelta(seconds=2)
    assert read() == done(2)
    assert reports.asked[1]["updatedSince"] == "2024-11-29T11:59:02+00:00"
    source.refresh_from_db()
    assert source.since == NOON + timedelta(hours=1, seconds=3)


def test_a_page_is_stored_as_a_whole_or_not_at_all(reports: Reports, monkeypatch: pytest.MonkeyPatch) -> None:
    reports.send("1", "2", "3")

    def stop(*_arguments: object) -> NoReturn:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(counts, "adjust", stop)
        with pytest.raises(KeyboardInterrupt):
            read()
    assert (orders(), OrderSource.objects.get().cursor) == ([], "")
    assert read() == done(3)


def before_storing(patch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Let `act` happen once, after the second page was received and before it is stored."""
    store, calls = storing.store, []

    def act_and_store(*arguments: Any) -> int | None:
        calls.append(arguments)
        if len(calls) == 2:
            act()
        return store(*arguments)

    patch.setattr(storing, "store", act_and_store)


def test_two_reads_at_once_do_no_harm(reports: Reports, monkeypatch: pytest.MonkeyPatch) -> None:
    today = f"{timezone.now():%Y-%m-%d %H:%M:%S}"
    reports.send("1", "2", "3", "4", "5", created_at=today)
    others = []
    before_storing(monkeypatch, lambda: others.append(sync.read_all(connection.load(), SANDBOX)))
    # The other one goes on after our first page, so it is left the rest.
    assert read() == Outcome(2)
    assert others == [done(3)]
    assert orders() == ["1", "2", "3", "4", "5"]
    assert OrderSource.objects.get().days[today[:10]] == {"capture_confirmed": 5}


def test_a_page_from_before_a_change_does_not_undo_it(reports: Reports, monkeypatch: pytest.MonkeyPatch) -> None:
    reports.send("1", "2", "3")

    def change() -> None:
        reports.send("3", grand_total="90.00")
        assert sync.read_all(connection.load(), SANDBOX) == done(1)

    before_storing(monkeypatch, change)
    read()
    assert Order.objects.get(order_id="3").amount == Decimal("90.00")


def test_a_cursor_that_the_gateway_does_not_know_any_more_starts_over(reports: Reports) -> None:
    reports.send("1", "2", "3")
    know_source(cursor="gone", since=NOON + timedelta(seconds=2))
    reports.known_cursors = {"2024-11-29T12:00:02+00:00_2"}
    assert read() == done(3)
    assert [{*call} - {"limit"} for call in reports.asked] == [{"cursor"}, {"updatedSince"}, {"cursor"}]


def test_a_gateway_that_refuses_its_own_cursors_is_not_asked_for_ever(reports: Reports) -> None:
    reports.send("1", "2", "3")
    reports.known_cursors = set()
    assert read() == Outcome(2, cause=Cause.GATEWAY_ERROR)
    assert len(reports.asked) == 4


def test_a_read_for_a_page_ends_in_time_and_goes_on_the_next_time(reports: Reports) -> None:
    reports.send("1", "2", "3")
    reports.before = lambda _call: time.sleep(0.3)
    assert sync.read(connection.load(), SANDBOX, Deadline(1.2)) == Outcome(2)
    source = OrderSource.objects.get()
    assert (source.failed_code, source.read_at) == ("", None)
    assert sync.is_due(source, timezone.now())
    assert sync.read(connection.load(), SANDBOX, Deadline(0.5)) == Outcome()
    assert read() == done(1)


def test_a_gateway_that_does_not_answer_in_time_is_a_failure(reports: Reports) -> None:
    def hang(_call: int) -> NoReturn:
        raise requests.Timeout

    reports.before = hang
    assert read() == Outcome(cause=Cause.TIMEOUT)
    assert OrderSource.objects.get().failed_code == Cause.TIMEOUT


def test_an_answer_that_is_too_large_is_asked_for_in_smaller_parts(reports: Reports) -> None:
    reports.send("1")

    def grow(call: int) -> None:
        reports.more = {"filler": "x" * 6_000_000} if call == 1 else {}

    reports.before = grow
    assert read() == done(1)
    assert [call["limit"] for call in reports.asked] == ["500", "20"]


@pytest.mark.parametrize("more", [{"results": None}, {"unread": "many"}, {"next": "a b"}])
def test_an_answer_of_another_shape_is_a_failure_and_changes_nothing(reports: Reports, more: dict[str, Any]) -> None:
    reports.send("1")
    reports.more = more
    assert read() == Outcome(cause=Cause.GATEWAY_ERROR)
    assert (orders(), len(reports.asked)) == ([], 1)


def test_only_one_request_at_a_time_reads_orders(reports: Reports) -> None:
    assert Turn.objects.begin(sync.TURN, timezone.now())
    assert read() is None
    assert reports.asked == []
    # A command holds no thread of the server.
    assert sync.read_all(connection.load(), SANDBOX) == done(0)


def test_orders_are_read_while_keys_are_verified(reports: Reports) -> None:
    assert Turn.objects.begin(SANDBOX, timezone.now())
    assert read() == done(0)


def test_the_turn_ends_with_the_read(reports: Reports) -> None:
    read()
    assert not Turn.objects.exists()


def test_nothing_is_asked_where_orders_cannot_be_read(outside: Outside, pair: Credentials) -> None:
    store(SANDBOX, pair)
    assert find(connection.load(), SANDBOX) == Obstacle.NOT_VERIFIED
    connect(pair)
    set_instance(data_space_id="")
    assert find(connection.load(), SANDBOX) == Obstacle.NO_DATA_SPACE
    set_instance(data_space_id=TESTING_ID)
    assert find(connection.load(), SANDBOX) is None
    Verification.objects.update(offers_reports=False)
    assert find(connection.load(), SANDBOX) == Obstacle.NO_REPORTS
    assert (read(), sync.read_all(connection.load(), PRODUCTION)) == (None, Obstacle.NOT_VERIFIED)
    assert (outside.calls, OrderSource.objects.count()) == ([], 0)


def test_a_date_that_becomes_readable_moves_the_order_there(reports: Reports) -> None:
    before = timezone.now()
    reports.send("1", created_at="0000-00-00 00:00:00")
    read()
    first = Order.objects.get().ordered_at
    reports.send("1", created_at="0000-00-00 00:00:00", grand_total="90.00")
    read()
    assert Order.objects.get().ordered_at == first >= before
    reports.send("1")
    read()
    assert Order.objects.get().ordered_at == datetime(2026, 11, 28, 12, tzinfo=UTC)


def test_an_order_that_comes_twice_in_a_page_is_stored_once(reports: Reports) -> None:
    reports.send("1")
    reports.changes *= 2
    assert read() == done(1)


def test_a_clock_that_is_ahead_makes_the_next_read_miss_nothing(reports: Reports) -> None:
    reports.pause(timedelta(days=365_000))
    reports.send("1")
    read()
    source = OrderSource.objects.get()
    assert source.since is not None
    assert source.since <= timezone.now()


def test_a_read_opens_no_transaction_around_a_call(transactional_db: None, outside: Outside, pair: Credentials) -> None:
    connect(pair)
    reports = Reports(outside)
    reports.send("1", "2", "3")
    reports.before = lambda _call: pytest.fail("in a transaction") if database.in_atomic_block else None
    assert read() == done(3)


@pytest.mark.parametrize(
    ("age", "facts", "expected"),
    [
        (None, {}, True),
        (timedelta(minutes=4, seconds=59), {}, False),
        (timedelta(minutes=5), {}, True),
        (timedelta(seconds=1), {"cursor": "a"}, True),
        (timedelta(seconds=59), {"failed_code": Cause.TIMEOUT, "cursor": "a"}, False),
        (timedelta(seconds=60), {"failed_code": Cause.TIMEOUT}, True),
        (timedelta(seconds=-1), {}, True),
        (timedelta(seconds=1), {"days": {"2026-11-29": {}}, "zone": "Africa/Cairo"}, True),
        (timedelta(seconds=1), {"days": {"2026-11-29": {}}, "zone": "UTC"}, False),
    ],
)
def test_a_page_reads_again_by_itself_when_it_is_due(
    age: timedelta | None, facts: dict[str, Any], expected: Any
) -> None:
    source = OrderSource(checked_at=None if age is None else NOON - age, **facts)
    assert sync.is_due(source, NOON) is expected
