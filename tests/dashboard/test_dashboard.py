"""The Dashboard: its banner, the set-up, and the cards."""

import html
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags
from pytest_django import DjangoAssertNumQueries, Settings

from backend.audit import action_log
from backend.audit.permissions import SEE_LOG
from backend.people.resources import permissions_named
from connector.action_log import Action
from connector.gateway.client import Credentials
from connector.verification.causes import Cause
from tests.addresses import ACTION_LOG, CONFIGURATION, DASHBOARD, PAYMENT_SERVICES, PORTAL
from tests.conftest import signed_in
from tests.factories import (
    CONFIGURE,
    MANAGE_KEY,
    USE_PAYMENTS,
    age,
    choose_identifier,
    empty_log,
    know_merchant,
    learn,
    lock,
    person,
)
from tests.gateways import SANDBOX
from tests.markup import text

pytestmark = pytest.mark.django_db


def banner(client: Client) -> str:
    """Return what the banner says."""
    rest = client.get(DASHBOARD).content.decode().split('class="banner-title">')[1]
    return " ".join(html.unescape(strip_tags(re.split('<section|<div class="cards', rest)[0])).split())


def test_the_front_door_leads_to_it(as_charlie: Client) -> None:
    assert as_charlie.get("/")["Location"] == DASHBOARD


