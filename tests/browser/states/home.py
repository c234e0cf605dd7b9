"""The home of Payment Services with orders: the chart, what needs attention, and where there is nothing yet."""

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect

from backend.frame.days import day_of
from connector import connection
from connector.models import Verification
from payments.models import OrderSource
from payments.orders.statuses import Dispute, PayStatus, RefundStatus
from payments.report.chart import KINDS
from tests.addresses import PAYMENT_SERVICES
from tests.browser.states.making import State, after, at
from tests.browser.store import Store
from tests.factories import know_order, know_source

# Orders of each kind on a day, from the bottom of its column to the top. The days repeat them.
DAYS = (
    (7, 0, 1, 1),
    (9, 1, 0, 0, 0, 1),
    (0,),
    (5, 0, 2, 2, 1, 0, 1),
    (11, 1, 1),
    (6, 0, 0, 3, 0, 2),
    (8, 1, 0, 0, 1, 0, 2),
)


def know_days() -> OrderSource:
    """Let the orders of every day be read for the chosen data space."""
    today = day_of(timezone.now())
    days = {
        str(today - timedelta(days=back)): {
            kind.status: count for kind, count in zip(KINDS, DAYS[back % len(DAYS)], strict=False)
        }
        for back in range(31)
    }
    return know_source(data_space_id=connection.load().data_space_id, zone="UTC", days=days)


def source_of(store: Store) -> OrderSource:
    """Connect the store, and let its orders be read."""
    store.connect()
    store.onboard("COMPLETED")
    return know_days()


def orders(store: Store, page: Page) -> None:
    source_of(store)
    page.goto(PAYMENT_SERVICES)
    expect(page.locator("#orders .chart-columns")).to_be_visible()


def attention(store: Store, page: Page) -> None:
    source = source_of(store)
    OrderSource.objects.update(received_at=source.read_at and source.read_at - timedelta(hours=7))
    for facts in (
        {"pay_status": PayStatus.CAPTURE_FAILED},
        {"refund_status": RefundStatus.REFUND_FAILED},
        {"dispute": Dispute.WAITING_FOR_SELLER},
        {"pay_status": PayStatus.AUTHORIZED, "ordered_at": timezone.now() - timedelta(days=25)},
    ):
        know_order(source, **facts)
    page.goto(PAYMENT_SERVICES)
    expect(page.locator("#attention li")).to_have_count(5)


def a_busy_day(store: Store, page: Page) -> None:
    """As many orders on one day as the chart has room for, and one of each other kind."""
    source = source_of(store)
    today = str(day_of(timezone.now()))
    source.days[today] = {kind.status: 1 for kind in KINDS} | {PayStatus.CAPTURE_CONFIRMED.value: 100_000}
    source.save()
    page.goto(PAYMENT_SERVICES)


def table(store: Store, page: Page) -> None:
    orders(store, page)
    page.get_by_text("Show as table").click()
    expect(page.get_by_role("region", name="Orders by day and pay status")).to_be_visible()


def no_orders(store: Store, page: Page) -> None:
    source_of(store)
    OrderSource.objects.update(days={})
    page.goto(PAYMENT_SERVICES)
    expect(page.get_by_text("No order was placed in the last 30 days.")).to_be_visible()


def nothing_received(store: Store, page: Page) -> None:
    source_of(store)
    OrderSource.objects.update(received_at=None)
    Verification.objects.update(offers_reports=True)
    page.goto(PAYMENT_SERVICES)
    expect(page.get_by_text("No store has sent any orders yet")).to_be_visible()


STATES: dict[str, State] = {
    "home-orders": orders,
    "home-orders-week": after(orders, at(f"{PAYMENT_SERVICES}?range=7")),
    "home-orders-table": table,
    "home-attention": attention,
    "home-busy-day": a_busy_day,
    "home-no-orders": no_orders,
    "home-nothing-received": nothing_received,
}
