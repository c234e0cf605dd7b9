"""The ways back in and the questions who somebody is, by keyboard alone and without JavaScript."""

import re

import pytest
from django.contrib.auth.models import User
from django.core import mail
from playwright.sync_api import Page, expect

from backend.people.models import PasswordState
from tests.addresses import DASHBOARD, FORGOT_PASSWORD, LOGIN, SESSIONS
from tests.backend.people.second_factors import TWO_FACTOR, Clock, give_app, give_passkey
from tests.browser.states.sessions import let_time_pass
from tests.browser.store import Store
from tests.browser.test_second_factor import follow_by_keyboard, sign_in_by_keyboard
from tests.browser.visit import Visit
from tests.factories import PASSWORD

NEW = "a new pass phrase"


@pytest.fixture
def page(store: Store, visit: Visit) -> Page:
    return visit.tab(java_script_enabled=False)


def type_and_send(page: Page, *texts: str) -> None:
    """Type each text into a field, from the one that has the focus on."""
    for number, text in enumerate(texts):
        if number:
            page.keyboard.press("Tab")
        page.keyboard.type(text)
    page.keyboard.press("Enter")


def signed_in_long_ago(page: Page) -> None:
    sign_in_by_keyboard(page)
    page.wait_for_url(f"**{DASHBOARD}")
    let_time_pass(page)


def test_a_forgotten_password_is_replaced(page: Page) -> None:
    page.goto(LOGIN)
    follow_by_keyboard(page, "Forgot your password?")
    expect(page.get_by_label("User name or email")).to_be_focused()
    type_and_send(page, "merchant")
    page.wait_for_url(f"**{FORGOT_PASSWORD}done/")
    link = re.search(r"http\S+", str(mail.outbox[-1].body))
    assert link
    page.goto(link[0])
    expect(page.get_by_label("New password", exact=True)).to_be_focused()
    type_and_send(page, NEW, NEW)
    expect(page.get_by_text("Your password was changed.")).to_be_visible()
    expect(page.get_by_label("User name")).to_be_focused()
    type_and_send(page, "merchant", NEW)
    page.wait_for_url(f"**{DASHBOARD}")


def test_a_password_of_somebody_else_is_replaced_after_the_sign_in(page: Page) -> None:
    PasswordState.objects.given(User.objects.get(username="admin"))
    sign_in_by_keyboard(page)
    expect(page.get_by_label("Your Password")).to_be_focused()
    type_and_send(page, PASSWORD, NEW, NEW)
    page.wait_for_url(f"**{DASHBOARD}")
    expect(page.get_by_text("Your password was changed.")).to_be_visible()


def test_a_code_shows_who_it_is_after_a_wrong_password(
    page: Page, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in_long_ago(page)
    clock = Clock(monkeypatch)
    give_app(store.owner)
    page.goto(TWO_FACTOR)
    follow_by_keyboard(page, "Remove the app")
    expect(page.get_by_label("Your Password")).to_be_focused()
    type_and_send(page, "not this one")
    expect(page.get_by_role("alert")).to_be_visible()
    follow_by_keyboard(page, "Use a code instead")
    expect(page.get_by_label("Code")).to_be_focused()
    type_and_send(page, clock.code())
    expect(page.get_by_role("heading", name="Remove the authenticator app?")).to_be_visible()
    follow_by_keyboard(page, "Remove the app")
    expect(page.get_by_text("The authenticator app was removed")).to_be_visible()


def test_a_passkey_that_cannot_be_used_leads_back_to_the_password(page: Page, store: Store) -> None:
    signed_in_long_ago(page)
    give_passkey(store.owner)
    page.goto(f"{TWO_FACTOR}app/add/")
    follow_by_keyboard(page, "Use a passkey instead")
    expect(page.get_by_text("This needs JavaScript")).to_be_visible()
    follow_by_keyboard(page, "Use your password instead")
    expect(page.get_by_label("Your Password")).to_be_focused()
    type_and_send(page, PASSWORD)
    expect(page.get_by_role("heading", name="Add an authenticator app")).to_be_visible()


def test_the_other_sessions_are_ended_once_somebody_has_shown_who_they_are(page: Page, visit: Visit) -> None:
    other = visit.tab(java_script_enabled=False)
    sign_in_by_keyboard(other)
    other.wait_for_url(f"**{DASHBOARD}")
    signed_in_long_ago(page)
    page.goto(SESSIONS)
    follow_by_keyboard(page, "Confirm that it is you")
    expect(page.get_by_label("Your Password")).to_be_focused()
    type_and_send(page, PASSWORD)
    page.wait_for_url(f"**{SESSIONS}")
    follow_by_keyboard(page, "Sign Out Others")
    expect(page.get_by_text("You are signed out everywhere else.")).to_be_visible()
    other.goto(DASHBOARD)
    expect(other.get_by_role("heading", name="Welcome, please sign in")).to_be_visible()
