"""`manage.py connector switch`, `cloud-id` and `clean-up`."""

from collections.abc import Callable

import pytest
from pytest_django import Settings

from backend.audit.models import LoggedAction
from connector import connection
from connector.gateway.client import Credentials
from tests.connector.command_line.conftest import Ran, run
from tests.factories import connect, know_merchant, learn, lock, set_instance, store
from tests.gateways import PRODUCTION, REGISTRY, ROWS, SANDBOX, TESTING_ID, Outside, row

pytestmark = pytest.mark.django_db
SPACE = f"{REGISTRY}/environments/{TESTING_ID}"


@pytest.fixture
def both(pair: Credentials) -> None:
    """Both pairs work, the sandbox is active, and both are onboarded."""
    connect(pair)
    store(PRODUCTION, pair)
    learn(PRODUCTION)
    know_merchant(PRODUCTION, "COMPLETED")


def active() -> str:
    return connection.load().active_environment


@pytest.mark.parametrize(
    ("target", "cost"),
    [(PRODUCTION, "real cards are charged from now on."), (SANDBOX, "your shop stops taking real payments.")],
)
def test_switching_asks_in_both_directions(both: None, target: str, cost: str) -> None:
    set_instance(active_environment=SANDBOX if target == PRODUCTION else PRODUCTION)
    ran = run("switch", target)
    assert (ran.code, active() != target) == (1, True)
    assert f"{cost} Nothing was changed: confirm it with --confirm {target.title()}." in ran.error
    assert run("switch", target, "--confirm", target).out == f"{target.title()} is the active environment now.\n"
    assert active() == target


def test_a_person_at_a_terminal_types_it(both: None, types: Callable[[str], None]) -> None:
    types("Production")
    assert run("switch", PRODUCTION, screen=True).code == 0
    assert active() == PRODUCTION


def test_the_active_environment_stays_without_a_question(both: None) -> None:
    assert run("switch", SANDBOX) == Ran(0, "Sandbox is the active environment now.\n", "")
    assert not LoggedAction.objects.filter(action="environment_switched").exists()


def test_without_live_onboarding_it_is_refused_and_not_asked(both: None) -> None:
    know_merchant(PRODUCTION, "STARTED", data_space_id="other")
    set_instance(data_space_id="other")
    ran = run("switch", PRODUCTION, "--confirm", "production")
    assert (ran.code, active()) == (1, SANDBOX)
    assert ran.error.startswith("Live onboarding is not completed")


def test_an_environment_without_keys_is_refused_with_what_to_do(connected: None) -> None:
    ran = run("switch", PRODUCTION, "--confirm", "production")
    assert (ran.code, active()) == (1, SANDBOX)
    assert ran.error.startswith("The Production environment needs an API key and its private key")


def test_what_a_variable_sets_is_not_switched_here(both: None, settings: Settings) -> None:
    lock(settings, active_environment=SANDBOX)
    ran = run("switch", PRODUCTION, "--confirm", "production")
    assert ran == Ran(
        1, "", "An environment variable sets this. Change it there and restart the server. Nothing was done here.\n"
    )


def test_the_cloud_id_is_printed_and_set(outside: Outside, connected: None) -> None:
    outside.accept(SANDBOX, rows=(row(cloudId="abc\x1b[2J"), *ROWS[1:]))
    outside.answer(SANDBOX, f"{SPACE}/cloudid/def456", "PUT", json={"status": 200})
    assert run("cloud-id") == Ran(0, "abc[2J\n", "")
    assert run("cloud-id", "def456") == Ran(0, "The cloud id of the data space Staging was set.\n", "")
    assert f"PUT https://sandbox.outside.test/{SPACE}/cloudid/def456" in outside.calls


def test_without_a_cloud_id_nothing_is_printed_for_a_script(accepted: None, connected: None) -> None:
    assert run("cloud-id") == Ran(0, "", "The data space Staging has no cloud id.\n")


@pytest.mark.parametrize("value", ["", "a b", "../x", "x" * 65, "é"])
def test_what_is_no_cloud_id_is_not_sent(outside: Outside, connected: None, value: str) -> None:
    ran = run("cloud-id", value)
    assert outside.calls == []
    assert ran.code == 1


def test_cleaning_up_asks_for_the_name_of_the_data_space(outside: Outside, connected: None) -> None:
    outside.accept(SANDBOX)
    outside.answer(SANDBOX, f"{SPACE}/cleanup", "POST", json=row())
    ran = run("clean-up", "--confirm", "sandbox")
    assert (ran.code, outside.calls) == (1, [])
    assert ran.error.startswith("“Staging” becomes as empty as a new data space: onboarding, orders and all else")
    assert run("clean-up", "--confirm", "staging") == Ran(0, "The data space Staging was cleaned up.\n", "")
    done = LoggedAction.objects.get(action="data_space_cleaned")
    assert (done.subject, done.before.splitlines()[1]) == ("Staging", f"id: {TESTING_ID}")


def test_without_a_data_space_there_is_nothing_to_clean_up(outside: Outside, pair_stored: None) -> None:
    assert run("clean-up").error == "There is no project or data space to change. Choose one and save first.\n"
