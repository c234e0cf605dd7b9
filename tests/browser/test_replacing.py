"""Replacing a key without an outage: the old one goes tomorrow, and may be kept after all."""

import pytest
from playwright.sync_api import Page, expect

from connector import connection
from tests.addresses import PORTAL
from tests.browser.store import Store, session_of
from tests.browser.test_journey import enter_keys
from tests.browser.visit import Visit


def delete_tomorrow(page: Page, name: str) -> None:
    """Delete the only key with the choice that is made already, since it was used just now."""
    page.goto(PORTAL)
    page.get_by_role("link", name="Delete").click()
    expect(page.get_by_label("In 24 hours")).to_be_checked()
    page.get_by_label("Name of the key").fill(name)
    page.get_by_role("button", name="Delete key").click()


@pytest.mark.parametrize("has_scripts", [True, False])
def test_a_key_that_goes_tomorrow_works_today_and_is_kept_after_all(
    visit: Visit, store: Store, *, has_scripts: bool
) -> None:
    key = store.connect()
    page = visit.tab(session=session_of("admin"), java_script_enabled=has_scripts)
    delete_tomorrow(page, key.name)
    expect(page.get_by_text("Will be deleted on")).to_be_visible()
    store.verify()
    assert connection.load().is_connected
    page.get_by_role("button", name="Keep this key").click()
    expect(page.get_by_text("is kept: it will not be deleted")).to_be_visible()
    expect(page.get_by_text("Will be deleted on")).to_have_count(0)


def test_the_choice_that_is_made_has_the_focus(page: Page, store: Store) -> None:
    store.connect()
    page.goto(PORTAL)
    page.get_by_role("link", name="Delete").click()
    expect(page.get_by_label("In 24 hours")).to_be_focused()


def test_the_page_after_a_new_pair_tells_which_key_may_go(page: Page, store: Store) -> None:
    old = store.connect()
    new, pair = store.new_key(name="Luma, new")
    enter_keys(page, new.api_key, pair.private_key)
    expect(page.get_by_text(f"The former key …{old.api_key[-4:]} is no longer used by this Admin")).to_be_visible()
