"""Makes states: of a page, of one state after another, of a state as another person sees it."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from connector.models import Instance
from tests.browser.store import Store, session_of
from tests.browser.visit import wait_for_scripts
from tests.factories import PASSWORD

State = Callable[[Store, Page], Any]


def at(path: str, *, is_connected: bool = False, opens: str = "", follows: str = "", presses: str = "") -> State:
    """Return the state of the page at `path`, once the link `opens` has opened its dialog, or after a click.

    The click is on the link `follows` or the button `presses`.
    """

    def state(store: Store, page: Page) -> None:
        if is_connected:
            store.connect()
        page.goto(path)
        wait_for_scripts(page)
        if opens:
            page.get_by_role("link", name=opens, exact=True).first.click()
            expect(page.get_by_role("dialog")).to_be_visible()
        if follows:
            page.get_by_role("link", name=follows, exact=True).first.click()
            expect(page).not_to_have_url(store.url + path)
        if presses:
            page.get_by_role("button", name=presses, exact=True).first.click()

    return state


def after(first: State, then: State) -> State:
    """Return the state of `then` in the store that `first` leaves."""

    def state(store: Store, page: Page) -> None:
        first(store, page)
        then(store, page)

    return state


def seen_by(username: str, state: State) -> State:
    """Return the `state` as another person sees it."""

    def seen(store: Store, page: Page) -> None:
        page.context.add_cookies([{"name": "sessionid", "value": session_of(username), "url": store.url}])
        state(store, page)

    return seen


def elsewhere(path: str, opens: str = "") -> State:
    """Return the state of a page whose instance was connected from another address."""

    def state(store: Store, page: Page) -> None:
        store.connect()
        Instance.objects.update(served_at=["https://admin.luma.example"])
        at(path, opens=opens)(store, page)

    return state


def with_password(state: State) -> State:
    """Return the `state` with the password of the person in the form."""

    def filled(store: Store, page: Page) -> None:
        state(store, page)
        page.get_by_label("Your Password", exact=True).locator("visible=true").fill(PASSWORD)

    return filled


def refused(first: State, field: str, typed: str, presses: str) -> State:
    """Return the state after `typed` was sent in the `field` of `first`, which the server refuses."""

    def state(store: Store, page: Page) -> None:
        first(store, page)
        # A page may have the same label in its form and in a dialog, of which one is open.
        page.get_by_label(field, exact=True).locator("visible=true").first.fill(typed)
        page.get_by_role("button", name=presses, exact=True).locator("visible=true").last.click()
        expect(page.locator('[aria-invalid="true"]').locator("visible=true")).to_be_visible()

    return state
