"""Saving: verified first, then stored as a whole or not at all."""

import logging
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection as database
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from connector import connection
from connector.action_log import Refusal
from connector.configuration import save as saving
from connector.configuration.forms import ConfigurationForm
from connector.configuration.plan import SavePlan
from connector.configuration.save import Saved
from connector.errors import RefusedError, StaleRevisionError
from connector.gateway.client import Credentials, Deadline
from connector.keys import keyring
from connector.models import Instance, KeyPair
from connector.verification.causes import Cause
from tests.factories import advice, connect, dump, lock, set_instance, store
from tests.gateways import (
    CLIENT_ID_INVALID,
    GATEWAY_URLS,
    JWT_INVALID,
    LIVE_ID,
    OTHER_PROJECT_ID,
    OTHER_SPACE_ID,
    PING,
    PRODUCTION,
    PROJECT_ID,
    SANDBOX,
    Outside,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _accepted(accepted: None) -> None:
    """Accept every pair of the sandbox, unless a test says otherwise."""


def save(user: Any = None, **wanted: Any) -> Saved:
    stored = connection.load()
    plan = SavePlan(stored, **wanted)
    return saving.save(plan, user.pk if user else None)


def refused(**wanted: Any) -> RefusedError:
    Instance.objects.current()
    before = dump()
    with pytest.raises(RefusedError) as caught:
        save(**wanted)
    assert dump() == before
    assert caught.value.code == Refusal.IDENTIFIER
    return caught.value


def test_a_pair_is_verified_and_stored(pair: Credentials, alice: User) -> None:
    saved = save(alice, pairs={SANDBOX: pair})
    slot = connection.load().slots[SANDBOX]
    assert saved.findings[SANDBOX].is_verified
    assert slot.is_verified
    assert slot.credentials == pair
    assert slot.pair
    assert slot.pair.set_by == alice


def test_the_first_pair_becomes_active(pair: Credentials) -> None:
    assert save(pairs={SANDBOX: pair}, environment=PRODUCTION).plan.active_environment is SANDBOX
    assert connection.load().active_environment is SANDBOX


def test_the_second_pair_does_not_become_active(outside: Outside, connected: None, other_pair: Credentials) -> None:
    outside.accept(PRODUCTION)
    save(pairs={PRODUCTION: other_pair})
    assert connection.load().active_environment is SANDBOX


def test_of_two_first_pairs_the_chosen_environment_is_active(
    outside: Outside, pair: Credentials, other_pair: Credentials
) -> None:
    outside.accept(PRODUCTION)
    saved = save(pairs={SANDBOX: pair, PRODUCTION: other_pair}, environment=SANDBOX)
    assert saved.plan.active_environment is SANDBOX
    assert all(finding.is_verified for finding in saved.findings.values())


def test_a_first_pair_that_is_rejected_is_stored_with_its_cause(outside: Outside, pair: Credentials) -> None:
    outside.refuse(SANDBOX, JWT_INVALID, 401)
    save(pairs={SANDBOX: pair})
    assert connection.load().active.cause is Cause.PAIR_MISMATCH


def test_a_save_has_nine_seconds() -> None:
    assert 8 < Deadline().remaining_s() <= 9


def test_who_saves_while_another_is_verified_wins(pair: Credentials, other_pair: Credentials) -> None:
    first, second = connection.load(), connection.load()
    saving.save(SavePlan(first, {SANDBOX: pair}), None)
    with pytest.raises(StaleRevisionError):
        saving.save(SavePlan(second, {SANDBOX: other_pair}), None)
    assert connection.load().slots[SANDBOX].credentials == pair


def test_choosing_a_project_and_data_space_keeps_their_names(connected: None) -> None:
    save(project_id=OTHER_PROJECT_ID, data_space_id=OTHER_SPACE_ID)
    instance = Instance.objects.current()
    assert (instance.project_id, instance.project_name) == (OTHER_PROJECT_ID, "Fabrikam US")
    assert (instance.data_space_id, instance.data_space_name, instance.data_space_type) == (
        OTHER_SPACE_ID,
        "West",
        "Testing",
    )


def test_another_project_clears_the_data_space(connected: None) -> None:
    save(project_id=OTHER_PROJECT_ID)
    instance = Instance.objects.current()
    assert (instance.project_id, instance.data_space_id) == (OTHER_PROJECT_ID, "")
    assert (instance.data_space_name, instance.data_space_type) == ("", "")


def test_services_of_a_data_space_that_was_cleared_are_not_shown(connected: None) -> None:
    assert connection.load().active.services
    save(project_id=OTHER_PROJECT_ID)
    assert connection.load().active.services is None


def test_no_project_means_no_data_space(connected: None) -> None:
    save(project_id="")
    instance = Instance.objects.current()
    assert (instance.project_id, instance.data_space_id) == ("", "")


def test_a_data_space_without_a_project_is_refused(pair_stored: None) -> None:
    assert refused(data_space_id=LIVE_ID).field == "project_id"


def test_a_project_of_another_account_is_refused(connected: None) -> None:
    assert refused(project_id="somebody-elses").field == "project_id"


def test_a_project_cannot_be_chosen_without_a_pair(outside: Outside) -> None:
    assert refused(project_id=PROJECT_ID).field == "project_id"
    assert outside.calls == []


def test_a_wrong_identifier_stores_no_pair_either(pair: Credentials, other_pair: Credentials) -> None:
    connect(pair)
    set_instance(data_space_id="")
    refused(pairs={SANDBOX: other_pair}, data_space_id=OTHER_SPACE_ID)
    assert connection.load().slots[SANDBOX].credentials == pair


def test_while_the_gateway_is_away_what_was_known_can_be_chosen(outside: Outside, connected: None) -> None:
    outside.answer_all(SANDBOX, status=500)
    save(data_space_id=LIVE_ID)
    assert Instance.objects.current().data_space_name == "Live"


def test_while_the_gateway_is_away_what_is_not_known_is_refused(outside: Outside, connected: None) -> None:
    outside.answer_all(SANDBOX, status=500)
    assert refused(project_id="never-seen").field == "project_id"


def test_a_refused_active_pair_is_not_called_another_account(outside: Outside, pair_stored: None) -> None:
    outside.refuse(SANDBOX, CLIENT_ID_INVALID | {"detail": "key_revoked"})
    assert "could not be looked up" in str(refused(project_id=PROJECT_ID))


def test_a_pair_that_does_not_open_can_be_replaced_by_a_whole_one(
    connected: None, other_pair: Credentials, settings: Settings
) -> None:
    settings.ENCRYPTION_KEYS = [keyring.generate_key()]
    save(pairs={SANDBOX: other_pair})
    assert connection.load().active.credentials == other_pair


def test_a_data_space_without_payments_is_saved_and_connected(outside: Outside, connected: None) -> None:
    outside.accept(SANDBOX, features=("Premium Search",))
    save(data_space_id=LIVE_ID)
    assert connection.load().is_connected


def test_only_the_changed_pair_is_written(pair: Credentials, other_pair: Credentials) -> None:
    store(PRODUCTION, other_pair)
    before = KeyPair.objects.get(environment=PRODUCTION).private_key
    save(pairs={SANDBOX: pair})
    assert KeyPair.objects.get(environment=PRODUCTION).private_key == before


@pytest.mark.django_db(transaction=True)
def test_no_call_is_made_inside_a_transaction(outside: Outside, pair: Credentials) -> None:
    inside: list[bool] = []

    def ping(_request: object) -> tuple[int, dict[str, str], str]:
        inside.append(database.in_atomic_block)
        return 200, {}, ""

    address = GATEWAY_URLS[SANDBOX] + PING
    outside.mocked.remove("GET", address)
    outside.mocked.add_callback("GET", address, ping)
    save(pairs={SANDBOX: pair})
    assert inside == [False]


def test_the_log_names_the_act_and_no_key(
    pair: Credentials,
    all_logs: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        save(pairs={SANDBOX: pair})
    said = [
        record.getMessage()
        for record in all_logs.records
        if record.name == "connector.configuration.log" and record.levelno == logging.INFO
    ]
    assert len(said) == 1
    assert pair.api_key not in all_logs.text


def test_half_a_pair_of_the_process_is_never_stored(settings: Settings, pair: Credentials) -> None:
    lock(settings, sandbox_private_key=pair.private_key.pem)
    form = ConfigurationForm(connection.load(), {"sandbox_api_key": pair.api_key})
    assert form.is_valid()
    assert form.plan().pairs == {}


def test_the_half_beside_a_locked_one_says_which_variable_sets_it(settings: Settings, pair: Credentials) -> None:
    lock(settings, production_api_key=pair.api_key)
    fields = ConfigurationForm(connection.load()).fields
    own, beside = (str(fields[f"production_{half}"].locked_reason) for half in ("api_key", "private_key"))  # type: ignore[attr-defined]  # a template's
    assert own.startswith("Set by the environment variable CONNECTOR_PRODUCTION_API_KEY.")
    assert "the environment variable CONNECTOR_PRODUCTION_API_KEY sets the other half" in beside
    assert beside.endswith("Set this half with CONNECTOR_PRODUCTION_PRIVATE_KEY too, and restart the server.")
    assert fields["production_private_key"].help_text == ""
    assert "Set the environment variable CONNECTOR_PRODUCTION_PRIVATE_KEY too" in advice(PRODUCTION).next_step


def test_an_environment_that_the_process_sets_is_not_stored(settings: Settings, pair: Credentials) -> None:
    set_instance(active_environment=SANDBOX)
    lock(settings, active_environment="production")
    assert save(pairs={SANDBOX: pair}).plan.active_environment == PRODUCTION
    assert Instance.objects.current().active_environment == SANDBOX
