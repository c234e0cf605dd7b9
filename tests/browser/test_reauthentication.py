"""Asked again who they are, people come back to what they wanted: with a script and without, by the keyboard alone."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from connector.models import KeyPair
from tests.addresses import ACTION_LOG, CONFIGURATION, ENCRYPTION_KEY, PORTAL, REAUTHENTICATE, USERS
from tests.browser.states.sessions import let_time_pass
from tests.browser.store import Store, session_of
from tests.browser.test_second_factor import add_passkey, with_device
from tests.browser.visit import Visit, wait_for_scripts
from tests.factories import PASSWORD

REMOVE = f"{CONFIGURATION}remove-keys/sandbox/"


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Remove the Sandbox keys?")


def confirm(page: Page) -> None:
    expect(page.get_by_label("Your Password")).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def late(request: pytest.FixtureRequest, visit: Visit, store: Store) -> Page:
    """Return the configuration page of somebody who signed in a long time ago."""
    store.connect()
    page = visit.tab(session=session_of("admin"), java_script_enabled=request.param)
    page.goto(CONFIGURATION)
    if request.param:
        wait_for_scripts(page)
    let_time_pass(page)
    return page


def test_the_dialog_opens_once_the_password_was_given(late: Page) -> None:
    late.get_by_role("link", name="Remove keys").first.focus()
    late.keyboard.press("Enter")
    expect(late).to_have_url(re.compile(re.escape(f"{REAUTHENTICATE}?next=")))
    expect(late.get_by_text("Confirm that it is you to remove keys.")).to_be_visible()
    confirm(late)
    expect(late).to_have_url(re.compile(f"{REMOVE}$"))
    expect(dialog(late)).to_be_visible()
    dialog(late).get_by_role("textbox").fill("Sandbox")
    dialog(late).get_by_role("textbox").press("Enter")
    expect(late.get_by_text("Sandbox keys were removed")).to_be_visible()
    assert not KeyPair.objects.current().filter(environment="sandbox").exists()


def test_cancel_leads_back(late: Page) -> None:
    late.get_by_role("link", name="Remove keys").first.click()
    expect(late.get_by_label("Your Password")).to_be_focused()
    late.get_by_label("Your Password").fill("wrong")
    late.get_by_label("Your Password").press("Enter")
    expect(late.get_by_role("alert")).to_be_visible()
    late.get_by_role("link", name="Cancel").click()
    expect(late).to_have_url(re.compile(f"{CONFIGURATION}$"))


def test_an_encryption_key_is_made_at_the_second_press(late: Page) -> None:
    late.goto(ENCRYPTION_KEY)
    late.get_by_role("button", name="Generate a key").press("Enter")
    expect(late.get_by_role("alert")).to_contain_text("Nothing was changed")
    confirm(late)
    late.get_by_role("button", name="Generate a key").press("Enter")
    expect(late.get_by_role("dialog", name="A new encryption key")).to_be_visible()


def test_the_form_of_a_new_key_is_open_and_ready_to_type(late: Page) -> None:
    late.goto(PORTAL)
    late.get_by_role("link", name="Add a key").press("Enter")
    confirm(late)
    expect(late.get_by_label("Environment", exact=True)).to_be_focused()
    late.get_by_label("Name", exact=True).fill("Luma till")
    late.keyboard.press("Enter")
    expect(late.get_by_role("dialog")).to_contain_text("Luma till")


def test_the_log_is_exported_at_the_second_press(late: Page) -> None:
    late.goto(f"{ACTION_LOG}?q=admin")
    late.get_by_role("link", name="Export CSV").press("Enter")
    confirm(late)
    expect(late).to_have_url(re.compile(re.escape(f"{ACTION_LOG}?q=admin")))
    with late.expect_download() as download:
        late.get_by_role("link", name="Export CSV").press("Enter")
    assert download.value.suggested_filename.endswith(".csv")


def test_a_passkey_does_in_place_of_the_password(store: Store, page: Page) -> None:
    store.connect()
    with_device(page)
    add_passkey(page)
    let_time_pass(page)
    page.goto(REMOVE)
    page.get_by_role("link", name="Use a passkey instead").press("Enter")
    expect(page.get_by_role("button", name="Use a passkey")).to_be_focused()
    wait_for_scripts(page)
    page.keyboard.press("Enter")
    expect(dialog(page)).to_be_visible()


@pytest.mark.parametrize("has_scripts", [True, False], ids=["with scripts", "without scripts"])
def test_another_tab_goes_on_with_what_was_typed(visit: Visit, store: Store, has_scripts: bool) -> None:  # noqa: FBT001
    store.connect()
    page = visit.tab(session=session_of("admin"), java_script_enabled=has_scripts)
    page.goto(f"{USERS}add/")
    page.get_by_label("User Name").fill("erin")
    other = page.context.new_page()
    let_time_pass(page)
    other.goto(REMOVE)
    confirm(other)
    expect(dialog(other)).to_be_visible()
    for label in ("Password", "Password, again", "Your Password"):
        page.get_by_label(label, exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Save User").click()
    expect(page.get_by_role("status")).to_contain_text("erin")
