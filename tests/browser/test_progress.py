"""A button shows that it is busy, and nothing is sent twice meanwhile."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.states.payments import pair_mismatch
from tests.browser.store import Store
from tests.browser.visit import wait_for_scripts

# While a page is on its way, a test cannot look into the one before. So what would be sent is only counted.
NOTHING_ANSWERS = """
  window.sent = 0;
  window.addEventListener("submit", (event) => {
    if (event.target.method === "dialog") return;
    if (!event.defaultPrevented) window.sent += 1;
    event.preventDefault();
  });
"""


@pytest.fixture
def slow(page: Page, store: Store) -> Page:
    """Press *Try again* in the dialog of a rejected pair, and let nothing answer."""
    pair_mismatch(store, page)
    wait_for_scripts(page)
    page.evaluate(NOTHING_ANSWERS)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("button", name="Verifying …")).to_have_attribute("aria-busy", "true")
    return page


def test_a_busy_button_says_so_and_keeps_the_focus(slow: Page) -> None:
    expect(slow.get_by_role("button", name="Verifying …")).to_be_focused()
    expect(slow.get_by_role("dialog").get_by_role("status").first).to_have_text("Verifying …")


def test_nothing_is_sent_twice_meanwhile(slow: Page) -> None:
    slow.get_by_role("button", name="Verifying …").press("Enter")
    others = slow.locator("[data-once] [type=submit]:not([aria-busy])").all()
    assert all(button.is_disabled() for button in others)
    assert slow.evaluate("sent") == 1


@pytest.mark.parametrize(("button", "busy"), [("Save Config", "Saving …"), ("Verify now", "Verifying …")])
def test_the_buttons_of_the_configuration_say_that_they_are_busy(configuration: Page, button: str, busy: str) -> None:
    configuration.evaluate(NOTHING_ANSWERS)
    configuration.get_by_role("button", name=button).click()
    expect(configuration.get_by_role("button", name=busy)).to_have_attribute("aria-busy", "true")
    others = configuration.locator("[data-once] [type=submit]:not([aria-busy])").all()
    assert all(other.is_disabled() for other in others)


def test_people_can_leave_while_a_button_is_busy(slow: Page) -> None:
    slow.get_by_role("dialog").get_by_role("button", name="Close").last.click()
    slow.get_by_role("link", name="Dashboard").click()
    expect(slow).to_have_title("Dashboard / Commerce Admin")


def test_the_button_recovers_when_the_page_comes_back_from_the_history(slow: Page) -> None:
    slow.evaluate("window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    slow.get_by_role("button", name="Try again").click()
    expect(slow.get_by_role("button", name="Verifying …")).to_be_visible()
    assert slow.evaluate("sent") == 2
