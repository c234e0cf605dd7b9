"""The counts of each day follow the orders, in the time zone of the settings."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings as django_settings
from pytest_django import DjangoAssertNumQueries, Settings

from backend.frame.days import day_of
from payments.models import Order, OrderSource
from payments.orders.counts import DAYS, adjust
from payments.orders.statuses import PayStatus
from tests.factories import know_order, know_source

pytestmark = pytest.mark.django_db
# The clocks of Paris had changed a week before, those of Cairo three days before.
NOW = datetime(2024, 11, 3, 12, tzinfo=UTC)
PAID, AUTHORIZED = PayStatus.CAPTURE_CONFIRMED, PayStatus.AUTHORIZED


@pytest.fixture
def source(db: None) -> OrderSource:
    """A source whose days are counted: an order every 131 minutes, for 35 days."""
    source = know_source()
    for number in range(35 * 11):
        status = PAID if number % 3 else AUTHORIZED
        know_order(source, ordered_at=NOW - timedelta(minutes=131 * number), pay_status=status, order_id=str(number))
    adjust(source, [], [], NOW)
    return source


def counted(now: datetime = NOW) -> dict[str, dict[str, int]]:
    """Count all orders of the last days, one by one."""
    days = {(day_of(now) - timedelta(days=back)).isoformat(): Counter[str]() for back in range(DAYS)}
    for order in Order.objects.all():
        days.get(day_of(order.ordered_at).isoformat(), Counter())[order.pay_status] += 1
    return {day: dict(counts) for day, counts in days.items()}


def change(source: OrderSource, number: str, now: datetime = NOW, **values: object) -> None:
    """Store a change of an order, and adjust the counts to it."""
    before = Order.objects.get(order_id=number)
    Order.objects.filter(order_id=number).update(**values)
    adjust(source, [before], [Order.objects.get(order_id=number)], now)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Paris", "Asia/Kathmandu", "Africa/Cairo"])
def test_every_order_counts_on_its_day(settings: Settings, source: OrderSource, zone: str) -> None:
    settings.TIME_ZONE = zone
    adjust(source, [], [], NOW)
    assert (source.days, source.zone) == (counted(), zone)
    assert sum(source.days["2024-10-27"].values()) in {10, 11, 12}


def test_a_change_of_status_or_date_is_counted_without_a_look_at_the_table(
    source: OrderSource, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    change(source, "3", pay_status=PAID)
    assert source.days == counted()
    change(source, "4", ordered_at=NOW - timedelta(days=3))
    assert source.days == counted()
    change(source, "5", ordered_at=NOW - timedelta(days=300))
    assert source.days == counted()
    change(source, "5", ordered_at=NOW)
    assert source.days == counted()
    with django_assert_num_queries(0):
        adjust(source, [], [], NOW)


def test_a_status_that_no_order_has_any_more_is_gone(source: OrderSource) -> None:
    Order.objects.exclude(order_id="0").delete()
    source.days = {}
    adjust(source, [], [], NOW)
    change(source, "0", pay_status="")
    assert source.days["2024-11-03"] == {"": 1}


def test_a_new_day_has_the_orders_that_were_dated_ahead(
    source: OrderSource, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    change(source, "0", ordered_at=NOW + timedelta(days=1))
    tomorrow = NOW + timedelta(days=1)
    with django_assert_num_queries(1):
        adjust(source, [], [], tomorrow)
    assert source.days == counted(tomorrow)
    assert (len(source.days), min(source.days)) == (DAYS, "2024-10-05")


def test_only_the_orders_of_the_source_count(source: OrderSource) -> None:
    other = know_source(data_space_id="another")
    adjust(other, [], [], NOW)
    assert {*map(str, other.days.values())} == {"{}"}
    assert other.zone == django_settings.TIME_ZONE
