"""The fault switch: page, command, and what the gateway then answers."""

import time
from email.utils import parsedate_to_datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from saas.models import ApiKey, Fault, Project
from tests.addresses import FAULTS
from tests.saas.conftest import Signer

SANDBOX_PING = "/gateway/sandbox/merchant-registry/v1/ping"
ROOT_PING = "/merchant-registry/v1/ping"


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("fault", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("kind", "status", "body"),
    [
        ("401", 401, {"message": "JWT is invalid"}),
        ("403", 403, {"error": {"message": "Client ID is invalid"}}),
        ("500", 500, {"status": 500, "error": "Internal Server Error"}),
        ("maintenance", 503, {"status": 503, "error": "Service Unavailable"}),
    ],
)
def test_the_gateway_answers_the_bare_words_of_the_real_one(
    client: Client, api_key: ApiKey, sign: Signer, kind: str, status: int, body: object
) -> None:
    run("sandbox", kind)
    response = client.get(SANDBOX_PING, headers=sign(api_key.api_key))
    assert (response.status_code, response.json()) == (status, body)


def test_the_fault_of_a_keys_environment_shows_at_the_root_too(client: Client, api_key: ApiKey, sign: Signer) -> None:
    run("sandbox", "500")
    assert client.get(ROOT_PING, headers=sign(api_key.api_key)).status_code == 500


def test_the_other_environment_is_left_alone(client: Client, api_key: ApiKey, sign: Signer) -> None:
    run("production", "500")
    assert client.get(SANDBOX_PING, headers=sign(api_key.api_key)).status_code == 200


@pytest.mark.django_db
def test_a_fault_meets_unknown_keys_at_its_own_gateway(client: Client) -> None:
    run("sandbox", "500")
    assert client.get(SANDBOX_PING).status_code == 500
    assert client.get(ROOT_PING).status_code == 403


@pytest.mark.parametrize(("kind", "status"), [("429", 429), ("maintenance", 503)])
def test_a_gateway_that_wants_a_pause_says_when_to_come_back(
    client: Client, api_key: ApiKey, sign: Signer, kind: str, status: int
) -> None:
    run("sandbox", kind, "--seconds", "17")
    response = client.get(SANDBOX_PING, headers=sign(api_key.api_key))
    assert (response.status_code, response["Retry-After"]) == (status, "17")


def test_a_refusal_without_a_reason_has_a_request_id(client: Client, api_key: ApiKey, sign: Signer) -> None:
    run("sandbox", "refused")
    response = client.get(SANDBOX_PING, headers=sign(api_key.api_key))
    assert (response.status_code, list(response.json())) == (403, ["message", "requestId"])


def test_odd_rows_are_in_the_list_alone(client: Client, api_key: ApiKey, sign: Signer) -> None:
    Project.objects.provision(api_key.account, "Shop")
    registry, headers = "/gateway/sandbox/merchant-registry/v1/registry", sign(api_key.api_key)
    run("sandbox", "odd-row")
    *_usual, odd, lost = client.get(registry, headers=headers).json()["results"]
    assert (odd["environmentName"], lost["environmentId"]) == (None, None)
    alone = client.get(f"{registry}/environments/{odd['environmentId']}", headers=headers).json()
    assert alone["environmentName"]


def test_an_account_without_a_data_space_has_no_odd_one(client: Client, api_key: ApiKey, sign: Signer) -> None:
    run("sandbox", "odd-row")
    answer = client.get("/gateway/sandbox/merchant-registry/v1/registry", headers=sign(api_key.api_key))
    assert answer.json() == {"results": []}


@pytest.mark.parametrize(("kind", "status"), [("garbage", 200), ("forbidden-html", 403)])
def test_something_else_answers_with_a_web_page(
    client: Client, api_key: ApiKey, sign: Signer, kind: str, status: int
) -> None:
    run("sandbox", kind)
    response = client.get(SANDBOX_PING, headers=sign(api_key.api_key))
    assert (response.status_code, response["Content-Type"]) == (status, "text/html; charset=utf-8")


@pytest.mark.parametrize("seconds", [900, -900])
def test_a_skewed_clock_shows_in_the_date(client: Client, api_key: ApiKey, sign: Signer, seconds: int) -> None:
    run("sandbox", "skewed", f"--seconds={seconds}")
    response = client.get(SANDBOX_PING, headers=sign(api_key.api_key))
    assert (response.status_code, response.json()) == (401, {"message": "JWT is invalid"})
    assert abs(parsedate_to_datetime(response["Date"]).timestamp() - time.time() - seconds) < 5


def test_slow_waits_and_answers_as_usual(
    client: Client, api_key: ApiKey, sign: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    run("sandbox", "slow", "--seconds", "7")
    assert client.get(SANDBOX_PING, headers=sign(api_key.api_key)).status_code == 200
    assert waits == [7]


def test_none_ends_a_fault(client: Client, api_key: ApiKey, sign: Signer) -> None:
    run("sandbox", "500")
    run("sandbox", "none")
    assert client.get(SANDBOX_PING, headers=sign(api_key.api_key)).status_code == 200


@pytest.mark.django_db
def test_the_command_lists_both_environments() -> None:
    assert run("sandbox", "slow") == "sandbox: slow (30 s)\nproduction: none\n"
    assert run() == "sandbox: slow (30 s)\nproduction: none\n"


@pytest.mark.django_db
@pytest.mark.parametrize("arguments", [["sandbox"], ["sandbox", "slow", "--seconds=-1"], ["sandbox", "odd"]])
def test_the_command_refuses_what_makes_no_sense(arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        run(*arguments)
    assert not Fault.objects.exists()


def test_the_page_switches_a_fault(may_switch: None, as_alice: Client) -> None:
    response = as_alice.post(FAULTS, {"environment": "production", "kind": "slow", "seconds": "5"})
    assert (response.status_code, response["Location"]) == (302, FAULTS)
    assert Fault.objects.get().seconds == 5
    assert "5 seconds" in as_alice.get(FAULTS).content.decode()


def test_the_page_says_what_is_wrong_with_a_number(may_switch: None, as_alice: Client) -> None:
    response = as_alice.post(FAULTS, {"environment": "production", "kind": "slow", "seconds": "-5"})
    assert "Enter 0 or more seconds" in response.content.decode()
    response = as_alice.post(FAULTS, {"environment": "production", "kind": "slow", "seconds": "121"})
    assert "Slow waits 120 seconds at most" in response.content.decode()
    assert not Fault.objects.exists()


def test_the_page_knows_two_environments(may_switch: None, as_alice: Client) -> None:
    assert as_alice.post(FAULTS, {"environment": "mars", "kind": "slow"}).status_code == 404
