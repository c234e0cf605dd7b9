"""`manage.py connector status`: what is known, without asking anybody."""

import json
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import Settings

from connector.gateway.client import Credentials
from connector.verification.causes import Cause
from tests.connector.command_line.conftest import run
from tests.factories import choose_identifier, connect, learn, lock, set_instance, store
from tests.gateways import LIVE_ID, MAGE_ID, PRODUCTION, PROJECT_ID, SANDBOX, TESTING_ID

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_sockets")]


def facts(out: str) -> dict[str, str]:
    """Return the printed facts, by what they are about and their label."""
    rows = (line.split("\t") for line in out.splitlines())
    return {f"{title} {label}": value for title, label, value in rows}


def test_it_shows_the_pair_who_set_it_and_where_it_leads(alice: User, pair: Credentials) -> None:
    connect(pair, user=alice)
    ran = run("status")
    shown = facts(ran.out)
    assert ran.code == 0
    assert shown["Connection State"] == "Connected to Sandbox as Fabrikam."
    assert shown["Connection Data space"] == "Staging (Testing)"
    assert shown["Sandbox API key"] == pair.api_key
    assert shown["Sandbox Private key"] == pair.private_key.fingerprint
    assert shown["Sandbox Set"].startswith("by alice, just now (")
    assert shown["Sandbox Last verified"].startswith("just now (")
    assert shown["Production State"] == "No keys yet"


def test_it_says_why_a_pair_does_not_work_and_what_to_do(connected: None) -> None:
    learn(SANDBOX, Cause.KEY_REVOKED)
    ran = run("status")
    shown = facts(ran.out)
    assert ran.code == 1
    assert shown["Sandbox State"] == str(Cause.KEY_REVOKED.label)
    assert shown["Sandbox Cause"].startswith("key_revoked: The Sandbox API key was deleted in the API Portal")
    assert shown["Sandbox Next step"].startswith("Generate a new key pair")
    assert shown["Sandbox Found"].startswith("just now (")


def test_without_an_answer_the_last_known_state_stays_on_show(connected: None) -> None:
    learn(SANDBOX, Cause.TIMEOUT)
    ran = run("status")
    shown = facts(ran.out)
    assert ran.code == 2
    assert shown["Sandbox State"] == "Verified"
    assert shown["Sandbox Cause"].startswith("timeout: ")
    assert {"Sandbox Last verified", "Sandbox Last tried"} <= shown.keys()


def test_nobody_knows_of_a_pair_that_was_never_verified(pair_stored: None) -> None:
    ran = run("status")
    assert ran.code == 2
    assert facts(ran.out)["Sandbox State"] == "Not verified yet"


def test_it_names_the_variable_that_sets_a_pair(connected: None, settings: Settings, pair: Credentials) -> None:
    lock(settings, sandbox_api_key=pair.api_key, sandbox_private_key=pair.private_key.pem)
    shown = facts(run("status").out)
    assert shown["Sandbox Set"] == "by CONNECTOR_SANDBOX_API_KEY and CONNECTOR_SANDBOX_PRIVATE_KEY"


def test_it_shows_the_way_back(pair: Credentials, other_pair: Credentials) -> None:
    store(SANDBOX, other_pair)
    learn(SANDBOX)
    store(SANDBOX, pair)
    assert facts(run("status").out)["Sandbox Former pair"].startswith(f"{other_pair.private_key.fingerprint}, until ")


def test_programs_get_it_as_json(pair: Credentials, alice: User) -> None:
    connect(pair, user=alice, data_space_id=LIVE_ID)
    set_instance(name="Shop EU")
    ran = run("status", "--json")
    known = json.loads(ran.out)
    sandbox, production = known["environments"]
    assert (ran.code, known["state"], known["is_connected"]) == (0, "connected", True)
    assert known["project"] == {"id": PROJECT_ID, "name": "Fabrikam EU"}
    assert known["data_space"] == {"id": LIVE_ID, "name": "Live", "type": "Production"}
    assert (known["instance_name"], known["active_environment"]) == ("Shop EU", SANDBOX)
    assert (sandbox["fingerprint"], sandbox["set_by"]) == (pair.private_key.fingerprint, "alice")
    assert (sandbox["mage_id"], sandbox["organization"], sandbox["cause"]) == (MAGE_ID, "Fabrikam", None)
    assert (production["cause"], production["api_key"], production["set_at"]) == ("keys_missing", None, None)


def test_nothing_chosen_is_null(pair_stored: None) -> None:
    known = json.loads(run("status", "--json").out)
    assert (known["project"], known["data_space"], known["variables"]) == (None, None, [])


def test_what_variables_set_is_named(connected: None, settings: Settings) -> None:
    lock(settings, project_id=PROJECT_ID, data_space_id=TESTING_ID)
    known = json.loads(run("status", "--json").out)
    assert known["variables"] == ["CONNECTOR_PROJECT_ID", "CONNECTOR_DATA_SPACE_ID"]


def test_no_private_key_is_shown(pair: Credentials, other_pair: Credentials) -> None:
    connect(pair)
    store(PRODUCTION, other_pair)
    choose_identifier()
    printed = run("status", "--json").out + run("status").out + run("status", screen=True).out
    secrets = [line for key in (pair, other_pair) for line in key.private_key.pem.splitlines()[1:-1]]
    assert not [line for line in secrets if line in printed]


def test_an_age_is_said_with_its_date(pair: Credentials) -> None:
    connect(pair)
    learn(SANDBOX, checked_at=timezone.now() - timedelta(minutes=4, seconds=5))
    assert facts(run("status").out)["Sandbox Last verified"].startswith("4 minutes ago (")
