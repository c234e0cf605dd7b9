"""The main journey by hand: from the sign-in to connected."""

from typing import Literal

import pytest
from playwright.sync_api import Locator, Page, expect

from connector import connection
from tests.addresses import CONFIGURATION, DASHBOARD, LOGIN, PORTAL
from tests.browser.states.sessions import sign_in_as
from tests.browser.store import Store
from tests.browser.visit import Visit, paste_private_key, wait_for_scripts
from tests.factories import PASSWORD

TABS_AT_MOST = 80

Role = Literal["button", "link"]


def open_from_menu(page: Page, tile: str, entry: str) -> None:
    menu = page.get_by_role("navigation", name="Main menu")
    menu.get_by_role("button", name=tile, exact=True).click()
    menu.get_by_role("link", name=entry).click()


def make_key(page: Page) -> tuple[str, str]:
    """Make a sandbox key in the API Portal and return both halves from the dialog that shows them once."""
    page.goto(PORTAL)
    page.get_by_label("Environment").select_option("sandbox")
    page.get_by_label("Name").fill("Luma staging")
    page.get_by_role("button", name="Add New").click()
    dialog = page.get_by_role("dialog", name="Luma staging")
    api_key = dialog.get_by_label("Public key").input_value()
    return api_key, dialog.get_by_label("Private key").input_value()


def enter_keys(page: Page, api_key: str, private_key: str) -> None:
    page.goto(CONFIGURATION)
    page.get_by_label("Sandbox API key").fill(api_key)
    paste_private_key(page, "Sandbox", private_key)
    page.get_by_role("button", name="Save Config").click()


def create_project(page: Page, name: str) -> None:
    page.get_by_role("link", name="Create Project").click()
    dialog = page.get_by_role("dialog", name="Create Project")
    dialog.get_by_label("Project name").fill(name)
    dialog.get_by_role("button", name="Create Project").click()


def choose_data_space(page: Page, label: str) -> None:
    page.get_by_label("Data space", exact=True).select_option(label=label)
    page.get_by_role("button", name="Save Config").click()


def walk(page: Page) -> None:
    """Go the whole way."""
    sign_in_as(page, "admin")
    open_from_menu(page, "Sales", "Payment Services")
    expect(page).to_have_url(f"{page.url.split('/admin')[0]}{CONFIGURATION}")
    expect(page.get_by_role("link", name="Configure Commerce Services")).to_be_visible()
    enter_keys(page, *make_key(page))
    expect(page.get_by_text("Sandbox: the key pair was verified")).to_be_visible()
    create_project(page, "Luma EU")
    expect(page.get_by_text("Project created and chosen.")).to_be_visible()
    choose_data_space(page, "Testing 1 (Testing)")
    page.get_by_role("link", name="Go to Payment Services").click()


def expect_connected(page: Page, mage_id: str) -> None:
    state = page.get_by_label("State of the connection")
    for text in ("Sandbox", "Connected", "Demo Organization", f"({mage_id})", "Luma EU › Testing 1 (Testing)"):
        expect(state.get_by_text(text)).to_be_visible()
    expect(page.get_by_role("region", name="Sandbox onboarding")).to_be_visible()


def test_the_license_owner_connects_the_store(visit: Visit, store: Store) -> None:
    page = visit.tab()
    walk(page)
    expect_connected(page, store.account.mage_id)
    assert connection.load().is_connected


def test_the_journey_needs_no_javascript(visit: Visit, store: Store) -> None:
    page = visit.tab(java_script_enabled=False)
    walk(page)
    expect_connected(page, store.account.mage_id)


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until `target` has the focus, and see that it shows so."""
    for _press in range(TABS_AT_MOST):
        page.keyboard.press("Tab")
        if target.evaluate("(element) => element === document.activeElement && element.matches(':focus-visible')"):
            return
    pytest.fail(f"Tab does not reach {target}")


def press(page: Page, role: Role, name: str) -> None:
    """Go to the link or button `name` by Tab, and press Enter."""
    tab_to(page, page.get_by_role(role, name=name, exact=True))
    page.keyboard.press("Enter")


def sign_in_by_keyboard(page: Page) -> None:
    page.goto(LOGIN)
    expect(page.get_by_label("User name")).to_be_focused()
    page.keyboard.type("admin")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{DASHBOARD}")
    wait_for_scripts(page)


def make_key_by_keyboard(page: Page) -> Page:
    """Follow the panel to the API Portal and return its tab, where the dialog shows a new sandbox key."""
    with page.expect_popup() as opening:
        press(page, "link", "Get keys in the API Portal (opens in a new tab)")
    portal = opening.value
    tab_to(portal, portal.get_by_label("Environment"))
    portal.keyboard.press("s")
    tab_to(portal, portal.get_by_label("Name"))
    portal.keyboard.type("Luma staging")
    portal.keyboard.press("Enter")
    expect(portal.locator("dialog:modal").get_by_label("Public key")).to_be_focused()
    return portal


def carry(portal: Page, button: str, page: Page, field: str) -> None:
    """Copy a half of the pair with the `button` of the dialog, and paste it into the `field` of the configuration."""
    portal.bring_to_front()
    press(portal, "button", button)
    expect(portal.locator(":focus")).to_contain_text("✓")  # A tab in the background could not copy any more.
    page.bring_to_front()
    tab_to(page, page.get_by_label(field))
    page.keyboard.press("Control+V")


def configure_by_keyboard(page: Page) -> None:
    """Create a project and choose a data space."""
    press(page, "link", "Create Project")
    expect(page.get_by_label("Project name")).to_be_focused()
    page.keyboard.type("Luma EU")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Project created and chosen.")).to_be_visible()
    tab_to(page, page.get_by_label("Data space", exact=True))
    page.keyboard.press("t")  # The first whose name begins so.
    press(page, "button", "Save Config")


def test_the_journey_needs_no_mouse(visit: Visit, store: Store) -> None:
    page = visit.tab(permissions=["clipboard-read", "clipboard-write"])
    sign_in_by_keyboard(page)
    tab_to(page, page.get_by_role("button", name="Sales"))
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="Payment Services", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{CONFIGURATION}")  # Nothing is set up yet.
    portal = make_key_by_keyboard(page)
    carry(portal, "Copy public key", page, "Sandbox API key")
    carry(portal, "Copy private key", page, "Sandbox private key")
    portal.bring_to_front()
    portal.keyboard.press("Escape")  # It was copied, so this asks nothing.
    expect(portal.get_by_role("dialog", name="Luma staging")).to_have_count(0)
    page.bring_to_front()
    press(page, "button", "Save Config")
    expect(page.get_by_text("Sandbox: the key pair was verified")).to_be_visible()
    configure_by_keyboard(page)
    press(page, "link", "Go to Payment Services")
    expect_connected(page, store.account.mage_id)
