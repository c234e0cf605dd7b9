"""`manage.py connector verify`, for shells and schedulers."""

import json
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from connector.gateway.client import Credentials, host_of
from connector.models import Turn
from tests.connector.command_line.conftest import run
from tests.connector.gateway.servers import say_nothing, serve
from tests.factories import choose_identifier, connect
from tests.gateways import CLIENT_ID_INVALID, MAGE_ID, PRODUCTION, SANDBOX, Outside

pytestmark = pytest.mark.django_db


def environments(output: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(output)["environments"]
    return rows


def test_it_verifies_the_active_environment(accepted: None, pair_stored: None) -> None:
    ran = run("verify")
    assert (ran.code, ran.out) == (0, "sandbox: verified.\n")


def test_it_says_why_a_pair_does_not_work_and_what_to_do(outside: Outside, connected: None) -> None:
    outside.refuse(SANDBOX, CLIENT_ID_INVALID | {"detail": "key_revoked"})
    ran = run("verify", "sandbox")
    assert ran.code == 1
    assert "key_revoked. The Sandbox API key was deleted in the API Portal" in ran.out
    (row,) = environments(run("verify", "sandbox", "--json").out)
    assert ran.error == f"{row['next_step']}\n"


def test_it_prints_json_for_programs(accepted: None, pair: Credentials) -> None:
    connect(pair)
    choose_identifier()
    ran = run("verify", "--json", "sandbox", "production")
    sandbox, production = environments(ran.out)
    assert ran.code == 1
    assert (sandbox["is_verified"], sandbox["is_active"], sandbox["mage_id"]) == (True, True, MAGE_ID)
    assert (production["cause"], production["kind"]) == ("keys_missing", "local")
    assert pair.api_key not in ran.out


def test_it_says_to_start_the_stand_in_that_does_not_run(pair: Credentials, settings: Settings) -> None:
    connect(pair, PRODUCTION)
    with serve(say_nothing) as url:
        pass
    settings.STAND_IN_URL = url
    settings.GATEWAY_URLS = {"sandbox": url, "production": url}
    ran = run("verify", "sandbox", "production")
    assert ran.code == 2
    assert "unreachable" in ran.out
    assert f"at {host_of(url)}: start it with manage.py runserver" in ran.error
    assert ran.error.count("put PORT=… in front") == 1
    assert "network" not in ran.error


def test_it_says_that_somebody_else_is_asking(outside: Outside, connected: None) -> None:
    Turn.objects.begin(SANDBOX, timezone.now())
    assert "Somebody else is verifying sandbox now." in run("verify").error
    assert outside.calls == []
