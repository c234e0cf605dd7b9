"""What the server's log says of a gateway that does not answer."""

import logging

import pytest
import requests
import responses

from connector.gateway import silence
from connector.gateway.client import Client, Credentials, Deadline, connect
from tests.connector.gateway.conftest import PING_URL, REGISTRY_URL, failure
from tests.connector.gateway.servers import say_nothing, serve
from tests.gateways import PRODUCTION

HOST = "sandbox.outside.test"


@pytest.fixture(autouse=True)
def _nothing_logged_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silence, "_logged_at", {})


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO)
    return caplog


@pytest.mark.parametrize(
    ("raised", "reason"),
    [
        (requests.exceptions.SSLError("canary"), "tls_failed"),
        (requests.ReadTimeout("canary"), "timeout"),
        (requests.ConnectionError("canary"), "unreachable"),
    ],
)
def test_a_gateway_that_does_not_answer_has_a_line_with_the_reason(
    client: Client, gateways: responses.RequestsMock, log: pytest.LogCaptureFixture, raised: Exception, reason: str
) -> None:
    gateways.get(PING_URL, body=raised)
    failure(client.ping)
    (line,) = log.records
    assert (line.levelname, line.getMessage()) == ("WARNING", f"No answer from the gateway {HOST}: {reason}.")
    assert vars(line)["reason"] == reason
    assert line.exc_info is None


def test_a_gateway_that_is_not_there_has_a_line(pair: Credentials, log: pytest.LogCaptureFixture) -> None:
    with serve(say_nothing) as url:
        pass
    failure(Client(url, pair, deadline=Deadline(5)).ping)
    assert log.messages == [f"No answer from the gateway {url.removeprefix('http://').strip('/')}: unreachable."]


@pytest.mark.parametrize("status", [403, 429, 500])
def test_a_refusal_has_no_line(
    client: Client, gateways: responses.RequestsMock, log: pytest.LogCaptureFixture, status: int
) -> None:
    gateways.get(PING_URL, status=status, json={})
    failure(client.ping)
    assert log.messages == []


def test_there_is_a_line_a_minute_for_each_gateway_and_reason(
    client: Client,
    gateways: responses.RequestsMock,
    pair: Credentials,
    log: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gateways.get(PING_URL, body=requests.ConnectionError())
    gateways.get(REGISTRY_URL, body=requests.exceptions.SSLError())
    other = connect(PRODUCTION, pair, Deadline(5))
    for _try in range(2):
        for call in (client.ping, client.data_spaces, other.ping):
            failure(call)
    assert [message.removeprefix("No answer from the gateway ") for message in log.messages] == [
        f"{HOST}: unreachable.",
        f"{HOST}: tls_failed.",
        "production.outside.test: unreachable.",
    ]
    monkeypatch.setattr(silence, "ONCE_IN_S", 0)
    failure(client.ping)
    assert len(log.messages) == 4
