"""Stores › Configuration › Commerce Services Connector: the page, what it refuses and its dialogs."""

from playwright.sync_api import Page, expect

from connector import connection
from connector.models import Instance
from tests.browser.states.making import State, after, at
from tests.browser.states.payments import undecryptable, wrong_environment
from tests.browser.store import Store, unknown_api_key
from tests.browser.visit import CONFIGURATION, PAYMENTS


def refused_form(store: Store, page: Page) -> None:
    store.connect()
    page.goto(CONFIGURATION)
    page.get_by_label("Sandbox API key").fill("not a key")
    page.get_by_label("Production private key").fill("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----")
    page.get_by_role("button", name="Save Config").click()
    expect(page.get_by_role("alert")).to_be_visible()


def kept_working_pair(store: Store, page: Page) -> None:
    store.connect()
    page.goto(CONFIGURATION)
    page.get_by_label("Sandbox API key").fill(unknown_api_key())
    page.get_by_role("button", name="Save Config").click()
    expect(page.get_by_label("Replace the working key pair all the same")).to_be_visible()


def saved_by_somebody_else(store: Store, page: Page) -> None:
    store.connect()
    page.goto(CONFIGURATION)
    page.get_by_label("Data space", exact=True).select_option(label="Testing 1 (Testing)")
    Instance.objects.advance(connection.load().instance.revision)
    page.get_by_role("button", name="Save Config").click()
    expect(page.get_by_text("Saved by somebody else")).to_be_visible()


STATES: dict[str, State] = {
    "configuration-found": at(f"{CONFIGURATION}#sandbox_private_key", is_connected=True),
    "configuration-empty": at(PAYMENTS),
    "configuration-connected": at(CONFIGURATION, is_connected=True),
    "configuration-create-project": at(CONFIGURATION, is_connected=True, opens="Create Project"),
    "configuration-rename": at(CONFIGURATION, is_connected=True, opens="Rename data space"),
    "configuration-remove-keys": at(CONFIGURATION, is_connected=True, opens="Remove keys"),
    "configuration-undecryptable": after(undecryptable, at(CONFIGURATION)),
    "configuration-rejected": after(wrong_environment, at(CONFIGURATION)),
    "configuration-refused": refused_form,
    "configuration-kept": kept_working_pair,
    "configuration-stale": saved_by_somebody_else,
}
