"""The state of the whole connection as one sentence and one button."""

from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from connector import connection, headline
from connector.environment import Environment
from connector.gateway.client import Credentials
from connector.headline import ROWS, Headline, Situation, State, Tone
from connector.models import KeyPair
from connector.verification.causes import Cause
from connector.verification.row import Button, Kind
from tests.factories import choose_identifier, connect, learn, said_of, set_instance, store
from tests.gateways import PRODUCTION, PROJECT_ID, SANDBOX

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_sockets")]


def read(*, may_configure: bool = True, may_use: bool = True) -> Headline:
    return headline.read(connection.load(), may_configure=may_configure, may_use=may_use)


def remove(environment: Environment) -> None:
    with transaction.atomic():
        KeyPair.objects.retire(environment, timezone.now())


def test_every_situation_has_its_row() -> None:
    assert set(ROWS) == set(Situation)


def test_every_cause_has_a_headline_without_a_full_stop_or_a_gap() -> None:
    texts = [said_of(cause).headline for cause in Cause]
    assert [text for text in texts if not text.startswith("Sandbox keys ") or text.endswith(".") or "%" in text] == []
    assert len({*texts}) == len(texts)


def test_a_headline_says_not_checked_where_the_cause_is_no_fact_about_the_keys() -> None:
    unknown = {cause for cause in Cause if "could not be checked" in said_of(cause).headline}
    assert unknown == {cause for cause in Cause if cause.kind is Kind.UNKNOWN}


def test_an_empty_instance_is_to_be_configured() -> None:
    said = read()
    assert (said.state, said.tone, said.button) == (State.NOT_SET_UP, Tone.OPEN, Button.CONFIGURE)
    assert said.text == "Payment Services is not set up yet"


@pytest.mark.parametrize(("environment", "text"), [(SANDBOX, "Sandbox"), (PRODUCTION, "Live")])
def test_a_connected_instance_opens_payment_services(pair: Credentials, environment: Environment, text: str) -> None:
    connect(pair, environment)
    said = read()
    assert (said.state, said.tone, said.button) == (State.CONNECTED, Tone.GOOD, Button.OPEN_PAYMENTS)
    assert said.text == f"Connected to {text} as Fabrikam"


def test_an_account_without_a_name_is_connected_too(connected: None) -> None:
    learn(SANDBOX, organization_name="")
    assert read().text == "Connected to Sandbox"


@pytest.mark.parametrize(
    ("cause", "button"),
    [
        (Cause.KEY_REVOKED, Button.OPEN_PORTAL),
        (Cause.PAIR_MISMATCH, Button.ENTER_KEYS),
        (Cause.DATA_SPACE_UNKNOWN, Button.CHOOSE_DATA_SPACE),
    ],
)
def test_keys_that_do_not_work_say_the_cause_and_offer_its_first_button(
    pair: Credentials, cause: Cause, button: Button
) -> None:
    connect(pair, PRODUCTION)
    learn(PRODUCTION, cause)
    said = read()
    assert (said.state, said.tone, said.button) == (State.NOT_VERIFIED, Tone.BAD, button)
    assert said.advice is not None
    assert said.text == said.advice.headline
    assert said.text.startswith("Live keys do not work")


def test_a_former_pair_that_worked_is_offered_first(connected: None, other_pair: Credentials) -> None:
    store(SANDBOX, other_pair)
    learn(SANDBOX, Cause.KEY_REVOKED)
    assert read().button is Button.RESTORE_PAIR


def test_removed_keys_that_can_be_restored_are_missing(connected: None) -> None:
    remove(SANDBOX)
    set_instance(project_id="", data_space_id="")
    said = read()
    assert (said.text, said.button) == ("Sandbox keys are missing", Button.RESTORE_PAIR)


@pytest.mark.parametrize(("chosen", "missing"), [("", "project"), (PROJECT_ID, "data space")])
def test_what_is_missing_besides_the_keys_is_named(pair_stored: None, chosen: str, missing: str) -> None:
    learn(SANDBOX)
    set_instance(project_id=chosen)
    said = read()
    assert (said.state, said.button) == (State.NOT_SET_UP, Button.CONFIGURE)
    assert said.text == f"Sandbox keys work; the {missing} is not chosen yet"


def test_keys_that_were_never_checked_can_be_verified(pair_stored: None) -> None:
    choose_identifier()
    said = read()
    assert (said.state, said.tone, said.button) == (State.NOT_VERIFIED, Tone.OPEN, Button.VERIFY_NOW)


def test_a_last_check_without_a_result_says_why(connected: None) -> None:
    learn(SANDBOX, Cause.TIMEOUT)
    said = read()
    assert (said.state, said.tone, said.button) == (State.CHECK_FAILED, Tone.OPEN, Button.VERIFY_NOW)
    assert said.text == "Sandbox keys could not be checked: Commerce Services did not answer in time"


def test_a_check_without_a_result_does_not_hide_that_keys_do_not_work(connected: None) -> None:
    learn(SANDBOX, Cause.KEY_REVOKED)
    learn(SANDBOX, Cause.TIMEOUT)
    assert read().text == "Sandbox keys do not work: the API key was deleted"


@pytest.mark.parametrize(
    ("permissions", "button", "others_can"),
    [
        ({"may_configure": False}, None, True),
        ({"may_use": False}, Button.OPEN_PORTAL, False),
        ({"may_configure": False, "may_use": False}, None, True),
    ],
)
def test_only_people_who_may_correct_the_keys_get_the_button(
    connected: None, permissions: dict[str, Any], button: Button | None, *, others_can: bool
) -> None:
    learn(SANDBOX, Cause.KEY_REVOKED)
    said = read(**permissions)
    assert (said.button, said.others_can) == (button, others_can)


def test_only_people_who_use_payment_services_are_led_there(connected: None) -> None:
    said = read(may_use=False)
    assert (said.button, said.others_can) == (None, False)
    assert read(may_configure=False).button is Button.OPEN_PAYMENTS


@pytest.mark.parametrize("permissions", [{"may_configure": False}, {"may_use": False}])
def test_either_permission_is_enough_to_verify(pair_stored: None, permissions: dict[str, bool]) -> None:
    choose_identifier()
    assert read(**permissions).button is Button.VERIFY_NOW
