"""Onboarding at PayPal, sandbox and live, through every status and outcome."""

import pytest
from playwright.sync_api import Locator, Page, expect

from connector import connection
from connector.environment import Environment
from saas.models import Account, Merchant
from tests.addresses import FAULTS, PAYMENT_SERVICES
from tests.browser.store import Store, session_of
from tests.browser.visit import Visit, wait_for_scripts


def card(page: Page, environment: str = "sandbox") -> Locator:
    return page.locator(f"#onboarding-{environment}")


def answer(page: Page, outcome: str) -> None:
    """Answer on the page of PayPal, and come back."""
    expect(page.get_by_role("heading", name="Simulated PayPal")).to_be_visible()
    page.get_by_role("button", name=outcome, exact=True).click()
    expect(page.get_by_role("heading", name="Payment Services")).to_be_visible()


def go_home(page: Page) -> None:
    page.goto(PAYMENT_SERVICES)
    wait_for_scripts(page)


def test_sandbox_onboarding_goes_through_every_outcome(page: Page, store: Store) -> None:
    store.connect()
    go_home(page)
    expect(card(page)).to_contain_text("Not connected to PayPal yet")
    card(page).get_by_role("button", name="Sandbox onboarding").click()
    answer(page, "Leave")
    expect(card(page)).to_contain_text("Sandbox payments pending")
    card(page).get_by_role("button", name="Continue at PayPal").click()
    answer(page, "Decline")
    expect(card(page)).to_contain_text("Not connected to PayPal yet")
    card(page).get_by_role("button", name="Sandbox onboarding").click()
    answer(page, "Agree, e-mail not confirmed")
    expect(card(page)).to_contain_text("E-mail address not confirmed")
    card(page).get_by_role("button", name="Open PayPal profile settings").click()
    answer(page, "Confirm the e-mail address")
    expect(card(page)).to_contain_text("Ready for test payments")
    expect(card(page)).to_contain_text(Merchant.objects.get().paypal_account_id)


def test_a_consent_that_was_taken_back_is_given_again(page: Page, store: Store) -> None:
    store.connect()
    merchant = store.onboard("COMPLETED")
    page.goto(FAULTS)
    switch = page.locator("#onboarding")
    switch.get_by_label("Data space").select_option(str(merchant.data_space_id))
    switch.get_by_label("Status").select_option("REVOKED")
    switch.get_by_role("button", name="Set status").click()
    go_home(page)
    card(page).get_by_role("button", name="Check again").click()
    expect(card(page)).to_contain_text("Consent taken back")
    notice = page.get_by_text("Sandbox: you took the consent back in your PayPal account")
    expect(notice).to_be_visible()
    page.get_by_role("button", name="Hide this notice").click()
    expect(notice).to_have_count(0)
    card(page).get_by_role("button", name="Onboard again").click()
    answer(page, "Agree")
    expect(card(page)).to_contain_text("Ready for test payments")


@pytest.mark.parametrize(("is_entitled", "experience"), [(True, "advanced"), (False, "standard")])
def test_live_onboarding_leads_to_the_switch(page: Page, store: Store, *, is_entitled: bool, experience: str) -> None:
    Account.objects.update(payments_production=is_entitled)
    store.enter_new_key("production")
    store.connect()
    go_home(page)
    live = card(page, "production")
    expect(live).to_contain_text("Not connected to PayPal yet")
    live.get_by_role("link", name="Live onboarding").click()
    dialog = page.get_by_role("dialog", name="Live onboarding")
    dialog.get_by_label("Country").select_option("FR")
    if not is_entitled:
        expect(dialog.get_by_role("link", name="Get Live Payments")).to_be_visible()
        dialog.get_by_label("I accept").check()
    dialog.get_by_role("button", name="Go to PayPal").click()
    expect(page.get_by_label("Country")).to_have_value("FR")
    answer(page, "Agree")
    expect(live).to_contain_text("Ready for real payments")
    assert Merchant.objects.get().experience == experience
    live.get_by_role("link", name="Go live: switch to Production").click()
    page.get_by_role("dialog").get_by_role("button", name="Switch to Production").click()
    expect(page.get_by_text("Production is the active environment now.")).to_be_visible()
    assert connection.load().active_environment is Environment.PRODUCTION


def test_a_merchant_is_ready_for_test_payments_in_three_clicks(page: Page, store: Store) -> None:
    store.connect()
    page.context.add_cookies([{"name": "sessionid", "value": session_of("merchant"), "url": store.url}])
    page.goto("/admin/")
    page.get_by_role("link", name="Open Payment Services").first.click()
    page.get_by_role("button", name="Sandbox onboarding").click()
    page.get_by_role("button", name="Agree", exact=True).click()
    expect(card(page)).to_contain_text("Ready for test payments")


def test_it_works_without_scripts(visit: Visit, store: Store) -> None:
    store.connect()
    page = visit.tab(session_of("merchant"), java_script_enabled=False)
    page.goto(PAYMENT_SERVICES)
    card(page).get_by_role("button", name="Sandbox onboarding").click()
    answer(page, "Agree")
    expect(page.get_by_text("You are back from PayPal.")).to_be_visible()
    card(page).get_by_role("button", name="Check again").click()
    expect(card(page)).to_contain_text("Ready for test payments")


def test_back_and_a_second_answer_change_nothing(page: Page, store: Store) -> None:
    store.connect()
    go_home(page)
    card(page).get_by_role("button", name="Sandbox onboarding").click()
    answer(page, "Agree")
    page.go_back()
    expect(page.get_by_text("This link no longer works")).to_be_visible()
    page.get_by_role("link", name="Go back").click()
    expect(card(page)).to_contain_text("Ready for test payments")
