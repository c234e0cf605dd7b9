"""What the configuration page says about a pasted key before it is saved."""

import json

from playwright.sync_api import Page, Route, expect

from connector import connection
from connector.keys import pem
from tests.addresses import CONFIGURATION
from tests.browser.store import Store, session_of
from tests.browser.visit import Visit, paste_private_key
from tests.gateways import SANDBOX

STATUS = "#sandbox-keys [role=status][data-check-key]"


def test_a_mangled_key_is_known_by_its_fingerprint_before_and_after_it_is_saved(page: Page, store: Store) -> None:
    key, pair = store.new_key()
    page.goto(CONFIGURATION)
    paste_private_key(page, "Sandbox", json.dumps({"apiKey": key.api_key, "privateKey": pair.private_key}))
    status = page.locator(STATUS)
    fingerprint = pem.parse(pair.private_key).fingerprint
    expect(status).to_contain_text(fingerprint)
    expect(status).to_contain_text("both halves of the pair in one text")
    assert not connection.load().slots[SANDBOX].is_stored
    page.get_by_role("button", name="Save Config").click()
    expect(page.get_by_text("Sandbox: the key pair was verified")).to_be_visible()
    expect(page.locator("#sandbox-keys .replace-stored")).to_contain_text(fingerprint)
    expect(page.get_by_label("Sandbox API key")).to_have_value(key.api_key)
    assert connection.load().slots[SANDBOX].fingerprint == fingerprint


def test_both_halves_are_told_in_the_field_of_one_line(page: Page, store: Store) -> None:
    key, pair = store.new_key()
    page.goto(CONFIGURATION)
    page.get_by_label("Sandbox API key").fill(f"API key: {key.api_key}\n{pair.private_key}")
    expect(page.locator(STATUS)).to_contain_text(key.api_key)
    page.get_by_role("button", name="Save Config").click()
    expect(page.get_by_text("Sandbox: the key pair was verified")).to_be_visible()


def test_a_mistake_is_told_and_goes_with_its_text(page: Page, store: Store) -> None:
    _key, pair = store.new_key()
    page.goto(CONFIGURATION)
    field = page.get_by_label("Sandbox private key")
    field.fill(pair.private_key[:900])
    expect(page.locator(STATUS)).to_contain_text("breaks off too early")
    field.fill("")
    expect(page.locator(STATUS)).to_be_empty()


def test_a_refused_text_is_not_blamed_beside_the_key_that_replaces_it(page: Page, store: Store) -> None:
    key, pair = store.new_key()
    page.goto(CONFIGURATION)
    page.get_by_label("Sandbox API key").fill(key.api_key)
    paste_private_key(page, "Sandbox", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----")
    page.get_by_role("button", name="Save Config").click()
    refusal = page.locator("#sandbox_private_key_error")
    expect(refusal).to_be_visible()
    expect(page.get_by_label("Sandbox private key")).to_be_focused()
    paste_private_key(page, "Sandbox", pair.private_key)
    expect(page.locator(STATUS)).to_contain_text("Read, not saved yet")
    expect(refusal).to_be_hidden()


def test_a_paste_that_is_replaced_at_once_is_not_told(page: Page, store: Store) -> None:
    _key, pair = store.new_key()
    store.connect()
    page.goto(CONFIGURATION)
    field = paste_private_key(page, "Sandbox", "")
    asked: list[Route] = []

    def hold_first(route: Route) -> None:
        asked.append(route)
        if len(asked) > 1:
            route.continue_()

    page.route("**/check-key/", hold_first)
    with page.expect_request("**/check-key/"):
        field.fill("something else")
    with page.expect_event("requestfailed"):  # Nobody waits for that answer any more.
        field.fill(pair.private_key)
    expect(page.locator(STATUS)).to_contain_text(pem.parse(pair.private_key).fingerprint)
    expect(page.locator(STATUS)).not_to_contain_text("cannot be read")
    page.unroute_all()


def test_without_a_script_the_key_is_saved_all_the_same(visit: Visit, store: Store) -> None:
    key, pair = store.new_key()
    page = visit.tab(session=session_of("admin"), java_script_enabled=False)
    page.goto(CONFIGURATION)
    page.get_by_label("Sandbox API key").fill(key.api_key)
    paste_private_key(page, "Sandbox", pair.private_key.replace("\n", "\\n"))
    page.get_by_role("button", name="Save Config").click()
    expect(page.get_by_text("was repaired before it was saved: line breaks or signs")).to_be_visible()
