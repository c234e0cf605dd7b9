"""What the configuration page shows of the connection: its panel, its states and its services."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from connector.environment import Environment
from connector.gateway.client import Credentials
from connector.keys import keyring
from connector.verification.causes import Cause
from tests.addresses import CONFIGURATION
from tests.factories import advice, age, choose_identifier, learn, set_instance, store
from tests.gateways import JWT_INVALID, MAGE_ID, PRODUCTION, SANDBOX, Outside
from tests.markup import form_of, text

pytestmark = pytest.mark.django_db


def panel(page: Any) -> str:
    """Return the markup of the panel of the configuration page."""
    markup: str = page.content.decode().split('id="panel-title"')[1].split("</section>")[0]
    return markup


def test_a_refresh_of_what_is_old_answers_the_parts_of_the_page(
    as_alice: Client, outside: Outside, connected: None
) -> None:
    age(SANDBOX, timezone.now() - timedelta(minutes=6))
    outside.refuse(SANDBOX, JWT_INVALID, 401)
    page = as_alice.post(f"{CONFIGURATION}refresh/").content.decode()
    fragments = [f"{part}-{environment}" for part in ("head", "state") for environment in ("sandbox", "production")]
    assert all(f'id="{name}"' in page for name in (*fragments, "services"))
    assert "Commerce Services is not connected" in page.split('id="panel"')[1]
    assert "<html" not in page


def test_the_panel_leads_to_the_first_missing_step(as_alice: Client, pair: Credentials) -> None:
    set_instance(active_environment=SANDBOX)
    assert 'href="#sandbox-keys"' in as_alice.get(CONFIGURATION).content.decode()
    store(SANDBOX, pair)
    page = as_alice.get(CONFIGURATION)
    assert 'href="#project_id"' in panel(page)
    assert "Configure Commerce Services" in text(page)


def test_the_panel_is_gone_once_configured_and_the_way_back_is_offered(as_alice: Client, pair_stored: None) -> None:
    choose_identifier()
    assert "Configure Commerce Services" not in text(as_alice.get(CONFIGURATION))
    learn(SANDBOX)
    assert "Go to Payment Services" in text(as_alice.get(CONFIGURATION))


def test_the_last_known_state_stays_on_show_with_its_age(as_alice: Client, connected: None) -> None:
    learn(SANDBOX, checked_at=timezone.now() - timedelta(hours=3))
    learn(SANDBOX, Cause.TIMEOUT)
    said = text(as_alice.get(CONFIGURATION)).replace("\xa0", " ")
    assert "Sandbox Keys Sandbox Verified" in said
    assert "Fabrikam (MAG000000007)" in said
    assert "Last verified 3 hours ago" in said
    assert "The last check had no result: Commerce Services (gateway.test) took too long to answer" in said


def test_the_services_say_which_edition_has_them(as_alice: Client, connected: None) -> None:
    said = text(as_alice.get(CONFIGURATION))
    assert "Live Search Included Adobe Commerce" in said
    assert "Catalog Service Not included Adobe Commerce" in said


def test_the_panel_names_the_cause_while_the_active_pair_does_not_work(as_alice: Client, connected: None) -> None:
    learn(SANDBOX, Cause.KEY_REVOKED)
    said = text(as_alice.get(CONFIGURATION))
    assert f"Commerce Services is not connected {Cause.KEY_REVOKED.label}." in said
    assert "Open the API Portal" in said


def test_the_panel_says_that_nobody_knows_yet(as_alice: Client, pair_stored: None) -> None:
    choose_identifier()
    assert "The keys have not been verified yet Commerce Services has not been asked" in text(
        as_alice.get(CONFIGURATION)
    )
    learn(SANDBOX, Cause.UNREACHABLE)
    page = as_alice.get(CONFIGURATION)
    assert "The keys have not been verified yet This server found no way to Commerce Services" in text(page)
    assert 'form="verify-sandbox"' in panel(page)
    assert f"/admin/help/not-reached/#{Cause.UNREACHABLE}" in panel(page)


def test_the_panel_names_a_check_without_an_answer_while_steps_are_missing(as_alice: Client, pair_stored: None) -> None:
    learn(SANDBOX, Cause.UNREACHABLE)
    assert "This server found no way to Commerce Services" in panel(as_alice.get(CONFIGURATION))


def test_a_data_space_of_another_account_is_mended_in_the_identifier_section(as_alice: Client, live: None) -> None:
    set_instance(data_space_id="elsewhere", data_space_name="Elsewhere")
    learn(SANDBOX, Cause.DATA_SPACE_UNKNOWN, features=None)
    page = as_alice.get(CONFIGURATION)
    assert 'href="#saas-identifier"' in panel(page)
    assert f"does not belong to their account ({MAGE_ID})" in text(page)
    assert "Elsewhere, not in this account" in text(page)


@pytest.mark.parametrize(
    ("cause", "button"),
    [(Cause.WRONG_ENVIRONMENT, "Move to Production Keys"), (Cause.PAIR_MISMATCH, "Enter the keys")],
)
def test_the_panel_offers_what_its_text_asks_for(as_alice: Client, connected: None, cause: Cause, button: str) -> None:
    learn(SANDBOX, cause)
    before, _config, _after = text(as_alice.get(CONFIGURATION)).partition("Active environment")
    assert button in before


def test_of_keys_that_do_not_open_the_panel_leads_to_the_guide(
    as_alice: Client, connected: None, settings: Settings
) -> None:
    settings.ENCRYPTION_KEYS = [keyring.generate_key()]
    before, _config, _after = as_alice.get(CONFIGURATION).content.decode().partition('id="configuration"')
    assert "/admin/help/verification-result/#undecryptable" in before
    assert "Enter the keys" not in before


@pytest.mark.parametrize(("environment", "badge"), [(SANDBOX, "Sandbox"), (PRODUCTION, "Live")])
@pytest.mark.parametrize("cause", [None, Cause.KEY_REVOKED])
def test_the_head_of_a_section_says_the_environment_and_its_state(
    as_alice: Client,
    connected: None,
    other_pair: Credentials,
    environment: Environment,
    badge: str,
    cause: Cause | None,
) -> None:
    store(PRODUCTION, other_pair)
    learn(environment, cause)
    state = cause.label if cause else "Verified"
    assert f"{environment.label} Keys {badge} {state}" in text(as_alice.get(CONFIGURATION))


def is_open(page: Any, environment: Environment) -> bool:
    """Return whether the section of `environment` is open from the beginning."""
    return bool(re.search(rf'<details [^>]*id="{environment}-keys"[^>]*\bopen\b', page.content.decode()))


def test_the_other_section_starts_closed_once_its_pair_is_verified(
    as_alice: Client, connected: None, other_pair: Credentials
) -> None:
    assert is_open(as_alice.get(CONFIGURATION), PRODUCTION)
    store(PRODUCTION, other_pair)
    assert is_open(as_alice.get(CONFIGURATION), PRODUCTION)
    learn(PRODUCTION)
    page = as_alice.get(CONFIGURATION)
    assert not is_open(page, PRODUCTION)
    assert is_open(page, SANDBOX)


def test_a_refused_save_opens_the_section_it_is_about(
    as_alice: Client, connected: None, other_pair: Credentials
) -> None:
    store(PRODUCTION, other_pair)
    learn(PRODUCTION)
    untouched = form_of(as_alice.get(CONFIGURATION))
    assert is_open(as_alice.post(CONFIGURATION, untouched | {"production_api_key": "short"}), PRODUCTION)
    assert not is_open(as_alice.post(CONFIGURATION, untouched | {"sandbox_api_key": "short"}), PRODUCTION)


def test_what_the_panel_says_is_not_repeated_in_the_section(as_alice: Client, connected: None) -> None:
    for cause in (Cause.KEY_REVOKED, Cause.PAIR_MISMATCH):
        learn(SANDBOX, cause)
        page, shown = text(as_alice.get(CONFIGURATION)), advice()
        assert (page.count(shown.explanation), page.count(shown.next_step)) == (1, 1)


def test_what_the_panel_does_not_say_is_said_in_the_section(
    as_alice: Client, connected: None, other_pair: Credentials
) -> None:
    store(PRODUCTION, other_pair)
    for cause in (Cause.KEY_REVOKED, Cause.PAIR_MISMATCH):
        learn(PRODUCTION, cause)
        page, shown = text(as_alice.get(CONFIGURATION)), advice(PRODUCTION)
        assert (page.count(shown.explanation), page.count(shown.next_step)) == (1, 1)


@pytest.mark.parametrize("other_mage_id", ["MAG000000008", ""])
def test_the_keys_of_two_accounts_are_told_apart_by_their_mage_ids(
    as_alice: Client, connected: None, other_pair: Credentials, other_mage_id: str
) -> None:
    store(PRODUCTION, other_pair)
    learn(PRODUCTION, mage_id=other_mage_id)
    learn(SANDBOX, Cause.ACCOUNT_MISMATCH)
    both = f" (Sandbox: {MAGE_ID}, Production: MAG000000008)" if other_mage_id else ""
    assert f"accounts with different MageIDs{both}. Payment" in text(as_alice.get(CONFIGURATION))


def test_what_is_said_of_projects_fits_the_active_pair(as_alice: Client, pair_stored: None, settings: Settings) -> None:
    to_save, to_come = "Save a pair that Commerce Services accepts", "appear here once it is verified"
    assert to_come in text(as_alice.get(CONFIGURATION))
    learn(SANDBOX, Cause.KEY_REVOKED, data_spaces=[])
    assert to_save in text(as_alice.get(CONFIGURATION))
    settings.ENCRYPTION_KEYS = [keyring.generate_key()]
    page = text(as_alice.get(CONFIGURATION))
    assert "which cannot be used now" in page
    assert to_save not in page
