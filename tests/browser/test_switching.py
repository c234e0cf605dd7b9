"""Switching the active environment asks first, before anything is sent; with and without scripts."""

import pytest
from playwright.sync_api import Locator, Page, expect

from connector import connection
from connector.environment import Environment
from tests.addresses import CONFIGURATION, PAYMENT_SERVICES
from tests.browser.states.payments import both_environments
from tests.browser.states.ways import saving_a_switch, switching
from tests.browser.store import Store, session_of
from tests.browser.visit import Visit, paste_private_key, wait_for_scripts

COST = "Sandbox → Production: real cards are charged from now on."


def question(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Switch to Production?")


def active() -> Environment:
    return connection.load().active_environment


def test_save_config_asks_before_anything_is_sent(page: Page, store: Store) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.method} {request.url}"))
    saving_a_switch(store, page)
    expect(question(page).get_by_text(COST)).to_be_visible()
    question(page).get_by_role("button", name="Cancel").click()
    expect(question(page)).to_be_hidden()
    assert f"POST {store.url}{CONFIGURATION}" not in sent
    assert active() is Environment.SANDBOX


def test_a_pasted_key_is_sent_once(page: Page, store: Store) -> None:
    store.connect()
    key, pair = store.new_key("production")
    page.goto(CONFIGURATION)
    wait_for_scripts(page)
    page.get_by_label("Production API key").fill(key.api_key)
    paste_private_key(page, "Production", pair.private_key)
    page.get_by_label("Active environment").select_option("production")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.get_by_role("button", name="Save Config").click()
    question(page).get_by_role("button", name="Switch to Production and save").click()
    expect(page.get_by_text("Saved: Production keys, active environment Production.")).to_be_visible()
    assert [url for url in sent if url.endswith(CONFIGURATION)] == [f"{store.url}{CONFIGURATION}"]
    assert active() is Environment.PRODUCTION


def test_the_switch_of_the_card_asks(page: Page, store: Store) -> None:
    switching(store, page)
    expect(question(page).get_by_text(COST)).to_be_visible()
    question(page).get_by_role("button", name="Switch to Production").click()
    expect(page.get_by_text("Production is the active environment now.")).to_be_visible()
    expect(page.get_by_label("State of the connection").get_by_text("Connected")).to_be_visible()


def test_a_question_that_was_cancelled_leaves_the_page_guarded(page: Page, store: Store) -> None:
    saving_a_switch(store, page)
    question(page).get_by_role("button", name="Cancel").click()
    page.on("dialog", lambda dialog: dialog.accept())
    with page.expect_event("dialog") as asked:
        page.goto(PAYMENT_SERVICES)
    assert asked.value.type == "beforeunload"


@pytest.mark.parametrize("way", ["card", "configuration"])
def test_it_needs_no_javascript(visit: Visit, store: Store, way: str) -> None:
    page = visit.tab(session=session_of("admin"), java_script_enabled=False)
    if way == "card":
        switching(store, page)
        question(page).get_by_role("button", name="Switch to Production").click()
        expect(page.get_by_text("Production is the active environment now.")).to_be_visible()
    else:
        both_environments(store, page)
        page.goto(CONFIGURATION)
        page.get_by_label("Active environment").select_option("production")
        page.get_by_role("button", name="Save Config").click()
        page.get_by_label(COST).check()
        page.get_by_role("button", name="Save Config").click()
        expect(page.get_by_role("heading", name="Commerce Services is connected")).to_be_visible()
    assert active() is Environment.PRODUCTION
