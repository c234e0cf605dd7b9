"""Second factors in a browser: an app by keyboard and without JavaScript, and passkeys of a virtual device."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from playwright.sync_api import Browser, CDPSession, Page, expect

from tests.addresses import DASHBOARD, LOGIN
from tests.backend.people.second_factors import SECOND_STEP, TWO_FACTOR, Clock, give_passkey
from tests.browser.store import Store, session_of
from tests.browser.visit import Visit, wait_for_scripts
from tests.factories import PASSWORD

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def with_device(page: Page) -> tuple[CDPSession, str]:
    """Give the browser of `page` a device that keeps passkeys."""
    wire = page.context.new_cdp_session(page)
    wire.send("WebAuthn.enable")
    added: dict[str, Any] = wire.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return wire, added["authenticatorId"]


def fill_password(page: Page) -> None:
    page.goto(LOGIN)
    page.get_by_label("User name").fill("admin")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def add_passkey(page: Page) -> None:
    page.goto(TWO_FACTOR)
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_role("button", name="Add a passkey").click()
    dialog = page.get_by_role("dialog", name="Keep your recovery codes")
    expect(dialog).to_be_visible()
    with page.expect_download():
        dialog.get_by_role("button", name="Download codes").click()
    dialog.get_by_role("button", name="Close", exact=True).last.click()
    page.get_by_role("link", name="Continue").click()


def sign_in_by_keyboard(page: Page) -> None:
    page.goto(LOGIN)
    expect(page.get_by_label("User name")).to_be_focused()
    page.keyboard.type("admin")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")


def type_code(page: Page, code: str) -> None:
    page.wait_for_url(f"**{SECOND_STEP}")
    expect(page.get_by_label("Code of your authenticator app")).to_be_focused()
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{DASHBOARD}")


def follow_by_keyboard(page: Page, name: str) -> None:
    """Press Tab until the link or button `name` has the focus, then Enter."""
    wanted = page.get_by_role("link", name=name, exact=True).or_(page.get_by_role("button", name=name, exact=True))
    for _press in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == wanted.first.inner_text():
            break
    page.keyboard.press("Enter")


def test_an_app_is_added_and_used_by_keyboard_without_javascript(visit: Visit, clock: Clock) -> None:
    page = visit.tab(java_script_enabled=False)
    sign_in_by_keyboard(page)
    page.wait_for_url(f"**{DASHBOARD}")
    page.goto(TWO_FACTOR)
    follow_by_keyboard(page, "Add an authenticator app")
    secret = page.locator("#totp-secret").inner_text()
    while page.evaluate("document.activeElement.id") != "id_code":
        page.keyboard.press("Tab")
    page.keyboard.type(clock.code(secret))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Keep your recovery codes")).to_be_visible()
    recovery = page.locator("#recovery-codes").input_value().split()
    follow_by_keyboard(page, "Continue")
    expect(page.get_by_text("10 codes left")).to_be_visible()

    page.context.clear_cookies()
    clock.wait()
    sign_in_by_keyboard(page)
    type_code(page, clock.code(secret))
    page.context.clear_cookies()
    sign_in_by_keyboard(page)
    type_code(page, recovery[0])


def test_a_passkey_signs_in_after_the_password(store: Store, page: Page) -> None:
    with_device(page)
    add_passkey(page)
    page.context.clear_cookies()
    fill_password(page)
    page.wait_for_url(f"**{SECOND_STEP}")
    page.get_by_role("button", name="Use a passkey instead").click()
    page.wait_for_url(f"**{DASHBOARD}")


def test_a_passkey_signs_in_alone_and_leads_to_the_page_that_was_wanted(store: Store, page: Page) -> None:
    with_device(page)
    add_passkey(page)
    page.context.clear_cookies()
    page.goto(f"{LOGIN}?next={TWO_FACTOR}")
    page.get_by_role("button", name="Use a passkey instead").click()
    page.wait_for_url(f"**{TWO_FACTOR}")
    expect(page.get_by_text("Passkey 1", exact=True)).to_be_visible()


def test_a_device_without_a_passkey_says_so(store: Store, page: Page) -> None:
    wire, device = with_device(page)
    page.context.clear_cookies()
    page.goto(LOGIN)
    wire.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    page.get_by_role("button", name="Use a passkey instead").click()
    expect(page.get_by_text("No passkey was used.")).to_be_visible()


def test_a_passkey_of_somebody_who_was_made_inactive_is_refused(store: Store, page: Page) -> None:
    with_device(page)
    add_passkey(page)
    page.context.clear_cookies()
    User.objects.filter(username="admin").update(is_active=False)
    page.goto(LOGIN)
    page.get_by_role("button", name="Use a passkey instead").click()
    expect(page.get_by_text("The passkey is not right")).to_be_visible()


def test_a_removed_passkey_is_refused(store: Store, page: Page) -> None:
    with_device(page)
    add_passkey(page)
    page.get_by_role("link", name="Remove").click()
    page.get_by_role("button", name="Remove the passkey").click()
    expect(page.get_by_text("The passkey was removed.")).to_be_visible()
    assert not Authenticator.objects.exists()
    page.context.clear_cookies()
    page.goto(LOGIN)
    page.get_by_role("button", name="Use a passkey instead").click()
    expect(page.get_by_text("The passkey is not right")).to_be_visible()


@pytest.mark.parametrize("java_script_enabled", [True, False], ids=["with JavaScript", "without"])
def test_a_passkey_is_renamed_by_keyboard(store: Store, visit: Visit, *, java_script_enabled: bool) -> None:
    give_passkey(User.objects.get(username="admin"))
    page = visit.tab(session_of("admin"), java_script_enabled=java_script_enabled)
    page.goto(TWO_FACTOR)
    page.get_by_role("link", name="Rename").filter(has_text="Phone").press("Enter")
    page.get_by_label("Name").fill("Old phone")
    page.get_by_label("Name").press("Enter")
    expect(page.get_by_text("The name of the passkey was saved.")).to_be_visible()
    expect(page.get_by_text("Old phone", exact=True)).to_be_visible()


def test_before_the_script_has_run_no_passkey_can_be_sent(store: Store, visit: Visit) -> None:
    page = visit.tab(session_of("admin"), java_script_enabled=False)
    page.goto(f"{TWO_FACTOR}passkeys/add/")
    expect(page.get_by_text("This needs JavaScript")).to_be_visible()
    expect(page.get_by_role("button", name="Add a passkey")).to_be_hidden()


def test_by_an_ip_address_no_passkey_is_offered(store: Store, browser: Browser) -> None:
    visit = Visit(browser, store.url.replace("localhost", "127.0.0.1"))
    page = visit.tab(session_of("admin"))
    page.goto(f"{TWO_FACTOR}passkeys/add/")
    expect(page.get_by_text("you opened this Admin by an IP address")).to_be_visible()
    page.context.clear_cookies()
    page.goto(LOGIN)
    wait_for_scripts(page)
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Use a passkey instead")).to_be_hidden()
    visit.close()
    assert visit.complaints == []
