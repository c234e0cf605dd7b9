"""What a change costs is said before it is made, and what it replaced comes back: with and without scripts."""

import pytest
from playwright.sync_api import Locator, Page, expect

from connector import connection
from connector.environment import Environment
from saas.models import DataSpace
from tests.addresses import CONFIGURATION
from tests.browser.store import Store, session_of
from tests.browser.visit import Visit, paste_private_key

FORMER, LATER = "Live EU", "Live US"


@pytest.fixture(autouse=True)
def _connected_to_production(store: Store) -> None:
    """Connect to one of two Production data spaces."""
    for project, name in (("Luma US", LATER), ("Luma EU", FORMER)):
        space = store.choose_data_space(project, kind="Production")
        DataSpace.objects.filter(pk=space.pk).update(name=name)
    store.enter_new_key()
    store.verify()
    assert connection.load().data_space_name == FORMER


def cost(page: Page) -> Locator:
    return page.get_by_role("region", name="What this change costs")


def name(page: Page) -> Locator:
    return page.get_by_label("Name of the data space", exact=True)


def choose_later(page: Page) -> None:
    page.get_by_label("Project", exact=True).select_option(label="Luma US")
    page.get_by_label("Data space", exact=True).select_option(label=f"{LATER} (Production)")


def save(page: Page) -> None:
    page.get_by_role("button", name="Save Config").click()


def paste_pair(page: Page, store: Store) -> str:
    """Enter the first pair of Production, and return its private key."""
    key, pair = store.new_key("production")
    page.get_by_label("Production API key").fill(key.api_key)
    paste_private_key(page, "Production", pair.private_key)
    return pair.private_key


def expect_saved(page: Page) -> None:
    expect(page.get_by_text("Production: the key pair was verified")).to_be_visible()
    stored = connection.load()
    assert stored.data_space_name == LATER
    assert stored.slots[Environment.PRODUCTION].is_verified


def restore(page: Page) -> None:
    """Put the former data space back, first with the name of the wrong one."""
    page.get_by_role("link", name="Restore former data space").click()
    dialog = page.get_by_role("dialog", name="Restore the former project and data space?")
    for typed in (FORMER, LATER):
        dialog.get_by_label("Type the name of the data space to confirm").fill(typed)
        dialog.get_by_role("button", name="Restore").click()
        if typed is FORMER:
            expect(dialog.get_by_text(f"Type “{LATER}” here to confirm what this change costs.")).to_be_visible()
            assert connection.load().data_space_name == LATER
    expect(dialog).to_have_count(0)
    assert connection.load().data_space_name == FORMER


def test_the_cost_shows_while_a_change_has_one(page: Page) -> None:
    page.goto(CONFIGURATION)
    expect(cost(page)).to_be_hidden()
    choose_later(page)
    expect(cost(page)).to_contain_text("Payments stop until the new data space is set up.")
    expect(cost(page)).not_to_contain_text("Another Sandbox pair", use_inner_text=True)
    page.get_by_label("Project", exact=True).select_option(label="Luma EU")
    page.get_by_label("Data space", exact=True).select_option(label=f"{FORMER} (Production)")
    expect(cost(page)).to_be_hidden()


@pytest.mark.parametrize("typed", ["", LATER])
def test_a_save_without_the_name_costs_nobody_what_they_pasted(page: Page, store: Store, typed: str) -> None:
    page.goto(CONFIGURATION)
    expect(cost(page)).to_be_hidden()
    private_key = paste_pair(page, store)
    choose_later(page)
    name(page).fill(typed)
    sent: list[tuple[str, str]] = []
    page.on("request", lambda request: sent.append((request.method, request.url)))
    save(page)
    expect(name(page)).to_be_focused()
    expect(page.get_by_label("Production private key")).to_have_value(private_key)
    assert ("POST", page.url) not in sent
    name(page).fill(f" {FORMER.upper()} ")
    save(page)
    expect_saved(page)


def test_what_it_replaced_comes_back(page: Page, store: Store) -> None:
    page.goto(CONFIGURATION)
    paste_pair(page, store)
    choose_later(page)
    name(page).fill(FORMER)
    save(page)
    expect_saved(page)
    restore(page)


def test_all_of_it_needs_no_javascript(visit: Visit, store: Store) -> None:
    page = visit.tab(session=session_of("admin"), java_script_enabled=False)
    page.goto(CONFIGURATION)
    expect(cost(page)).to_be_visible()
    paste_pair(page, store)
    choose_later(page)
    save(page)
    expect(name(page)).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Data space", exact=True).locator("option:checked")).to_have_text(f"{LATER} (Production)")
    expect(page.get_by_label("Production private key")).to_have_value("")
    assert connection.load().data_space_name == FORMER
    paste_pair(page, store)
    name(page).fill(FORMER)
    save(page)
    expect_saved(page)
    restore(page)
