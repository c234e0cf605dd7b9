"""`manage.py payments sync`, for shells and timers."""

import io
import re

import pytest
import requests
from django.core.management import CommandError, call_command
from pytest_django import Settings

from connector.gateway.client import Credentials
from connector.models import Verification
from connector.verification.causes import Cause
from payments.models import Order
from tests.factories import connect, learn, store
from tests.gateways import PRODUCTION, SANDBOX, Outside
from tests.payments.orders.reports import PATH, Reports
from tests.payments.orders.test_sync import before_storing

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("payments", "sync", *arguments, stdout=out)
    return int(str(ended.value.code)), out.getvalue()


def test_it_reads_every_environment_that_can_be_read(outside: Outside, connected: None) -> None:
    Reports(outside).send("1", "2")
    code, output = run()
    sandbox, production = output.splitlines()
    assert code == 0
    assert re.fullmatch(r"sandbox: 2 orders changed, up to date as of \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00\.", sandbox)
    assert production == "production: not read. There is no verified key pair for this environment."
    assert Order.objects.count() == 2


def test_it_counts_what_changed(outside: Outside, connected: None) -> None:
    reports = Reports(outside)
    reports.send("1", "2")
    run()
    reports.send("2", grand_total="90.00")
    assert "sandbox: 1 order changed, " in run("--environment", "sandbox")[1]


def test_a_failure_is_said_and_does_not_keep_the_other_environment_from_being_read(
    outside: Outside, pair: Credentials
) -> None:
    connect(pair)
    store(PRODUCTION, pair)
    learn(PRODUCTION)
    reports = Reports(outside, PRODUCTION)
    reports.send("1")
    outside.answer(SANDBOX, PATH, body=requests.ConnectionError())
    code, output = run()
    sandbox, production = output.splitlines()
    assert code == 1
    assert sandbox.startswith(
        "sandbox: unreachable, 0 orders changed. Commerce Services cannot be reached (sandbox.outside.test). "
    )
    assert sandbox.endswith("Ask the people who run your network to allow connections from this server to that host.")
    assert production.startswith("production: 1 order changed, ")
    assert pair.api_key not in output


@pytest.mark.parametrize(
    ("cause", "next_step"),
    [
        (Cause.KEY_REVOKED, "Generate a new key pair in the API Portal, "),
        (Cause.UNREACHABLE, "Ask the people who run your network to allow connections "),
    ],
)
def test_a_pair_that_is_not_verified_is_a_failure_with_its_next_step(
    outside: Outside, connected: None, cause: Cause, next_step: str
) -> None:
    Verification.objects.all().delete()
    learn(SANDBOX, cause)
    code, output = run("--environment", "sandbox")
    assert (code, outside.calls) == (1, [])
    assert output.startswith(f"sandbox: not read. There is no verified key pair for this environment. {next_step}")


def test_a_pair_that_was_never_verified_has_to_be_verified_first(outside: Outside, connected: None) -> None:
    Verification.objects.all().delete()
    code, output = run("--environment", "sandbox")
    assert code == 1
    assert output.endswith("Run manage.py connector verify sandbox.\n")


def test_an_environment_without_a_pair_is_no_failure(outside: Outside, connected: None) -> None:
    assert run("--environment", "production") == (
        0,
        "production: not read. There is no verified key pair for this environment.\n",
    )


def test_a_pause_that_the_gateway_asked_for_is_kept_and_said(outside: Outside, connected: None) -> None:
    outside.answer(SANDBOX, PATH, status=429, headers={"Retry-After": "600"})
    assert run("--environment", "sandbox")[1].startswith("sandbox: rate_limited, 0 orders changed.")
    asked = len(outside.calls)
    code, output = run("--environment", "sandbox")
    assert (code, len(outside.calls)) == (1, asked)
    assert re.fullmatch(
        r"sandbox: paused until \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00\. "
        r"Too many requests \(sandbox\.outside\.test\)\.\n",
        output,
    )


def test_a_run_that_meets_another_leaves_the_rest_to_it(
    outside: Outside, connected: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    Reports(outside).send("1", "2", "3")
    before_storing(monkeypatch, lambda: run("--environment", "sandbox"))
    code, output = run("--environment", "sandbox")
    assert (code, output) == (
        0,
        "sandbox: 2 orders changed. Another sync is running, and reads the rest.\n",
    )
    assert Order.objects.count() == 3


def test_a_quiet_run_prints_only_what_failed(outside: Outside, pair: Credentials) -> None:
    connect(pair)
    store(PRODUCTION, pair)
    learn(PRODUCTION)
    Reports(outside).send("1")
    outside.answer(PRODUCTION, PATH, body=requests.ConnectionError())
    code, output = run("--quiet")
    assert code == 1
    assert re.fullmatch(r"production: unreachable, [^\n]*\n", output)
    assert run("--quiet", "--environment", "sandbox") == (0, "")


def test_a_gateway_without_reports_is_no_failure_and_is_not_asked(outside: Outside, connected: None) -> None:
    Verification.objects.update(offers_reports=False)
    code, output = run("--environment", "sandbox")
    assert (code, outside.calls) == (0, [])
    assert output == "sandbox: not read. This gateway does not report orders. Look at them in the Admin of the store.\n"


def test_if_the_gateway_is_this_server_at_another_port_it_says_where_it_asks(
    connected: None, settings: Settings
) -> None:
    settings.STAND_IN_URL = "http://127.0.0.1:8123"
    settings.GATEWAY_URLS = {SANDBOX: "http://127.0.0.1:8123/gateway/sandbox/"}
    _code, output = run("--environment", "sandbox")
    assert "not read. This command asks the stand-in in this project at 127.0.0.1:8123" in output
    assert "put PORT=… in front of this command. Then run manage.py connector verify sandbox" in output


def test_an_environment_that_does_not_exist_is_refused(outside: Outside) -> None:
    with pytest.raises(CommandError, match="invalid choice: 'staging'"):
        call_command("payments", "sync", "--environment", "staging")
    with pytest.raises(CommandError, match="required: sync"):
        call_command("payments")
    assert outside.calls == []
