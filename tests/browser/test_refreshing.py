"""The small request after load: what it replaces on the page, and what it leaves alone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.addresses import CONFIGURATION, DASHBOARD, PAYMENT_SERVICES
from tests.browser.states import STATES
from tests.browser.store import Store, session_of
from tests.browser.visit import Visit


@pytest.mark.parametrize("path", [PAYMENT_SERVICES, CONFIGURATION, DASHBOARD])
def test_an_old_state_is_replaced_without_loading_the_page_again(page: Page, store: Store, path: str) -> None:
    store.connect()
    store.let_time_pass()
    page.goto(path)
    expect(page.get_by_text("Last verified just now").first).to_be_visible()


def test_what_somebody_has_opened_stays_open_when_it_is_replaced(visit: Visit, store: Store) -> None:
    # The clock of a browser that is kept open would stay ahead.
    page = visit.tab(session=session_of("admin"))
    page.clock.install()
    with page.expect_response("**/refresh/**"):
        STATES["home-orders-table"](store, page)
    page.get_by_text("Show as table").blur()
    old = page.locator("#chart-table").element_handle()
    store.let_time_pass()
    with page.expect_response("**/refresh/**") as answer:
        page.clock.fast_forward(61_000)
    assert answer.value.status == 200
    expect(page.locator("#chart-table[open]")).to_be_visible()
    page.wait_for_function("(old) => !old.isConnected", arg=old)
    expect(page.locator("#chart-table[open]")).to_be_visible()


def test_what_somebody_has_closed_stays_closed_when_it_is_replaced(visit: Visit, store: Store) -> None:
    # The clock of a browser that is kept open would stay ahead.
    page = visit.tab(session=session_of("admin"))
    page.clock.install()
    store.connect()
    with page.expect_response("**/refresh/**"):
        page.goto(CONFIGURATION)
    head = page.locator("#services > summary")
    head.click()
    head.blur()
    old = head.element_handle()
    store.let_time_pass()
    with page.expect_response("**/refresh/**") as answer:
        page.clock.fast_forward(61_000)
    assert answer.value.status == 200
    page.wait_for_function("(old) => !old.isConnected", arg=old)
    expect(page.locator("#services:not([open])")).to_be_visible()
    # The new head is remembered like the old one.
    head.click()
    page.reload()
    expect(page.locator("#services[open]")).to_be_visible()


def test_a_fresh_state_is_not_asked_for_again(page: Page, store: Store) -> None:
    store.connect()
    store.onboard("COMPLETED")
    store.take_orders(1)
    with page.expect_response(re.compile("payment-services/refresh/")) as answer:
        page.goto(PAYMENT_SERVICES)
    assert answer.value.status == 204
