"""The sections of the configuration: closed and opened by people, and opened by what leads into them."""

import pytest
from playwright.sync_api import Page, expect

from tests.addresses import CONFIGURATION
from tests.browser.states.payments import both_environments
from tests.browser.store import Store, session_of
from tests.browser.visit import Visit, wait_for_scripts


def close_section(page: Page, section: str) -> None:
    page.locator(f"#{section} > summary").click()
    expect(page.locator(f"#{section} .section-body")).to_be_hidden()


@pytest.mark.parametrize("query", ["sandbox private", "sandbox_private_key"])
def test_a_slash_and_a_word_lead_to_a_field_in_a_closed_section(configuration: Page, query: str) -> None:
    close_section(configuration, "sandbox-keys")
    configuration.locator("body").press("/")
    configuration.keyboard.type(query)
    configuration.keyboard.press("Enter")
    configuration.get_by_role("link", name="Sandbox private key").click()
    expect(configuration.get_by_label("Sandbox private key")).to_be_focused()
    expect(configuration.get_by_label("Sandbox private key")).to_be_in_viewport()
    assert configuration.locator(".field:has(:target)").count() == 1


def test_a_mistake_in_a_closed_section_opens_it(configuration: Page) -> None:
    configuration.get_by_label("Production API key").fill("not a key")
    close_section(configuration, "production-keys")
    configuration.get_by_role("button", name="Save Config").click()
    expect(configuration.get_by_label("Production API key")).to_be_focused()


def test_what_a_mistake_opened_is_closed_again_afterwards(configuration: Page) -> None:
    close_section(configuration, "production-keys")
    configuration.get_by_label("Production API key").evaluate("(field) => (field.value = 'not a key')")
    configuration.get_by_role("button", name="Save Config").click()
    expect(configuration.get_by_label("Production API key")).to_be_focused()
    configuration.goto(CONFIGURATION)
    expect(configuration.locator("#production-keys .section-body")).to_be_hidden()


def test_a_section_that_starts_closed_stays_open_once_a_person_opened_it(page: Page, store: Store) -> None:
    both_environments(store, page)
    page.goto(CONFIGURATION)
    wait_for_scripts(page)
    expect(page.get_by_label("Production API key")).to_be_hidden()
    page.locator("#production-keys > summary").press("Enter")
    expect(page.get_by_label("Production API key")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Production API key")).to_be_visible()


def test_a_section_that_starts_closed_opens_without_a_script(visit: Visit, store: Store) -> None:
    page = visit.tab(session=session_of("admin"), java_script_enabled=False)
    both_environments(store, page)
    page.goto(CONFIGURATION)
    expect(page.get_by_label("Production API key")).to_be_hidden()
    page.get_by_role("heading", name="Production Keys").click()
    expect(page.get_by_label("Production API key")).to_be_visible()


def test_a_closed_section_stays_closed(configuration: Page) -> None:
    close_section(configuration, "services")
    configuration.reload()
    expect(configuration.locator("#services .section-body")).to_be_hidden()
    expect(configuration.locator("#sandbox-keys .section-body")).to_be_visible()
