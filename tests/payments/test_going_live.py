"""The switch to Production waits for live onboarding, on every way to it."""

import pytest
from django.test import Client

from backend.audit.models import LoggedAction
from connector import connection
from connector.environment import Environment
from connector.gateway.client import Credentials
from connector.models import KeyPair
from connector.verification.causes import Cause
from tests.addresses import CONFIGURATION, PAYMENT_SERVICES
from tests.factories import know_merchant, learn, set_instance, store
from tests.gateways import LIVE_ID, PRODUCTION, PROJECT_ID, SANDBOX, Outside
from tests.markup import text

pytestmark = pytest.mark.django_db
SWITCH = f"{PAYMENT_SERVICES}switch-environment/"
REFUSED = "Live onboarding is not completed (Live payments pending)"


@pytest.fixture(autouse=True)
def _both_pairs(connected: None, other_pair: Credentials) -> None:
    store(PRODUCTION, other_pair)
    learn(PRODUCTION)


def switch(client: Client) -> str:
    return text(client.post(SWITCH, {"environment": "production"}, follow=True))


def save(client: Client) -> str:
    return text(client.post(CONFIGURATION, {"active_environment": "production", "switches": "on"}, follow=True))


@pytest.mark.parametrize("ask", [switch, save])
def test_without_live_onboarding_it_is_refused(as_bob: Client, ask: object) -> None:
    know_merchant(PRODUCTION, "STARTED")
    assert callable(ask)
    assert REFUSED in ask(as_bob)
    assert connection.load().active_environment is SANDBOX
    row = LoggedAction.objects.get(action="environment_switched")
    assert (row.result, row.cause) == ("refused", "not_onboarded")


@pytest.mark.parametrize("ask", [switch, save])
def test_with_live_onboarding_it_is_done(as_bob: Client, ask: object) -> None:
    know_merchant(PRODUCTION, "COMPLETED")
    assert callable(ask)
    ask(as_bob)
    assert connection.load().active_environment is PRODUCTION


def test_the_dialog_names_the_missing_step_and_offers_no_switch(as_bob: Client) -> None:
    know_merchant(PRODUCTION, "STARTED")
    dialog = as_bob.get(SWITCH, headers={"x-requested-with": "fetch"})
    assert f"No switch to Production yet {REFUSED}" in text(dialog)
    assert '<form method="post"' not in dialog.content.decode()
    assert f'href="{PAYMENT_SERVICES}#onboarding-production"' in dialog.content.decode()


def test_the_dialog_of_the_configuration_offers_no_switch_either(as_bob: Client) -> None:
    know_merchant(PRODUCTION, "STARTED")
    dialog = as_bob.get(CONFIGURATION).content.decode().split('id="switch-environment"')[1].split("</dialog>")[0]
    assert "Live onboarding is not completed" in dialog
    assert 'name="switches"' not in dialog


def test_an_unknown_status_warns_and_refuses_nothing(as_bob: Client) -> None:
    said = text(as_bob.get(SWITCH))
    assert "It is not known whether live onboarding is completed" in said
    assert "real cards are charged from now on" in said
    switch(as_bob)
    assert connection.load().active_environment is PRODUCTION


def test_the_way_back_to_the_sandbox_is_free(as_bob: Client) -> None:
    set_instance(active_environment=PRODUCTION)
    know_merchant(SANDBOX, "CREATED")
    as_bob.post(SWITCH, {"environment": "sandbox"})
    assert connection.load().active_environment is SANDBOX


@pytest.mark.parametrize(
    ("here", "there", "active"), [("COMPLETED", "STARTED", SANDBOX), ("STARTED", "COMPLETED", PRODUCTION)]
)
def test_the_data_space_that_is_chosen_with_it_counts(
    as_bob: Client, outside: Outside, here: str, there: str, active: Environment
) -> None:
    know_merchant(PRODUCTION, here)
    know_merchant(PRODUCTION, there, data_space_id=LIVE_ID)
    outside.accept(PRODUCTION)
    sent = {"active_environment": "production", "switches": "on", "project_id": PROJECT_ID, "data_space_id": LIVE_ID}
    said = text(as_bob.post(CONFIGURATION, sent, follow=True))
    assert (REFUSED in said) == (active is SANDBOX)
    assert connection.load().active_environment is active


def test_moving_a_pair_is_no_way_around_it(as_bob: Client) -> None:
    KeyPair.objects.filter(environment=PRODUCTION).delete()
    learn(SANDBOX, Cause.WRONG_ENVIRONMENT)
    know_merchant(PRODUCTION, "STARTED")
    sent = {"environment": "sandbox", "switches": "on"}
    assert REFUSED in text(as_bob.post(f"{CONFIGURATION}move-pair/", sent, follow=True))
    assert connection.load().active_environment is SANDBOX
