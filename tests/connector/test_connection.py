"""What the stored state means, read in two queries and without the network."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from connector import connection
from connector.gateway.client import Credentials
from connector.keys import keyring
from connector.models import KeyPair
from connector.verification.causes import Cause
from connector.verification.row import Button
from tests.factories import advice, choose_identifier, connect, failed_check, learn, lock, set_instance, store
from tests.gateways import LIVE_ID, MAGE_ID, PRODUCTION, PROJECT_ID, SANDBOX, TESTING_ID

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_sockets")]


def test_it_is_read_in_one_query(
    connected: None, other_pair: Credentials, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    store(PRODUCTION, other_pair)
    with django_assert_num_queries(1):
        stored = connection.load()
        assert stored.is_connected
        assert stored.inactive.advise() is None


def test_a_new_instance_is_empty() -> None:
    stored = connection.load()
    assert stored.is_empty
    assert not stored.is_configured
    assert stored.active.cause is Cause.KEYS_MISSING


def test_keys_that_do_not_work_are_a_problem_of_a_step_that_is_done(connected: None) -> None:
    learn(SANDBOX, Cause.PAIR_MISMATCH)
    stored = connection.load()
    assert [(step.is_done, step.problem) for step in stored.steps] == [
        (True, Cause.PAIR_MISMATCH),
        (True, None),
        (True, None),
    ]
    assert stored.next_step is None


def test_a_half_or_a_project_is_not_empty(pair: Credentials, settings: Settings) -> None:
    lock(settings, sandbox_api_key=pair.api_key)
    assert not connection.load().is_empty
    lock(settings, sandbox_api_key="")
    set_instance(project_id=PROJECT_ID)
    assert not connection.load().is_empty


def test_it_is_configured_with_a_pair_a_project_and_a_data_space(pair_stored: None) -> None:
    choose_identifier()
    assert connection.load().is_configured
    set_instance(active_environment=PRODUCTION)
    assert not connection.load().is_configured


def test_it_is_configured_by_the_environment_of_the_process_alone(pair: Credentials, settings: Settings) -> None:
    lock(
        settings,
        active_environment="sandbox",
        sandbox_api_key=pair.api_key,
        sandbox_private_key=pair.private_key.pem,
        project_id=PROJECT_ID,
        data_space_id=TESTING_ID,
    )
    stored = connection.load()
    assert stored.is_configured
    assert stored.active.has_locked_private_key
    assert stored.active.credentials == pair
    assert not KeyPair.objects.exists()


def test_the_steps_lead_to_what_is_missing_first(pair: Credentials) -> None:
    set_instance(active_environment=SANDBOX)
    anchors = []
    for complete in (lambda: store(SANDBOX, pair), lambda: set_instance(project_id=PROJECT_ID), choose_identifier):
        step = connection.load().next_step
        anchors.append(step.anchor if step else None)
        complete()
    assert anchors == ["sandbox-keys", "project_id", "data_space_id"]
    assert connection.load().next_step is None


def test_configured_is_not_connected_before_it_was_verified(pair_stored: None) -> None:
    choose_identifier()
    assert not connection.load().is_connected
    learn(SANDBOX)
    assert connection.load().is_connected


def test_the_account_is_that_of_the_verified_pair(connected: None) -> None:
    account = connection.load().active.account
    assert account
    assert (account.mage_id, account.organization_name, account.is_entitled) == (MAGE_ID, "Fabrikam", True)


def test_a_rejected_pair_has_no_account(connected: None) -> None:
    learn(SANDBOX, Cause.KEY_REVOKED)
    stored = connection.load()
    assert stored.active.is_blocked
    assert stored.active.account is None
    assert advice().explanation


@pytest.mark.parametrize("cause", [Cause.ACCOUNT_MISMATCH, Cause.DATA_SPACE_UNKNOWN])
def test_a_pair_that_works_for_the_wrong_account_still_shows_it(connected: None, cause: Cause) -> None:
    learn(SANDBOX, cause)
    stored = connection.load()
    assert stored.active.is_blocked
    assert stored.active.account is not None


@pytest.mark.parametrize("cause", [cause for cause in Cause if cause.kind == "unknown"])
def test_an_unknown_answer_is_never_not_verified(connected: None, cause: Cause) -> None:
    learn(SANDBOX, cause)
    slot = connection.load().active
    assert slot.is_verified
    assert failed_check() is cause
    assert slot.failed_check
    assert slot.failed_check.explanation


def test_an_unknown_first_answer_is_neither_verified_nor_blocked(pair_stored: None) -> None:
    learn(SANDBOX, Cause.UNREACHABLE)
    slot = connection.load().slots[SANDBOX]
    assert not slot.is_verified
    assert not slot.is_blocked
    assert slot.cause is Cause.UNREACHABLE


def test_what_was_found_of_another_pair_does_not_count(
    connected: None, other_pair: Credentials, settings: Settings
) -> None:
    lock(settings, sandbox_api_key=other_pair.api_key)
    slot = connection.load().active
    assert slot.api_key == other_pair.api_key
    assert slot.verification.checked_at is None
    assert slot.is_due


@pytest.mark.parametrize("keys", [[keyring.generate_key()], ["not a key"], [""]])
def test_a_wrong_encryption_key_is_named_and_nothing_is_blank(
    connected: None, settings: Settings, keys: list[str]
) -> None:
    settings.ENCRYPTION_KEYS = keys
    slot = connection.load(timezone.now() + timedelta(days=1)).active
    assert slot.cause is Cause.UNDECRYPTABLE
    assert slot.is_stored
    assert slot.credentials is None
    assert not slot.is_due


def test_a_value_moved_to_another_row_shows_as_undecryptable(pair: Credentials, other_pair: Credentials) -> None:
    stolen = store(SANDBOX, pair).private_key
    store(PRODUCTION, other_pair)
    KeyPair.objects.filter(environment=PRODUCTION).update(private_key=stolen)
    assert connection.load().slots[PRODUCTION].cause is Cause.UNDECRYPTABLE


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("-----BEGIN PUBLIC KEY-----\nabc\n-----END PUBLIC KEY-----", "This is a public key."),
        ("S3cret", "This text cannot be read as a private key."),
    ],
    ids=["public key", "no key"],
)
def test_an_unusable_key_in_the_environment_is_named_with_the_variable_to_correct(
    settings: Settings, text: str, fact: str
) -> None:
    lock(settings, sandbox_api_key="a" * 32, sandbox_private_key=text)
    slot = connection.load().slots[SANDBOX]
    assert slot.cause is Cause.PRIVATE_KEY_MALFORMED
    assert f"“{fact}”" in advice().explanation
    assert "Correct the environment variable CONNECTOR_SANDBOX_PRIVATE_KEY" in advice().next_step
    assert "aste" not in advice().explanation + advice().next_step
    # Both fields are locked, so nothing can be entered.
    assert advice().buttons == (Button.READ_GUIDE,)


def test_an_unusable_key_in_the_environment_counts_as_a_half(settings: Settings) -> None:
    lock(settings, sandbox_private_key="-----BEGIN PRIVATE KEY-----")
    stored = connection.load()
    assert stored.slots[SANDBOX].has_any_half
    assert not stored.is_empty


def names() -> tuple[str, str, str]:
    stored = connection.load()
    return stored.project_name, stored.data_space_name, stored.data_space_type


def test_the_names_are_the_ones_last_read(connected: None) -> None:
    set_instance(project_name="Old project", data_space_name="Old data space", data_space_type="Production")
    assert names() == ("Fabrikam EU", "Staging", "Testing")


def test_the_names_are_the_ones_saved_where_nothing_was_read(pair_stored: None) -> None:
    choose_identifier(LIVE_ID)
    assert names() == ("Fabrikam EU", "Live", "Production")


def test_a_locked_data_space_without_a_name_shows_its_id(settings: Settings) -> None:
    lock(settings, project_id="some-project", data_space_id="some-space")
    assert names() == ("some-project", "some-space", "")


def test_the_model_says_nothing_of_the_keys(pair: Credentials) -> None:
    connect(pair)
    slot = connection.load().active
    assert not any(line in repr(slot) for line in pair.private_key.pem.splitlines())


def test_a_pair_is_offered_to_move_only_where_it_replaces_nothing_that_works(
    pair: Credentials, other_pair: Credentials
) -> None:
    store(PRODUCTION, pair)
    learn(PRODUCTION, Cause.WRONG_ENVIRONMENT)
    assert connection.load().slots[PRODUCTION].may_move
    store(SANDBOX, other_pair)
    learn(SANDBOX)
    assert not connection.load().slots[PRODUCTION].may_move
    assert advice(PRODUCTION).next_step == "Enter a pair that was made for Production, or remove this one."
