"""What stays and what goes when a session ends: by time, by signing out, in this tab or another."""

import re

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from playwright.sync_api import expect
from pytest_django import Settings

from connector import connection
from tests.addresses import CONFIGURATION, DASHBOARD, PAYMENT_SERVICES, PORTAL, SESSIONS, USERS
from tests.browser.states.sessions import at_last, let_session_end, sign_in_as, warned
from tests.browser.store import Store
from tests.browser.visit import Visit, wait_for_scripts
from tests.factories import PASSWORD

MINUTE_MS = 60_000


@pytest.mark.parametrize("path", [DASHBOARD, PAYMENT_SERVICES, CONFIGURATION, PORTAL])
def test_going_back_after_signing_out_shows_nothing(visit: Visit, store: Store, path: str) -> None:
    key = store.connect()
    page = visit.tab()
    sign_in_as(page, "admin")
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.get_by_role("button", name="admin").click()
    page.get_by_role("button", name="Sign Out").click()
    expect(page.get_by_label("User name")).to_be_visible()
    page.go_back()
    expect(page.get_by_label("User name")).to_be_visible()
    assert key.api_key not in page.content()
    assert store.account.mage_id not in page.content()


def test_a_warning_comes_before_the_session_ends(visit: Visit) -> None:
    page = visit.tab()
    warned(page)
    warning = page.get_by_role("alertdialog", name="Your session ends soon")
    expect(warning.get_by_role("button", name="Stay signed in")).to_be_focused()
    with page.expect_response("**/admin/stay/") as answer:
        page.keyboard.press("Enter")
    assert answer.value.status == 200
    expect(warning).to_be_hidden()
    page.clock.fast_forward(6 * MINUTE_MS)
    expect(warning).to_be_hidden()


def test_staying_keeps_what_was_typed_and_where(visit: Visit) -> None:
    page = visit.tab()
    page.clock.install()
    sign_in_as(page, "admin")
    page.goto(CONFIGURATION)
    wait_for_scripts(page)
    field = page.get_by_label("Production API key")
    field.fill("half a key")
    page.clock.fast_forward(26 * MINUTE_MS)
    page.get_by_role("button", name="Stay signed in").click()
    expect(field).to_be_focused()
    expect(field).to_have_value("half a key")


def test_a_tab_tells_the_others_that_there_is_more_time(visit: Visit) -> None:
    page = visit.tab()
    warned(page)
    other = page.context.new_page()
    other.goto(DASHBOARD)
    expect(page.get_by_role("alertdialog")).to_be_hidden()


def test_a_session_that_ended_says_so(visit: Visit) -> None:
    page = visit.tab()
    warned(page)
    Session.objects.all().delete()
    page.get_by_role("button", name="Stay signed in").click()
    ended = page.get_by_role("alertdialog", name="Your session has ended")
    ended.get_by_role("link", name="Sign in").click()
    expect(page).to_have_url(re.compile(r"/admin/login/\?next=%2Fadmin%2F$"))


def test_a_session_that_cannot_be_extended_says_so_and_lets_people_save(visit: Visit) -> None:
    page = visit.tab()
    at_last(page)
    warning = page.get_by_role("alertdialog", name="Your session cannot be extended")
    expect(warning.get_by_role("button", name="Stay signed in")).to_be_hidden()
    expect(warning.get_by_role("button", name="Continue")).to_be_focused()
    page.keyboard.press("Enter")
    expect(warning).to_be_hidden()


def test_a_short_session_warns_at_its_half(visit: Visit, settings: Settings) -> None:
    settings.SESSION_IDLE_S = 4 * 60
    page = visit.tab()
    page.clock.install()
    sign_in_as(page, "admin")
    wait_for_scripts(page)
    page.clock.fast_forward(2 * MINUTE_MS)
    expect(page.get_by_role("alertdialog", name="Your session ends soon")).to_be_visible()
    page.clock.fast_forward(2 * MINUTE_MS)
    expect(page.get_by_role("alertdialog", name="Your session has ended")).to_be_visible()


def test_a_form_sent_after_its_session_ended_leads_to_the_sign_in_and_back(visit: Visit, store: Store) -> None:
    store.connect()
    page = visit.tab()
    revision = connection.load().instance.revision
    sign_in_as(page, "admin")
    page.goto(CONFIGURATION)
    page.get_by_label("Production API key").fill("c" * 32)
    let_session_end(page)
    page.get_by_role("button", name="Save Config").click()
    expect(page.get_by_text("Your session had ended, so nothing was changed")).to_be_visible()
    page.get_by_label("User name").fill("admin")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**{CONFIGURATION}")
    expect(page.get_by_label("Production API key")).to_have_value("")
    assert connection.load().instance.revision == revision


def test_a_form_from_before_another_sign_in_leads_back_to_its_page(visit: Visit, store: Store) -> None:
    store.connect()
    page = visit.tab()
    sign_in_as(page, "admin")
    page.goto(CONFIGURATION)
    other = page.context.new_page()
    other.context.clear_cookies(name="sessionid")
    sign_in_as(other, "admin")
    page.get_by_role("button", name="Save Config").click()
    page.get_by_role("link", name="Back to the form").click()
    expect(page).to_have_url(re.compile(f"{CONFIGURATION}$"))


def test_other_sessions_are_signed_out_from_the_list(visit: Visit) -> None:
    here, there, other = visit.tab(), visit.tab(), visit.tab()
    for page in (there, other, here):
        sign_in_as(page, "admin")
    here.goto(SESSIONS)
    rows = here.get_by_role("table", name="Where you are signed in").get_by_role("row")
    expect(rows).to_have_count(4)
    expect(rows.filter(has_text="This session").get_by_role("button")).to_have_count(0)
    rows.filter(has_not_text="This session").get_by_role("button", name="Sign out").first.click()
    expect(rows).to_have_count(3)
    here.get_by_role("button", name="Sign Out Others").click()
    expect(here.get_by_role("status")).to_contain_text("You are signed out everywhere else.")
    expect(rows).to_have_count(2)
    for page in (there, other):
        page.goto(DASHBOARD)
        expect(page.get_by_label("User name")).to_be_visible()


def test_sessions_are_ended_without_scripts(visit: Visit, store: Store) -> None:
    there, page = visit.tab(java_script_enabled=False), visit.tab(java_script_enabled=False)
    for tab in (there, page):
        sign_in_as(tab, "admin")
    page.goto(f"{USERS}{User.objects.get(username='admin').pk}/change/")
    page.get_by_role("link", name="Sign Out Everywhere").click()
    expect(page.get_by_role("heading", name="Sign out “admin” everywhere?")).to_be_visible()
    page.goto(SESSIONS)
    page.get_by_role("button", name="Sign Out Others").press("Enter")
    expect(page.get_by_text("You are signed out everywhere else.")).to_be_visible()
    there.goto(DASHBOARD)
    expect(there.get_by_label("User name")).to_be_visible()
