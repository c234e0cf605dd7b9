"""Counts the orders of the last days by pay status, for the chart: from the changes, not from the whole table."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count

from backend.frame.days import day_of, within
from payments.models import Order, OrderSource

DAYS = 31


def adjust(source: OrderSource, before: Iterable[Order], after: Iterable[Order], now: datetime) -> None:
    """Bring `source.days` up to date, now that the orders `before` are stored as `after`. The caller saves the source.

    It has each of the last days, today included. Only a day that has no count yet is counted from the table: one that
    has just begun, or every day after a change of the time zone.
    """
    today = day_of(now)
    days = source.days if source.zone == settings.TIME_ZONE else {}
    kept = {
        day.isoformat(): dict(days[day.isoformat()])
        for day in (today - timedelta(days=back) for back in range(DAYS))
        if day.isoformat() in days
    }
    for orders, step in ((before, -1), (after, 1)):
        for order in orders:
            counted = kept.get(day_of(order.ordered_at).isoformat())
            if counted is not None:
                counted[order.pay_status] = counted.get(order.pay_status, 0) + step
    source.zone = settings.TIME_ZONE
    source.days = {}
    for back in range(DAYS):
        day = today - timedelta(days=back)
        counted = kept.get(day.isoformat())
        if counted is None:
            orders = source.orders.filter(**within("ordered_at", day, day))
            counted = dict(orders.order_by().values_list("pay_status").annotate(Count("pk")))
        source.days[day.isoformat()] = {status: number for status, number in counted.items() if number > 0}
