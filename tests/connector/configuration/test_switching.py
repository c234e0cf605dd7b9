"""Switching the active environment asks first, in both directions and wherever it starts, and is logged."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from backend.audit.models import LoggedAction
from connector import connection
from connector.environment import Environment
from connector.gateway.client import Credentials
from connector.verification.causes import Cause
from tests.addresses import CONFIGURATION, PAYMENT_SERVICES, SETTINGS
from tests.factories import choose_identifier, connect, learn, lock, set_instance, store
from tests.gateways import PRODUCTION, SANDBOX, Outside
from tests.markup import form_of, sent, shown_value, text

pytestmark = pytest.mark.django_db
SWITCH = f"{PAYMENT_SERVICES}switch-environment/"
COSTS = {
    PRODUCTION: "Sandbox → Production: real cards are charged from now on.",
    SANDBOX: "Production → Sandbox: your shop stops taking real payments.",
}
both_ways = pytest.mark.parametrize("target", Environment)


@pytest.fixture
def both_work(pair: Credentials, other_pair: Credentials) -> None:
    connect(pair)
    store(PRODUCTION, other_pair)
    learn(PRODUCTION)


def be_in(environment: Environment) -> None:
    set_instance(active_environment=environment)


def active() -> Environment:
    return connection.load().active_environment


def switches() -> list[tuple[str, str, str, str]]:
    rows = LoggedAction.objects.filter(action="environment_switched").order_by("pk")
    return list(rows.values_list("user_name", "before", "after", "result"))


@pytest.mark.usefixtures("both_work")
@both_ways
def test_a_save_that_switches_is_refused_until_it_is_confirmed(as_alice: Client, target: Environment) -> None:
    be_in(target.other)
    chosen = form_of(as_alice.get(CONFIGURATION)) | {"active_environment": target.value}
    asked = as_alice.post(CONFIGURATION, chosen)
    assert active() is target.other
    assert COSTS[target] in text(asked)
    assert shown_value(asked, "active_environment") == target
    as_alice.post(CONFIGURATION, chosen | {"switches": "on"})
    assert active() is target


@pytest.mark.usefixtures("both_work")
@both_ways
def test_the_switch_says_what_happens_at_an_address_of_its_own(as_alice: Client, target: Environment) -> None:
    be_in(target.other)
    page = as_alice.get(SWITCH)
    dialog = page.content.decode().split('id="switch-environment"')[1].split("</dialog>")[0]
    assert " open>" in " ".join(dialog.split(">")[0].split()) + ">"
    assert COSTS[target] in text(page)
    assert active() is target.other
    said = text(as_alice.post(SWITCH, {"environment": target.value}, follow=True))
    assert f"{target.label} is the active environment now." in said
    assert active() is target


def test_every_switch_is_logged_with_who_and_what_was_before(both_work: None, as_alice: Client, alice: User) -> None:
    as_alice.post(SWITCH, {"environment": "production"})
    as_alice.post(CONFIGURATION, {"active_environment": "sandbox"})
    as_alice.post(CONFIGURATION, {"active_environment": "sandbox", "switches": "on"})
    name = alice.username
    assert switches() == [
        (name, "sandbox", "production", "done"),
        (name, "production", "sandbox", "refused"),
        (name, "production", "sandbox", "done"),
    ]


def test_what_is_active_already_is_not_switched_to(both_work: None, as_alice: Client) -> None:
    as_alice.post(SWITCH, {"environment": "sandbox"})
    assert switches() == []


@pytest.mark.usefixtures("both_work")
def test_a_refused_switch_keeps_what_was_typed_but_secrets(as_alice: Client, pair: Credentials) -> None:
    pem = pair.private_key.pem
    keys = {"production_api_key": "c" * 32, "production_private_key": pem, "active_environment": "production"}
    page = as_alice.post(CONFIGURATION, keys)
    assert shown_value(page, "production_api_key") == "c" * 32
    assert pem.splitlines()[1] not in page.content.decode()
    assert "A private key is never sent back: paste it again." in text(page)


@pytest.mark.usefixtures("both_work")
def test_nothing_is_sent_to_a_gateway_before_the_answer(as_alice: Client, outside: Outside, pair: Credentials) -> None:
    keys = {"production_api_key": "c" * 32, "production_private_key": pair.private_key.pem}
    as_alice.post(CONFIGURATION, keys | {"active_environment": "production"})
    assert outside.calls == []


def test_the_first_save_switches_nothing(as_alice: Client, outside: Outside, pair: Credentials) -> None:
    outside.accept(PRODUCTION)
    as_alice.post(CONFIGURATION, sent(pair, PRODUCTION, active_environment="production"))
    assert active() is PRODUCTION


def test_the_first_pair_for_a_chosen_data_space_switches_only_when_asked_to(
    as_alice: Client, outside: Outside, pair: Credentials
) -> None:
    choose_identifier()
    outside.accept(PRODUCTION)
    first = form_of(as_alice.get(CONFIGURATION)) | sent(pair, PRODUCTION)
    assert COSTS[PRODUCTION] in text(as_alice.post(CONFIGURATION, first))
    assert active() is SANDBOX
    as_alice.post(CONFIGURATION, first | {"switches": "on"})
    assert active() is PRODUCTION


def test_before_a_data_space_is_chosen_no_payment_depends_on_it(
    as_alice: Client, pair_stored: None, other_pair: Credentials
) -> None:
    store(PRODUCTION, other_pair)
    as_alice.post(CONFIGURATION, {"active_environment": "production"})
    assert active() is PRODUCTION


def test_a_move_asks_where_it_switches(as_alice: Client, outside: Outside, connected: None) -> None:
    learn(SANDBOX, Cause.WRONG_ENVIRONMENT)
    outside.accept(PRODUCTION)
    asked = as_alice.post(f"{CONFIGURATION}move-pair/", {"environment": "sandbox"})
    assert COSTS[PRODUCTION] in text(asked)
    assert active() is SANDBOX
    assert outside.calls == []
    as_alice.post(f"{CONFIGURATION}move-pair/", {"environment": "sandbox", "switches": "on"})
    assert active() is PRODUCTION


def test_a_restored_pair_switches_nothing(as_alice: Client, accepted: None, pair: Credentials) -> None:
    connect(pair)
    as_alice.post(f"{CONFIGURATION}remove-keys/sandbox/", {"confirmation": "Sandbox"})
    be_in(PRODUCTION)
    as_alice.post(f"{CONFIGURATION}restore/sandbox/")
    assert connection.load().slots[SANDBOX].credentials == pair
    assert active() is PRODUCTION


def test_without_another_pair_the_question_leads_back(as_alice: Client, connected: None) -> None:
    response = as_alice.get(SWITCH, follow=True)
    assert response.redirect_chain == [(SETTINGS, 302)]
    assert "No Production keys are stored, so there is nothing to switch to." in text(response)


def test_a_locked_environment_is_not_asked_about(both_work: None, as_alice: Client, settings: Settings) -> None:
    lock(settings, active_environment="sandbox")
    assert as_alice.get(SWITCH)["Location"] == SETTINGS
    assert 'data-switch="' not in as_alice.get(CONFIGURATION).content.decode()


def test_a_save_asks_for_the_pair_that_is_missing(as_alice: Client, connected: None) -> None:
    choose_identifier()
    said = text(as_alice.get(CONFIGURATION))
    assert "No Production pair is stored: without one in this save, Payment Services stops working." in said


@pytest.mark.parametrize("address", [SWITCH, CONFIGURATION])
def test_the_question_says_that_the_other_pair_does_not_work(both_work: None, as_alice: Client, address: str) -> None:
    warning = "The Production pair does not work: without another one, Payment Services stops working."
    assert warning not in text(as_alice.get(address))
    learn(PRODUCTION, Cause.WRONG_ENVIRONMENT)
    assert f"{COSTS[PRODUCTION]} {warning}" in text(as_alice.get(address))
