"""The Dashboard: the set-up checklist and the health of both environments."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from connector.verification.causes import Cause
from tests.addresses import CONFIGURATION, DASHBOARD, PAYMENT_SERVICES, PORTAL
from tests.conftest import signed_in
from tests.factories import age, learn
from tests.gateways import SANDBOX
from tests.markup import text

pytestmark = pytest.mark.django_db


def test_the_front_door_leads_to_it(as_charlie: Client) -> None:
    assert as_charlie.get("/")["Location"] == DASHBOARD


def test_it_takes_few_queries(
    no_sockets: None, alice: User, bob: User, connected: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    signed_in(alice).get(DASHBOARD)  # What the bell lists is drawn once.
    for somebody, queries in ((alice, 5), (bob, 8)):
        browser = signed_in(somebody)
        with django_assert_max_num_queries(queries):
            browser.get(DASHBOARD)


def test_the_checklist_begins_at_the_api_portal(as_bob: Client) -> None:
    page = as_bob.get(DASHBOARD).content.decode()
    assert f'href="{PORTAL}"' in page
    assert "step-done" not in page
    assert page.count("step-current") == 1


def test_the_checklist_is_done_once_connected(as_bob: Client, connected: None) -> None:
    page = as_bob.get(DASHBOARD).content.decode()
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
    as_bob: Client, as_charlie: Client, connected: None, cause: Cause, *, is_made: bool
) -> None:
    learn(SANDBOX, cause)
    page = as_bob.get(DASHBOARD)
    assert ("Make a key pair in the API Portal Done" in text(page)) is is_made
    assert page.content.decode().count("step-current") == (0 if is_made else 1)
    assert "Make a key pair in the API Portal Done" in text(as_charlie.get(DASHBOARD))


def test_keys_that_do_not_work_are_never_called_done(as_bob: Client, connected: None) -> None:
    learn(SANDBOX, Cause.KEY_REVOKED)
    page = as_bob.get(DASHBOARD)
    checklist = page.content.decode().split('id="setup"')[1].split("</section>")[0]
    assert checklist.count("step-problem") == 1
    assert checklist.count("step-done") == 2
    assert checklist.count("step-current") == 1
    assert f"Enter the key pair for Sandbox {Cause.KEY_REVOKED.label} {Cause.KEY_REVOKED.row.next_step}" in text(page)
    assert "Open Payment Services Not connected" in text(page)


def test_a_last_check_without_a_result_keeps_the_checklist(as_bob: Client, connected: None) -> None:
    learn(SANDBOX, Cause.TIMEOUT)
    page = as_bob.get(DASHBOARD).content.decode()
    assert page.count("step-done") == 5
    assert "step-problem" not in page


def test_who_may_not_configure_sees_no_way_there(as_charlie: Client) -> None:
    page = as_charlie.get(DASHBOARD).content.decode()
    assert CONFIGURATION not in page
    assert PAYMENT_SERVICES not in page


def test_somebody_without_a_role_sees_nothing_of_the_account(as_charlie: Client, connected: None) -> None:
    assert "MAG000000007" not in text(as_charlie.get(DASHBOARD))
    age(SANDBOX, timezone.now() - timedelta(minutes=6))
    assert as_charlie.post("/admin/refresh/").status_code == 204


def test_it_shows_the_health_of_both_environments(as_dana: Client, connected: None) -> None:
    learn(SANDBOX, Cause.KEY_REVOKED)
    said = text(as_dana.get(DASHBOARD))
    assert f"Sandbox active {Cause.KEY_REVOKED.label}" in said
    assert "Production No keys yet" in said


def test_no_environment_is_called_active_before_there_is_a_pair(as_alice: Client) -> None:
    assert "Sandbox No keys yet Production No keys yet" in text(as_alice.get(DASHBOARD))


def test_nobody_configures_from_here(as_alice: Client, connected: None) -> None:
    said = text(as_alice.get(DASHBOARD))
    assert "Verify now" not in said
    assert "Remove keys" not in said


def test_a_refresh_answers_the_states_once_they_are_old(as_dana: Client, accepted: None, connected: None) -> None:
    assert as_dana.post("/admin/refresh/").status_code == 204
    age(SANDBOX, timezone.now() - timedelta(minutes=6))
    page = as_dana.post("/admin/refresh/").content.decode()
    assert 'id="state-sandbox"' in page
    assert 'id="setup"' in page
    assert "Verify now" not in page
