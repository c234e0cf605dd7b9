"""The account verification error dialog: one cause, one next step; and a check without a result opens none."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from connector import connection
from connector.environment import Environment
from connector.gateway import transport
from tests.addresses import CONFIGURATION, PAYMENT_SERVICES, PORTAL
from tests.browser.states.payments import (
    ERROR_DIALOG,
    data_space_unknown,
    pair_mismatch,
    wrong_environment,
)
from tests.browser.states.ways import badly_replaced
from tests.browser.store import Store, session_of
from tests.browser.visit import Visit, paste_private_key


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Your account was not verified")


def test_halves_of_two_pairs_are_told_apart(page: Page, store: Store) -> None:
    pair_mismatch(store, page)
    expect(dialog(page).get_by_text("the private key beside it belongs to another API key")).to_be_visible()
    dialog(page).get_by_role("link", name="Enter the keys").click()
    expect(page.get_by_label("Sandbox private key")).to_be_focused()
    expect(page.get_by_label("Sandbox private key")).to_have_attribute("aria-invalid", "true")


def test_a_save_refused_for_the_private_key_starts_there(page: Page, store: Store) -> None:
    store.connect()
    _key, pair = store.new_key()
    page.goto(CONFIGURATION)
    paste_private_key(page, "Sandbox", pair.private_key)
    page.get_by_role("button", name="Save Config").click()
    expect(page.get_by_text("The pair that is stored works and was kept")).to_be_visible()
    expect(page.get_by_label("Sandbox private key")).to_be_focused()


def test_a_bad_replacement_is_undone_from_where_it_is_reported(page: Page, store: Store) -> None:
    badly_replaced(store, page)
    dialog(page).get_by_role("link", name="Restore former pair").click()
    page.get_by_role("dialog").get_by_role("button", name="Restore").click()
    expect(page).to_have_url(re.compile(f"{PAYMENT_SERVICES}$"))
    expect(page.get_by_text("Restored: Sandbox keys.")).to_be_visible()
    expect(page.get_by_label("State of the connection").get_by_text("Connected")).to_be_visible()


def test_a_key_deleted_in_the_portal_is_found_out(page: Page, store: Store) -> None:
    key = store.connect()
    page.goto(PORTAL)
    page.get_by_role("link", name="Delete").click()
    page.get_by_label("Now").check()
    page.get_by_label("Name of the key").fill(key.name)
    page.get_by_role("button", name="Delete key").click()
    expect(page.get_by_text("was deleted. The gateway refuses it now.")).to_be_visible()
    page.goto(PAYMENT_SERVICES)
    page.wait_for_load_state("networkidle")  # One request at a time verifies, and the page has asked by itself.
    page.get_by_role("button", name="Verify now").click()
    expect(dialog(page).get_by_text("The API key was deleted", exact=True)).to_be_visible()


def test_keys_in_the_wrong_section_are_moved_by_one_button(page: Page, store: Store) -> None:
    wrong_environment(store, page)
    dialog(page).get_by_role("button", name="Move to Production Keys").click()
    question = page.get_by_role("dialog", name="Move to Production Keys and switch to Production?")
    expect(question.get_by_text("real cards are charged from now on")).to_be_visible()
    question.get_by_role("button", name="Move and switch").click()
    expect(page.get_by_label("Production API key")).not_to_have_value("")
    expect(page.get_by_label("Sandbox API key")).to_have_value("")
    assert connection.load().active_environment is Environment.PRODUCTION


def test_a_data_space_of_another_account_leads_to_where_another_one_is_chosen(page: Page, store: Store) -> None:
    data_space_unknown(store, page)
    dialog(page).get_by_role("link", name="Choose the data space").click()
    expect(page).to_have_url(re.compile(f"{CONFIGURATION}#saas-identifier$"))
    page.get_by_label("Project", exact=True).select_option(label="Theirs")
    page.get_by_label("Data space", exact=True).select_option(label="Testing 1 (Testing)")
    page.get_by_role("button", name="Save Config").click()
    expect(page.get_by_text("Commerce Services is connected")).to_be_visible()


@pytest.mark.parametrize("way", ["Escape", "Close in the corner", "Close below"])
def test_the_dialog_can_be_closed_and_the_page_says_the_same(page: Page, store: Store, way: str) -> None:
    pair_mismatch(store, page)
    expect(page.locator(f"{ERROR_DIALOG}:modal")).to_be_visible()  # Before its script ran, Esc closes nothing.
    if way == "Escape":
        page.keyboard.press("Escape")
    else:
        buttons = dialog(page).get_by_role("button", name="Close")
        (buttons.first if way.endswith("corner") else buttons.last).click()
    expect(dialog(page)).to_be_hidden()
    expect(page.get_by_role("heading", name="Your account was not verified")).to_be_visible()


def test_the_dialog_needs_no_javascript(visit: Visit, store: Store) -> None:
    page = visit.tab(session=session_of("admin"), java_script_enabled=False)
    pair_mismatch(store, page)
    expect(dialog(page).get_by_role("link", name="Enter the keys")).to_be_visible()
    dialog(page).get_by_role("button", name="Close").last.click()
    expect(dialog(page)).to_be_hidden()


def test_trying_again_opens_the_dialog_again_while_nothing_changed(page: Page, store: Store) -> None:
    pair_mismatch(store, page)
    with page.expect_navigation():  # Before and after it, the page looks the same.
        dialog(page).get_by_role("button", name="Try again").click()
    expect(dialog(page).get_by_text("The two keys do not belong together", exact=True)).to_be_visible()


def test_the_focus_returns_to_what_opened_a_dialog(configuration: Page) -> None:
    opener = configuration.get_by_role("link", name="Create Project")
    opener.focus()
    configuration.keyboard.press("Enter")
    expect(configuration.locator("dialog:modal").get_by_label("Project name")).to_be_focused()
    configuration.keyboard.press("Escape")
    expect(opener).to_be_focused()


def test_a_gateway_that_takes_too_long_holds_up_no_page(
    page: Page, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.connect()
    store.let_time_pass()
    store.fail("slow", seconds=2)
    monkeypatch.setattr(transport, "DEADLINE_S", 1.0)  # Nine seconds would prove no more.
    page.goto(PAYMENT_SERVICES)
    expect(page.get_by_text("took too long")).to_be_visible()
    expect(page.get_by_text("Last verified 10 minutes ago")).to_be_visible()
    expect(page.get_by_label("State of the connection").get_by_text("Check failed")).to_be_visible()
    expect(dialog(page)).to_have_count(0)
