"""Every failed call ends in one typed error; some calls are tried again, others never."""

import pytest
import requests
import responses

from connector.errors import Reason
from connector.gateway.client import Client, Credentials, Deadline, Listed
from tests.connector.gateway.conftest import PING_URL, REGISTRY_URL, failure
from tests.connector.gateway.servers import drop, say_nothing, serve


def test_a_refused_token_is_signed_again_once(client: Client, gateways: responses.RequestsMock) -> None:
    gateways.get(REGISTRY_URL, json={"message": "JWT is invalid"}, status=401)
    assert failure(client.data_spaces).reason == Reason.JWT_INVALID
    assert len(gateways.calls) == 2


def test_a_created_project_without_a_row_is_malformed(client: Client, gateways: responses.RequestsMock) -> None:
    gateways.post(f"{REGISTRY_URL}/initialize", json={"results": []})
    assert failure(lambda: client.create_project("A")).reason == Reason.MALFORMED


def test_an_id_that_would_name_another_path_is_not_found(client: Client) -> None:
    assert failure(lambda: client.data_space("../../ping")).reason == Reason.NOT_FOUND


@pytest.mark.parametrize("status", [200, 401, 403, 500])
def test_a_refusal_counts_whatever_the_status(client: Client, gateways: responses.RequestsMock, status: int) -> None:
    gateways.get(REGISTRY_URL, json={"error": {"message": "Client ID is invalid"}}, status=status)
    assert failure(client.data_spaces).reason == Reason.CLIENT_ID_INVALID


def test_the_status_in_the_body_counts(client: Client, gateways: responses.RequestsMock) -> None:
    gateways.get(REGISTRY_URL, json={"status": 404, "message": "Merchant registry not found", "requestId": "abc"})
    error = failure(client.data_spaces)
    assert (error.reason, error.status, error.request_id) == (Reason.NOT_FOUND, 404, "abc")


@pytest.mark.parametrize(
    ("status", "reason"),
    [(302, "malformed"), (404, "not_found"), (418, "refused"), (429, "rate_limited"), (500, "server_error")],
)
def test_a_status_has_its_reason(client: Client, gateways: responses.RequestsMock, status: int, reason: str) -> None:
    gateways.get(PING_URL, status=status, headers={"Location": "https://elsewhere.test/"}, body="{}")
    assert failure(client.ping).reason == reason
    assert len(gateways.calls) == 1


def test_it_says_how_long_to_wait(client: Client, gateways: responses.RequestsMock) -> None:
    gateways.get(PING_URL, status=429, headers={"Retry-After": "17"})
    assert failure(client.ping).retry_after_s == 17


@pytest.mark.parametrize("body", ["<html>", "[]", "{}", '{"results": 3}', "[" * 100_000, b"\xff"])
def test_an_unreadable_answer_is_malformed(client: Client, gateways: responses.RequestsMock, body: str | bytes) -> None:
    gateways.get(REGISTRY_URL, body=body)
    assert failure(client.data_spaces).reason == Reason.MALFORMED


def test_a_huge_body_is_malformed(client: Client, gateways: responses.RequestsMock) -> None:
    gateways.get(REGISTRY_URL, body=b" " * (5 * 1024 * 1024 + 1))
    assert failure(client.data_spaces).reason == Reason.MALFORMED


@pytest.mark.parametrize(
    ("raised", "reason"),
    [
        (requests.exceptions.SSLError(), "tls_failed"),
        (requests.ConnectTimeout(), "timeout"),
        (requests.ReadTimeout(), "timeout"),
        (requests.ConnectionError(), "unreachable"),
        (requests.exceptions.ProxyError(), "unreachable"),
    ],
)
def test_a_network_failure_has_its_reason(
    client: Client, gateways: responses.RequestsMock, raised: Exception, reason: str
) -> None:
    gateways.get(PING_URL, body=raised)
    assert failure(client.ping).reason == reason


def test_an_error_shows_neither_key_nor_body(
    client: Client, gateways: responses.RequestsMock, pair: Credentials
) -> None:
    gateways.get(PING_URL, status=500, body=f"secret {pair.api_key}")
    error = failure(client.ping)
    assert str(error) == "The gateway call failed: server_error, status 500."
    assert pair.api_key not in repr(error)


@pytest.mark.parametrize(
    "raised", [ValueError(), UnicodeDecodeError("x", b"", 0, 0, ""), LookupError(), OverflowError()]
)
def test_what_no_library_expected_of_an_answer_is_malformed(
    client: Client, gateways: responses.RequestsMock, raised: Exception
) -> None:
    gateways.get(PING_URL, body=raised)
    assert failure(client.ping).reason == Reason.MALFORMED


def test_a_past_deadline_sends_nothing(client: Client, gateways: responses.RequestsMock) -> None:
    client._deadline = Deadline(0)
    assert failure(client.ping).reason == Reason.TIMEOUT
    assert len(gateways.calls) == 0


def test_a_dropped_connection_is_tried_again(pair: Credentials) -> None:
    with serve(drop(times=1)) as url:
        assert Client(url, pair, deadline=Deadline(5)).data_spaces() == Listed()


def test_a_dropped_connection_is_tried_again_once_only(pair: Credentials) -> None:
    with serve(drop(times=2)) as url:
        assert failure(Client(url, pair, deadline=Deadline(5)).data_spaces).reason == Reason.UNREACHABLE


def test_a_call_that_changes_something_is_never_repeated(pair: Credentials) -> None:
    with serve(drop(times=1)) as url:
        client = Client(url, pair, deadline=Deadline(5))
        assert failure(lambda: client.create_project("A")).reason == Reason.UNREACHABLE


def test_nobody_listening_is_unreachable(pair: Credentials) -> None:
    with serve(say_nothing) as url:
        pass
    assert failure(Client(url, pair, deadline=Deadline(5)).ping).reason == Reason.UNREACHABLE
