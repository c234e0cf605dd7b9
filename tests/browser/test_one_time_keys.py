"""A key that is shown once is not lost by a slip.

Chromium closes a dialog and leaves a page without asking where nobody touched them, and looking into a page from a test
counts as a touch. So the tests of untouched dialogs look only after the question.
"""

import re
import time
from typing import Any

import pytest
from playwright.sync_api import Dialog, Page, Route, expect

from saas.models import ApiKey
from tests.addresses import DASHBOARD, ENCRYPTION_KEY, PORTAL
from tests.browser.states.my_account import new_key_dialog
from tests.browser.states.system import new_encryption_key
from tests.browser.store import Store, session_of
from tests.browser.visit import PATIENCE_MS, Visit, wait_for_scripts

# Logs which dialog opens above the page: hearing that is no touch, and by then its script guards it.
SAY_WHAT_OPENS = """
  const showModal = HTMLDialogElement.prototype.showModal;
  HTMLDialogElement.prototype.showModal = function () {
    showModal.call(this);
    console.info(`opened ${this.id}`);
  };
"""


class Person:
    """Answers each question of the browser in one way, and counts them by kind."""

    def __init__(self, page: Page, *, leaves: bool = False) -> None:
        self.page = page
        self.leaves = leaves
        self.asked: list[str] = []
        page.on("dialog", self._answer)

    def _answer(self, question: Dialog) -> None:
        self.asked.append(question.type)
        if self.leaves:
            question.accept()
        else:
            question.dismiss()

    def press_escape_until_asked(self, times: int = 1) -> None:
        """Press Esc; before the dialog is there, that does nothing."""
        deadline = time.monotonic() + PATIENCE_MS / 1000
        while len(self.asked) < times and time.monotonic() < deadline:
            self.page.keyboard.press("Escape")
            self.page.wait_for_timeout(100)


def add_key(page: Page) -> None:
    page.goto(PORTAL)
    wait_for_scripts(page)  # Else the form would be sent as a page.
    page.get_by_label("Name").fill("Luma staging")
    page.get_by_role("button", name="Add New").click()


def generate_encryption_key(page: Page) -> None:
    page.goto(ENCRYPTION_KEY)
    wait_for_scripts(page)
    page.get_by_role("button", name="Generate a key").click()


def send_without_script(route: Route) -> None:
    if route.request.resource_type == "fetch":
        route.abort()
    else:
        route.continue_()


@pytest.mark.parametrize("add", [add_key, generate_encryption_key])
def test_escape_on_an_untouched_dialog_asks_and_cancel_keeps_it(page: Page, add: Any) -> None:
    person = Person(page)
    add(page)
    person.press_escape_until_asked(times=2)
    expect(page.locator("#new-key textarea")).to_be_visible()
    expect(page.locator("#new-key:modal")).to_have_count(1)
    assert person.asked == ["confirm", "confirm"]


def test_escape_asks_also_on_an_answer_that_came_as_a_page(page: Page, store: Store) -> None:
    person = Person(page)
    page.route(f"**{PORTAL}", send_without_script)
    add_key(page)
    person.press_escape_until_asked()
    expect(page.locator("#new-key:modal")).to_be_visible()
    assert person.asked == ["confirm"]
    assert ApiKey.objects.filter(account=store.account).count() == 1


def test_escape_and_yes_close_the_dialog_for_good(page: Page) -> None:
    person = Person(page, leaves=True)
    add_key(page)
    person.press_escape_until_asked()
    expect(page.locator("#new-key")).to_have_count(0)
    expect(page.get_by_role("rowheader", name="Luma staging", exact=True)).to_be_visible()


@pytest.mark.parametrize("leave", ["Back", "Reload", "Address"])
def test_leaving_an_untouched_dialog_asks_and_cancel_keeps_it(page: Page, server: str, leave: str) -> None:
    page.add_init_script(SAY_WHAT_OPENS)
    page.goto(DASHBOARD)
    person = Person(page)
    browser = page.context.new_cdp_session(page)
    with page.expect_console_message(lambda message: message.text == "opened new-key"):
        add_key(page)
    with page.expect_event("dialog"):
        if leave == "Back":
            history = browser.send("Page.getNavigationHistory")
            browser.send("Page.navigateToHistoryEntry", {"entryId": history["entries"][-2]["id"]})
        elif leave == "Reload":
            browser.send("Page.reload")
        else:
            browser.send("Page.navigate", {"url": server + DASHBOARD})
    expect(page.locator("#new-key:modal")).to_be_visible()
    assert person.asked == ["beforeunload"]


@pytest.mark.parametrize(("new", "button"), [(new_key_dialog, "\u00d7"), (new_encryption_key, "Close")])
def test_closing_asks_until_the_key_was_copied(page: Page, store: Store, new: Any, button: str) -> None:
    page.context.grant_permissions(["clipboard-write"])
    new(store, page)
    expect(page.locator("#new-key:modal")).to_be_visible()
    person = Person(page)
    close = page.locator("#new-key").get_by_text(button, exact=True)
    close.click()
    expect(page.locator("#new-key:modal")).to_be_visible()
    assert person.asked == ["confirm"]
    copy = page.get_by_role("button", name=re.compile("^Copy (private )?key"))
    copy.click()
    expect(copy).to_contain_text("✓")
    close.click()
    expect(page.locator("#new-key")).to_have_count(0)
    assert person.asked == ["confirm"]


def test_a_downloaded_key_is_closed_and_left_without_a_question(new_key: Page) -> None:
    person = Person(new_key)
    new_key.get_by_role("button", name="Download private key").click()
    new_key.goto(DASHBOARD)
    assert person.asked == []


def test_copying_that_the_browser_refuses_keeps_nothing(new_key: Page) -> None:
    person = Person(new_key)
    new_key.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('refused')); }")
    new_key.get_by_role("button", name="Copy private key").click()
    new_key.keyboard.press("Escape")
    expect(new_key.locator("#new-key:modal")).to_be_visible()
    assert person.asked == ["confirm"]


def test_a_part_of_the_key_is_not_the_key(new_key: Page) -> None:
    person = Person(new_key)
    new_key.locator("#new-private-key").dblclick()
    new_key.keyboard.press("Control+c")
    new_key.keyboard.press("Escape")
    assert person.asked == ["confirm"]
    new_key.keyboard.press("Control+a")
    new_key.keyboard.press("Control+c")
    new_key.keyboard.press("Escape")
    expect(new_key.locator("#new-key")).to_have_count(0)
    assert person.asked == ["confirm"]


def test_the_page_below_lists_the_new_key_and_makes_another(new_key: Page) -> None:
    Person(new_key, leaves=True)
    new_key.locator("#new-key").get_by_text("Close", exact=True).click()
    new_key.get_by_text("Add a key").click()
    new_key.get_by_label("Name").fill("Luma live")
    new_key.get_by_role("button", name="Add New").click()
    expect(new_key.get_by_role("dialog", name="The key “Luma live” was created")).to_be_visible()
    assert ApiKey.objects.count() == 2


def test_a_key_is_shown_without_javascript(visit: Visit, store: Store) -> None:
    page = visit.tab(session=session_of("admin"), java_script_enabled=False)
    new_key_dialog(store, page)
    expect(page.get_by_label("Private key")).to_be_visible()
