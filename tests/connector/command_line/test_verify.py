"""`manage.py connector verify`, for shells and schedulers."""

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from connector.gateway.client import Credentials, host_of
from connector.models import Turn
from tests.connector.gateway.servers import say_nothing, serve
from tests.factories import choose_identifier, connect
from tests.gateways import CLIENT_ID_INVALID, MAGE_ID, PRODUCTION, SANDBOX, Outside

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> tuple[int, str, str]:
    out, error = io.StringIO(), io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("connector", "verify", *arguments, stdout=out, stderr=error)
    return int(str(ended.value.code)), out.getvalue(), error.getvalue()


def environments(output: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(output)["environments"]
    return rows


def test_it_verifies_the_active_environment(accepted: None, pair_stored: None) -> None:
    assert run()[:2] == (0, "sandbox: verified.\n")


def test_it_says_why_a_pair_does_not_work(outside: Outside, connected: None) -> None:
    outside.refuse(SANDBOX, CLIENT_ID_INVALID | {"detail": "key_revoked"})
    code, output, _error = run("sandbox")
    assert code == 1
    assert "key_revoked. The Sandbox API key was deleted in the API Portal" in output


def test_it_prints_json_for_programs(accepted: None, pair: Credentials) -> None:
    connect(pair)
    choose_identifier()
    code, output, _error = run("--json", "sandbox", "production")
    sandbox, production = environments(output)
    assert code == 1
    assert (sandbox["is_verified"], sandbox["is_active"], sandbox["mage_id"]) == (True, True, MAGE_ID)
    assert (production["cause"], production["kind"]) == ("keys_missing", "local")
    assert pair.api_key not in output


def test_an_environment_that_does_not_exist_is_refused(outside: Outside) -> None:
    with pytest.raises(CommandError, match="No environment is called staging") as ended:
        call_command("connector", "verify", "staging")
    assert ended.value.returncode == 1
    assert outside.calls == []


def test_it_says_to_start_the_stand_in_that_does_not_run(pair: Credentials, settings: Settings) -> None:
    connect(pair, PRODUCTION)
    with serve(say_nothing) as url:
        pass
    settings.STAND_IN_URL = url
    settings.GATEWAY_URLS = {"sandbox": url, "production": url}
    code, output, error = run("sandbox", "production")
    assert code == 2
    assert "unreachable" in output
    assert f"at {host_of(url)}: start it with manage.py runserver" in error
    assert error.count("put PORT=… in front") == 1


def test_it_says_that_somebody_else_is_asking(outside: Outside, connected: None) -> None:
    Turn.objects.begin(SANDBOX, timezone.now())
    _code, _said, error = run()
    assert "Somebody else is verifying sandbox now." in error
    assert outside.calls == []
