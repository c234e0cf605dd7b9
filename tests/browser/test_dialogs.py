"""Dialogs come from their own address when they are opened, and the page they are opened in stays as it is."""

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from connector import connection
from tests.addresses import CONFIGURATION, LOGIN, PAYMENT_SERVICES
from tests.browser.store import Store, session_of
from tests.browser.visit import Visit

RENAME = f"{CONFIGURATION}rename-data-space/"


def opener(page: Page) -> Locator:
    return page.get_by_role("link", name="Rename data space")


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Rename Data Space")


def test_it_opens_above_the_page_and_what_was_typed_there_stays(configuration: Page) -> None:
    configuration.get_by_label("Production API key").fill("half a key")
    opener(configuration).click()
    expect(dialog(configuration).get_by_label("Data space name")).to_be_focused()
    expect(configuration.locator("dialog:modal")).to_have_count(1)
    expect(configuration).to_have_url(re.compile(f"{CONFIGURATION}$"))
    expect(configuration.get_by_label("Production API key")).to_have_value("half a key")


@pytest.mark.parametrize("close", ["Escape", "Cancel", "\u00d7"])
def test_the_keyboard_opens_it_and_closing_it_leads_back_to_its_link(configuration: Page, close: str) -> None:
    opener(configuration).focus()
    configuration.keyboard.press("Enter")
    expect(dialog(configuration).get_by_label("Data space name")).to_be_focused()
    if close == "Escape":
        configuration.keyboard.press(close)
    else:
        name = "Close" if close == "\u00d7" else close
        dialog(configuration).get_by_role("button", name=name).press("Enter")
    expect(dialog(configuration)).to_have_count(0)
    expect(opener(configuration)).to_be_focused()


def test_opened_again_it_shows_what_is_stored_then(configuration: Page) -> None:
    opener(configuration).click()
    field = dialog(configuration).get_by_label("Data space name")
    expect(field).to_be_focused()
    field.fill("Typed and left")
    configuration.keyboard.press("Escape")
    opener(configuration).click()
    expect(field).to_have_value(connection.load().data_space_name)


def test_two_clicks_open_one(configuration: Page) -> None:
    opener(configuration).dblclick()
    expect(dialog(configuration)).to_have_count(1)
    configuration.keyboard.press("Escape")
    expect(configuration.locator("#rename-data-space")).to_have_count(0)


def test_what_it_is_for_is_done_from_it(configuration: Page) -> None:
    opener(configuration).click()
    dialog(configuration).get_by_label("Data space name").fill("Staging 2")
    dialog(configuration).get_by_role("button", name="Rename").click()
    expect(configuration.get_by_text("Data space renamed.")).to_be_visible()
    assert connection.load().data_space_name == "Staging 2"


def test_after_back_it_is_closed_and_opens_again(configuration: Page) -> None:
    opener(configuration).click()
    dialog(configuration).get_by_label("Data space name").fill(" ")
    dialog(configuration).get_by_role("button", name="Rename").click()
    expect(configuration).to_have_url(re.compile(f"{RENAME}$"))
    expect(dialog(configuration).get_by_label("Data space name")).to_be_focused()
    configuration.goto(PAYMENT_SERVICES)
    configuration.goto(CONFIGURATION)
    configuration.go_back()
    configuration.go_forward()
    expect(dialog(configuration)).to_have_count(0)
    opener(configuration).click()
    expect(dialog(configuration)).to_be_visible()


def test_with_another_key_held_the_link_is_a_link(configuration: Page) -> None:
    with configuration.context.expect_page() as opened:
        opener(configuration).click(modifiers=["ControlOrMeta"])
    expect(opened.value).to_have_url(re.compile(f"{RENAME}$"))
    expect(dialog(opened.value)).to_be_visible()
    expect(dialog(configuration)).to_have_count(0)


def test_whoever_is_signed_out_meanwhile_signs_in_first(configuration: Page) -> None:
    configuration.context.clear_cookies(name="sessionid")
    opener(configuration).click()
    expect(configuration).to_have_url(re.compile(re.escape(f"{LOGIN}?next={RENAME}")))


def test_where_it_cannot_be_fetched_its_address_is_opened(configuration: Page) -> None:
    def fail(route: Route) -> None:
        is_fetched = route.request.headers.get("x-requested-with") == "fetch"
        route.abort() if is_fetched else route.continue_()

    configuration.route(f"**{RENAME}", fail)
    opener(configuration).click()
    expect(configuration).to_have_url(re.compile(f"{RENAME}$"))
    expect(dialog(configuration).get_by_label("Data space name")).to_be_focused()
    configuration.unroute_all()


def test_without_a_script_the_link_leads_to_it(visit: Visit, store: Store) -> None:
    store.connect()
    page = visit.tab(session=session_of("admin"), java_script_enabled=False)
    page.goto(CONFIGURATION)
    opener(page).click()
    expect(page).to_have_url(re.compile(f"{RENAME}$"))
    dialog(page).get_by_label("Data space name").fill("Staging 2")
    dialog(page).get_by_role("button", name="Rename").click()
    expect(page.get_by_text("Data space renamed.")).to_be_visible()
    page.go_back()
    expect(dialog(page)).to_be_visible()