def test_it_takes_seven_queries_and_eight_with_a_role(
    no_sockets: None, alice: User, connected: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    erin = person("erin", CONFIGURE, USE_PAYMENTS, SEE_LOG, MANAGE_KEY)
    signed_in(alice).get(DASHBOARD)  # What the bell lists is drawn once.
    for somebody, queries in ((alice, 7), (erin, 8)):
        browser = signed_in(somebody)
        with django_assert_max_num_queries(queries):
            assert "Recent activity" in text(browser.get(DASHBOARD))


def test_a_merchant_who_reads_whom_to_ask_takes_eight_queries(
    no_sockets: None, dana: User, bob: User, connected: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    learn(SANDBOX, Cause.PAIR_MISMATCH)
    browser = signed_in(dana)
    browser.get(DASHBOARD)
    with django_assert_max_num_queries(8):
        assert "These people may configure it: bob." in text(browser.get(DASHBOARD))


def test_the_banner_says_whether_all_is_well_and_leads_on(as_bob: Client, connected: None) -> None:
    assert banner(as_bob).startswith("Connected to Sandbox as Fabrikam Last verified just now")
    assert f'href="{PAYMENT_SERVICES}">Open Payment Services' in as_bob.get(DASHBOARD).content.decode()


def test_the_banner_says_what_is_wrong_and_has_the_button_that_helps(as_bob: Client, connected: None) -> None:
    learn(SANDBOX, Cause.KEY_REVOKED)
    page = as_bob.get(DASHBOARD).content.decode()
    assert banner(as_bob).startswith("Sandbox keys do not work: the API key was deleted Found just now")
    assert "Open the API Portal" in banner(as_bob)
    assert 'class="banner banner-error"' in page


def test_the_banner_keeps_the_age_of_the_last_answer(as_dana: Client, connected: None) -> None:
    age(SANDBOX, timezone.now(), code=Cause.TIMEOUT, answered_at=timezone.now() - timedelta(hours=3))
    said = banner(as_dana)
    assert said.startswith("Sandbox keys could not be checked: Commerce Services did not answer in time")
    assert "Last verified 3 hours ago" in said
    assert "Last tried just now" in said


def test_keys_that_were_never_checked_are_verified_from_here(
    as_dana: Client, pair_stored: None, accepted: None
) -> None:
    choose_identifier()
    assert 'action="/admin/verify/"' in as_dana.get(DASHBOARD).content.decode()
    page = as_dana.post("/admin/verify/", follow=True)
    assert "the key pair was verified" in text(page)
    assert banner(as_dana).startswith("Connected to Sandbox")


def test_without_a_pair_there_is_nothing_to_verify(as_bob: Client) -> None:
    assert "at least one of them is not set" in text(as_bob.post("/admin/verify/", follow=True))


def test_somebody_without_a_role_verifies_nothing(as_charlie: Client, pair_stored: None) -> None:
    assert as_charlie.post("/admin/verify/").status_code == 403


def test_the_checklist_begins_at_the_api_portal(as_bob: Client) -> None:
    page = as_bob.get(DASHBOARD).content.decode()
    assert f'href="{PORTAL}"' in page
    assert "step-done" not in page
    assert page.count("step-current") == 1


def test_the_checklist_is_one_line_once_connected(as_bob: Client, connected: None) -> None:
    page = as_bob.get(DASHBOARD).content.decode()
    assert "Set-up complete · Show steps" in text(as_bob.get(DASHBOARD))
    assert '<details class="set-up">' in page
    assert page.count("step-done") == 5
    assert "step-current" not in page
    assert f'href="{PAYMENT_SERVICES}"' in page


def test_a_data_space_of_another_account_is_a_problem_of_its_step(as_bob: Client, connected: None) -> None:
    learn(SANDBOX, Cause.DATA_SPACE_UNKNOWN, features=None)
    said = text(as_bob.get(DASHBOARD))
    assert "Enter the key pair for Sandbox Done" in said
    assert f"Choose the data space {Cause.DATA_SPACE_UNKNOWN.label}" in said


@pytest.mark.parametrize(("cause", "is_made"), [(Cause.KEY_REVOKED, False), (Cause.PAIR_MISMATCH, True)])
def test_a_pair_that_needs_replacing_is_not_called_made(
    as_bob: Client, connected: None, cause: Cause, *, is_made: bool
) -> None:
    learn(SANDBOX, cause)
    page = as_bob.get(DASHBOARD)
    assert ("Make a key pair in the API Portal Done" in text(page)) is is_made
    assert page.content.decode().count("step-current") == (0 if is_made else 1)


def test_keys_that_do_not_work_are_never_called_done(as_bob: Client, connected: None) -> None:
    learn(SANDBOX, Cause.KEY_REVOKED)
    page = as_bob.get(DASHBOARD)
    checklist = page.content.decode().split('id="setup"')[1].split("</section>")[0]
    assert checklist.count("step-problem") == 1
    assert checklist.count("step-done") == 2
    assert checklist.count("step-current") == 1
    assert f"Enter the key pair for Sandbox {Cause.KEY_REVOKED.label} {Cause.KEY_REVOKED.row.next_step}" in text(page)
    assert "Open Payment Services Not verified" in text(page)


def test_a_last_check_without_a_result_keeps_the_checklist(as_bob: Client, connected: None) -> None:
    learn(SANDBOX, Cause.TIMEOUT)
    page = as_bob.get(DASHBOARD).content.decode()
    assert page.count("step-done") == 5
    assert "step-problem" not in page


def test_only_steps_that_somebody_may_do_are_shown(as_dana: Client, bob: User) -> None:
    assert "Set-up" not in text(as_dana.get(DASHBOARD))
    bob.groups.get().permissions.remove(*permissions_named([USE_PAYMENTS]))
    page = signed_in(bob).get(DASHBOARD).content.decode()
    assert "Choose the data space" in page
    assert PAYMENT_SERVICES not in page


def test_who_may_not_configure_sees_no_way_there(as_charlie: Client) -> None:
    page = as_charlie.get(DASHBOARD).content.decode()
    assert CONFIGURATION not in page
    assert PAYMENT_SERVICES not in page


def test_somebody_without_a_role_sees_nothing_of_the_account(as_charlie: Client, connected: None) -> None:
    learn(SANDBOX, Cause.KEY_REVOKED)
    said = text(as_charlie.get(DASHBOARD))
    assert "Your role includes nothing that is shown here." in said
    assert "MAG000000007" not in said
    assert "Sandbox" not in said
    age(SANDBOX, timezone.now() - timedelta(minutes=6))
    assert as_charlie.post("/admin/refresh/").status_code == 204


def test_a_card_for_each_environment_says_which_key_works(as_bob: Client, connected: None) -> None:
    said = text(as_bob.get(DASHBOARD))
    assert "Sandbox active Verified Fabrikam (MAG000000007) API key …aaaa Set just now" in said
    assert "Live No keys yet Enter the keys" in said


def test_a_card_says_that_an_environment_variable_sets_its_keys(
    as_bob: Client, pair: Credentials, settings: Settings
) -> None:
    lock(settings, production_api_key=pair.api_key, production_private_key=pair.private_key.pem)
    assert "Live Not verified yet API key …aaaa Set By an environment variable" in text(as_bob.get(DASHBOARD))


def test_the_card_of_onboarding_says_that_the_last_reading_failed(as_dana: Client, connected: None) -> None:
    know_merchant(status="STARTED", failed_code=Cause.TIMEOUT)
    said = text(as_dana.get(DASHBOARD))
    assert "Sandbox Sandbox payments pending The status could not be read just now" in said


def test_merchants_see_banner_and_attention_only(as_dana: Client, connected: None) -> None:
    said = text(as_dana.get(DASHBOARD))
    assert "Connected to Sandbox" in said
    assert "Nothing needs your attention." in said
    assert "API key" not in said
    assert "Recent activity" not in said


def test_no_environment_is_called_active_before_there_is_a_pair(as_bob: Client) -> None:
    assert "Sandbox No keys yet Enter the keys Live No keys yet" in text(as_bob.get(DASHBOARD))


def test_nobody_configures_from_here(as_alice: Client, connected: None) -> None:
    said = text(as_alice.get(DASHBOARD))
    assert "Verify now" not in said
    assert "Remove keys" not in said


def test_recent_activity_is_the_end_of_the_log_in_its_words(as_alice: Client) -> None:
    empty_log()
    for number in range(6):
        action_log.record(Action.DATA_SPACE_CHOSEN, f"Space {number}")
    said = text(as_alice.get(DASHBOARD)).split("Recent activity")[1]
    assert [f"Data space chosen: Space {number}" in said for number in range(6)] == [False, *[True] * 5]
    assert said.index("Space 5") < said.index("Space 1")
    assert f'href="{ACTION_LOG}"' in as_alice.get(DASHBOARD).content.decode()


def test_only_people_who_may_see_the_log_see_its_end(as_bob: Client) -> None:
    action_log.record(Action.DATA_SPACE_CHOSEN, "Space")
    assert "Recent activity" not in text(as_bob.get(DASHBOARD))


def test_a_refresh_answers_banner_set_up_and_cards_once_they_are_old(
    as_alice: Client, accepted: None, connected: None
) -> None:
    know_merchant()
    assert as_alice.post("/admin/refresh/").status_code == 204
    age(SANDBOX, timezone.now() - timedelta(minutes=6))
    page = as_alice.post("/admin/refresh/").content.decode()
    for part in ("banner", "setup", "card-sandbox", "card-production", "card-attention", "card-activity"):
        assert f'id="{part}"' in page


def test_a_refresh_answers_merchants_their_parts(as_dana: Client, accepted: None, connected: None) -> None:
    age(SANDBOX, timezone.now() - timedelta(minutes=6))
    page = as_dana.post("/admin/refresh/").content.decode()
    assert 'id="banner"' in page
    assert 'id="setup"' not in page
    assert "Verify now" not in page
