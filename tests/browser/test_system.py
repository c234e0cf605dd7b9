"""The pages below System in a browser, with and without scripts."""

import re

from django.contrib.auth.models import Group
from playwright.sync_api import Locator, Page, expect

from backend.people import resources, rules
from tests.addresses import ACTION_LOG, ENCRYPTION_KEY, ROLES, USERS
from tests.browser.states.making import at, seen_by
from tests.browser.store import Store, session_of
from tests.browser.visit import Visit
from tests.factories import PASSWORD, USE_PAYMENTS


def box(page: Page, name: str) -> Locator:
    return page.get_by_role("checkbox", name=name, exact=True)


def is_mixed(checkbox: Locator) -> bool:
    return bool(checkbox.evaluate("(box) => box.indeterminate"))


def test_a_branch_shows_what_is_ticked_below_it(page: Page) -> None:
    page.goto(f"{ROLES}add/")
    box(page, "All Users").check()
    assert is_mixed(box(page, "Permissions"))
    box(page, "User Roles").check()
    expect(box(page, "Permissions")).to_be_checked()
    assert not is_mixed(box(page, "Permissions"))
    assert is_mixed(box(page, "System"))


def test_a_branch_ticks_and_clears_all_below_it(page: Page) -> None:
    page.goto(f"{ROLES}add/")
    box(page, "System").check()
    expect(box(page, "User Roles")).to_be_checked()
    box(page, "System").uncheck()
    expect(box(page, "User Roles")).not_to_be_checked()


def test_all_hides_the_boxes(page: Page) -> None:
    page.goto(f"{ROLES}add/")
    page.get_by_label("All", exact=True).check()
    expect(box(page, "Payment Services")).to_be_hidden()


def test_a_branch_ticks_nothing_that_is_locked(page: Page, store: Store) -> None:
    role = Group.objects.get(name="Merchant")
    role.permissions.add(*resources.permissions_named(rules.MANAGES_PEOPLE))
    seen_by("merchant", at(f"{ROLES}add/"))(store, page)
    expect(box(page, "Stores")).to_be_disabled()
    box(page, "Sales").check()
    expect(box(page, "Commerce Services Connector")).not_to_be_checked()


def test_a_role_and_a_person_need_no_javascript(store: Store, visit: Visit) -> None:
    page = visit.tab(session=session_of("admin"), java_script_enabled=False)
    page.goto(ROLES)
    page.get_by_role("link", name="Add New Role").click()
    page.get_by_label("Role name").fill("Till")
    expect(page.get_by_role("checkbox", name="Sales", exact=True)).to_have_count(0)
    page.get_by_label("Payment Services", exact=True).check()
    page.get_by_label("Your Password").fill(PASSWORD)
    page.get_by_role("button", name="Save Role").click()
    expect(page.get_by_role("status")).to_have_text("Till was added.")
    assert rules.given_by(Group.objects.get(name="Till")) == {USE_PAYMENTS}
    page.goto(f"{USERS}add/")
    page.get_by_label("User name").fill("erin")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password, again").fill(PASSWORD)
    page.get_by_label("Till").check()
    page.get_by_label("Your Password").fill(PASSWORD)
    page.get_by_role("button", name="Save User").click()
    expect(page.get_by_role("status")).to_have_text("erin was added.")


def test_a_filter_of_the_log_that_cannot_be_read_has_the_focus(page: Page) -> None:
    page.goto(f"{ACTION_LOG}?start=2026-12-01&end=2026-11-01")
    expect(page.get_by_label("To", exact=True)).to_be_focused()


def test_deleting_needs_no_mouse(page: Page) -> None:
    page.goto(ROLES)
    page.get_by_role("link", name="Integrator").press("Enter")
    page.get_by_role("link", name="Delete Role").press("Enter")
    expect(page.get_by_label("Name")).to_be_focused()
    page.keyboard.type("Integrator")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Integrator was deleted.")
    assert not Group.objects.filter(name="Integrator").exists()


def test_the_encryption_key_needs_no_javascript(visit: Visit, store: Store) -> None:
    store.enter_new_key()
    new, old = store.rotate()
    page = visit.tab(session=session_of("admin"), java_script_enabled=False)
    page.goto(ENCRYPTION_KEY)
    page.get_by_role("button", name="Generate a key").click()
    expect(page.get_by_role("textbox", name="Encryption key")).to_have_value(re.compile(r"[\w-]{43}="))
    page.get_by_role("button", name="Close").first.click()
    page.get_by_role("link", name="Re-encrypt now").click()
    page.get_by_role("button", name="Cancel").click()
    page.goto(f"{ENCRYPTION_KEY}re-encrypt/")
    page.get_by_role("button", name="Re-encrypt", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text(old)
    expect(page.get_by_role("row", name=new)).to_contain_text("2")
    assert page.url.endswith(ENCRYPTION_KEY)
