"""A forgotten password, and one that somebody else has set: by keyboard alone, with and without scripts."""

import re

import pytest
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from playwright.sync_api import Page, expect

from backend.people.models import PasswordState
from tests.addresses import DASHBOARD, LOGIN
from tests.browser.store import Store
from tests.browser.test_journey import press, tab_to
from tests.browser.visit import Visit, wait_for_scripts
from tests.factories import PASSWORD

OWN = "nobody else has these words"


def type_in(page: Page, label: str, text: str) -> None:
    tab_to(page, page.get_by_label(label, exact=True))
    page.keyboard.type(text)


def sign_in(page: Page, password: str) -> None:
    type_in(page, "User name", "merchant")
    type_in(page, "Password", password)
    page.keyboard.press("Enter")


def link_in(message: EmailMessage) -> str:
    found = re.search(r"http://\S+", str(message.body))
    assert found
    return found[0]


@pytest.mark.parametrize("has_scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_forgotten_password_needs_no_mouse(
    visit: Visit, store: Store, mailoutbox: list[EmailMessage], *, has_scripts: bool
) -> None:
    User.objects.filter(username="merchant").update(email="merchant@luma.example")
    page = visit.tab(java_script_enabled=has_scripts)
    page.goto(LOGIN)
    press(page, "link", "Forgot your password?")
    page.wait_for_url("**/reset/")
    expect(page.get_by_label("User name or email")).to_be_focused()
    page.keyboard.type("merchant")
    page.keyboard.press("Enter")
    expect(page.get_by_text("a link is on its way")).to_be_visible()
    page.goto(link_in(mailoutbox[0]))
    expect(page.get_by_label("New password", exact=True)).to_be_focused()
    for password in ("Commerce2026", OWN):
        for label in ("New password", "New password, again"):
            type_in(page, label, password)
        page.keyboard.press("Enter")
        if password != OWN:
            expect(page.get_by_text("This password is easy to guess")).to_be_visible()
    expect(page.get_by_text("Your password was changed.")).to_be_visible()
    sign_in(page, OWN)
    page.wait_for_url(f"**{DASHBOARD}")


@pytest.mark.parametrize("has_scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_given_password_is_changed_without_a_mouse(visit: Visit, store: Store, *, has_scripts: bool) -> None:
    PasswordState.objects.given(User.objects.get(username="merchant"))
    page = visit.tab(java_script_enabled=has_scripts)
    page.goto(LOGIN)
    sign_in(page, PASSWORD)
    page.wait_for_url("**/password/change/")
    if has_scripts:
        wait_for_scripts(page)
    expect(page.get_by_label("Your Password")).to_be_focused()
    page.keyboard.type(PASSWORD)
    for label in ("New password", "New password, again"):
        type_in(page, label, OWN)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{DASHBOARD}")
    expect(page.get_by_text("Your password was changed.")).to_be_visible()
