"""Sales › Payment Services › Order payment status: the report, why it is empty, and the page of an order."""

from playwright.sync_api import Page, expect

from payments.models import Order, OrderSource
from tests.addresses import ORDERS
from tests.browser.states.making import State, seen_by
from tests.browser.store import Store

WRONG = "start=2026-12-01&end=2026-11-01&min_amount=1.234,50&pay_status=nonsense&pay_status=voided"


# Enough for every status. To look at a row takes longer than to open the page.
ORDERS_OF_EVERY_STATUS = 8
MORE_THAN_A_PAGE = 25


def report(query: str = "", count: int = ORDERS_OF_EVERY_STATUS) -> State:
    """Return the state of the report with `query`, when it has `count` orders."""

    def state(store: Store, page: Page) -> None:
        store.connect()
        store.take_orders(count)
        page.goto(f"{ORDERS}{query}")
        expect(page.get_by_role("region", name="Orders", exact=True)).to_be_visible()

    return state


def columns(store: Store, page: Page) -> None:
    report()(store, page)
    page.get_by_text("Columns", exact=True).click()
    expect(page.get_by_role("button", name="Show all columns")).to_be_visible()


def wrong_filters(store: Store, page: Page) -> None:
    report(f"?{WRONG}")(store, page)
    expect(page.get_by_text("Enter digits with a decimal point")).to_be_visible()


def failed(store: Store, page: Page) -> None:
    report()(store, page)
    OrderSource.objects.update(failed_code="timeout")
    page.reload()
    expect(page.get_by_text("The last attempt")).to_be_visible()


def order(store: Store, page: Page) -> None:
    report()(store, page)
    page.goto(f"{ORDERS}{Order.objects.get(as_sent__amount='12,50').pk}/")
    expect(page.get_by_role("heading", name="Transactions")).to_be_visible()


def not_read(store: Store, page: Page) -> None:
    store.connect()
    page.goto(ORDERS)


def nothing_found(store: Store, page: Page) -> None:
    store.connect()
    store.take_orders(0)
    page.goto(f"{ORDERS}?pay_status=voided")
    expect(page.get_by_role("heading", name="No orders match")).to_be_visible()


def no_pair(store: Store, page: Page) -> None:
    store.connect()
    page.goto(f"{ORDERS}?source=production")
    expect(page.get_by_role("heading", name="There is no key pair")).to_be_visible()


STATES: dict[str, State] = {
    "orders": report(count=MORE_THAN_A_PAGE),
    "orders-filtered": report(
        "?pay_status=voided&pay_status=authorized&dispute=open&dispute=other&refund_status=refunded"
        "&min_amount=1&per_page=20&start=&end=",
        count=MORE_THAN_A_PAGE,
    ),
    "orders-wrong-filters": wrong_filters,
    "orders-columns": columns,
    "orders-failed": failed,
    "orders-not-read": not_read,
    "orders-nothing-found": nothing_found,
    "orders-no-pair": no_pair,
    "orders-no-pair-merchant": seen_by("merchant", no_pair),
    "order": order,
}
