"""The client says to the gateway what the real one says, and makes one typed error of whatever goes wrong."""

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
import responses
from joserfc import jws
from joserfc.jwk import RSAKey
from pytest_django import Settings
from responses import matchers

from connector.errors import GatewayError, Reason
from connector.gateway.client import Client, Credentials, DataSpace, Deadline, Identity, Listed, connect
from tests.connector.conftest import SANDBOX_URL
from tests.connector.gateway.servers import drop, say_nothing, serve
from tests.gateways import PROJECT_ID, SANDBOX, TESTING_ID, row

REGISTRY_URL = f"{SANDBOX_URL}merchant-registry/v1/registry"
PING_URL = f"{SANDBOX_URL}merchant-registry/v1/ping"


@pytest.fixture
def client(gateways: responses.RequestsMock, pair: Credentials) -> Client:
    return connect(SANDBOX, pair, Deadline(5))


def failure(call: Callable[[], object]) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        call()
    return caught.value


def signatures(gateways: responses.RequestsMock) -> list[str]:
    return [call.request.headers["x-gw-signature"] for call in gateways.calls]


def test_the_token_is_what_the_real_client_sends(
    client: Client, gateways: responses.RequestsMock, pair: Credentials
) -> None:
    gateways.get(PING_URL)
    client.ping()
    (token,) = signatures(gateways)
    checked = jws.deserialize_compact(token, RSAKey.import_key(pair.private_key.pem), algorithms=["RS256"])
    claims = json.loads(checked.payload)
    header = token.split(".")[0]
    assert base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)) == b'{"typ":"JWT","alg":"RS256"}'
    assert list(claims)[:3] == ["exp", "iss", "sub"]
    assert claims["aud"] == "https://ims-na1.adobelogin.com/c/9ec9d05f79eb443e8f76ce477b1e413c"
    assert sorted(name.rsplit("/", 1)[1] for name, value in claims.items() if value is True) == [
        "asset_compute_meta",
        "ent_adobeio_sdk",
        "ent_reactor_sdk",
        "event_receiver_api",
    ]
    assert claims["exp"] == pytest.approx(time.time() + 300, abs=5)


def test_both_headers_carry_the_api_key_and_it_names_itself(
    client: Client, gateways: responses.RequestsMock, pair: Credentials
) -> None:
    gateways.get(PING_URL)
    client.ping()
    headers = gateways.calls[0].request.headers
    assert headers["magento-api-key"] == headers["x-api-key"] == pair.api_key
    assert headers["User-Agent"].startswith("Commerce Admin/")
    assert "Content-Type" not in headers


def test_a_ping_signs_afresh_each_time(client: Client, gateways: responses.RequestsMock) -> None:
    gateways.get(PING_URL)
    client._token = "stale"
    client.ping()
    assert signatures(gateways) != ["stale"]


def test_other_calls_reuse_the_token(client: Client, gateways: responses.RequestsMock) -> None:
    gateways.get(REGISTRY_URL, json={"results": []})
    client.data_spaces()
    client.data_spaces()
    first, second = signatures(gateways)
    assert first == second


def test_a_token_is_replaced_a_minute_before_it_expires(client: Client, gateways: responses.RequestsMock) -> None:
    gateways.get(REGISTRY_URL, json={"results": []})
    client.data_spaces()
    client._token_expires_at = int(time.time()) + 59
    client.data_spaces()
    assert client._token_expires_at > time.time() + 250


def test_a_refused_token_is_signed_again_once(client: Client, gateways: responses.RequestsMock) -> None:
    gateways.get(REGISTRY_URL, json={"message": "JWT is invalid"}, status=401)
    assert failure(client.data_spaces).reason == Reason.JWT_INVALID
    assert len(gateways.calls) == 2


@pytest.mark.parametrize("host", ["commerce-beta.adobe.io", "commerce-beta.adobe.io:8443", "Commerce-Beta.adobe.io"])
def test_the_sandbox_of_adobe_has_a_ping_of_its_own(
    gateways: responses.RequestsMock, pair: Credentials, host: str
) -> None:
    gateways.get(f"https://{host}/merchant-registry/index.html", body="<html>")
    Client(f"https://{host}/", pair, deadline=Deadline(5)).ping()


def test_a_gateway_may_be_below_a_path(gateways: responses.RequestsMock, pair: Credentials) -> None:
    gateways.get("https://gateway.test/below/merchant-registry/v1/ping", body="anything")
    Client("https://gateway.test/below/", pair, deadline=Deadline(5)).ping()


def test_it_reads_the_rows_of_the_registry(client: Client, gateways: responses.RequestsMock) -> None:
    gateways.get(REGISTRY_URL, json={"results": [row()]})
    (space,) = client.data_spaces().spaces
    assert (space.id, space.type, space.name, space.features) == (TESTING_ID, "Testing", "Staging", None)


def test_a_single_data_space_has_its_features(client: Client, gateways: responses.RequestsMock) -> None:
    gateways.get(
        f"{REGISTRY_URL}/environments/{TESTING_ID}",
        json=row(featureSet=["Premium Search"]),
        match=[matchers.header_matcher({"Magento-Environment-Id": TESTING_ID, "x-saas-id": TESTING_ID})],
    )
    space = client.data_space(TESTING_ID)
    assert space.features == ("Premium Search",)
    assert DataSpace.from_json(json.loads(json.dumps(space.to_json()))) == space


def instances(gateways: responses.RequestsMock) -> list[str | None]:
    return [call.request.headers.get("X-Commerce-Instance-Id") for call in gateways.calls]


def test_an_instance_names_itself_in_every_call(gateways: responses.RequestsMock, pair: Credentials) -> None:
    gateways.get(PING_URL)
    gateways.get(REGISTRY_URL, json={"results": []})
    gateways.get(f"{REGISTRY_URL}/environments/{TESTING_ID}", json=row())
    client = connect(SANDBOX, pair, Deadline(5), Identity("our-id", "Été", TESTING_ID))
    client.ping()
    client.data_spaces()
    client.data_space(TESTING_ID)
    assert instances(gateways) == 3 * ["our-id"]
    assert gateways.calls[0].request.headers["X-Commerce-Instance-Name"] == "%C3%89t%C3%A9"


def test_looking_at_a_data_space_that_is_not_chosen_names_no_instance(
    gateways: responses.RequestsMock, pair: Credentials
) -> None:
    gateways.get(f"{REGISTRY_URL}/environments/{TESTING_ID}", json=row())
    gateways.get(f"{SANDBOX_URL}payments/onboarding/paypal", json={"result": {"status": "CREATED"}})
    client = connect(SANDBOX, pair, Deadline(5), Identity("our-id", "Luma", "another"))
    client.data_space(TESTING_ID)
    client.onboarding_status(TESTING_ID)
    assert instances(gateways) == [None, None]


def test_it_creates_a_project(client: Client, gateways: responses.RequestsMock) -> None:
    body = matchers.json_params_matcher({"projectName": "Été"})
    json_type = matchers.header_matcher({"Content-Type": "application/json"})
    gateways.post(f"{REGISTRY_URL}/initialize", json={"results": [row()]}, match=[body, json_type])
    assert client.create_project("Été")[0].project_id == PROJECT_ID


def test_a_created_project_without_a_row_is_malformed(client: Client, gateways: responses.RequestsMock) -> None:
    gateways.post(f"{REGISTRY_URL}/initialize", json={"results": []})
    assert failure(lambda: client.create_project("A")).reason == Reason.MALFORMED


def test_it_renames_both(client: Client, gateways: responses.RequestsMock) -> None:
    project, space = (
        matchers.json_params_matcher({"projectName": "A"}),
        matchers.json_params_matcher({"environmentName": "B"}),
    )
    gateways.patch(f"{REGISTRY_URL}/projects/{PROJECT_ID}", json={"results": [row()]}, match=[project])
    gateways.patch(f"{REGISTRY_URL}/environments/{TESTING_ID}", json=row(environmentName="B"), match=[space])
    assert len(client.rename_project(PROJECT_ID, "A")) == 1
    assert client.rename_data_space(TESTING_ID, "B").name == "B"


def test_it_reads_the_onboarding_status(client: Client, gateways: responses.RequestsMock) -> None:
    gateways.get(f"{SANDBOX_URL}payments/onboarding/paypal", json={"result": {"status": "COMPLETED"}})
    assert client.onboarding_status(TESTING_ID) == "COMPLETED"


@pytest.mark.parametrize("body", [{}, {"result": None}, {"result": {"status": "<b>"}}])
def test_an_onboarding_answer_without_a_status_is_malformed(
    client: Client, gateways: responses.RequestsMock, body: dict[str, Any]
) -> None:
    gateways.get(f"{SANDBOX_URL}payments/onboarding/paypal", json=body)
    assert failure(lambda: client.onboarding_status(TESTING_ID)).reason == Reason.MALFORMED


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


def test_an_odd_row_of_the_data_space_that_was_asked_for_is_read(
    client: Client, gateways: responses.RequestsMock
) -> None:
    gateways.get(f"{REGISTRY_URL}/environments/{TESTING_ID}", json={"environmentId": None, "featureSet": ["A"]})
    space = client.data_space(TESTING_ID)
    assert (space.id, space.name, space.features) == (TESTING_ID, TESTING_ID, ("A",))


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


def test_credentials_and_client_hide_in_their_repr(pair: Credentials) -> None:
    client = Client("https://user:canary@gateway.test:8443/x", pair, deadline=Deadline(1))
    assert repr(pair) == "Credentials()"
    assert not any(secret in repr(client) for secret in ("canary", pair.api_key, pair.private_key.pem))


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


def test_proxy_and_certificates_come_from_the_settings(settings: Settings, pair: Credentials) -> None:
    settings.GATEWAY_PROXY = "http://proxy.test:3128"
    settings.GATEWAY_CA_BUNDLE = "/etc/ca.pem"
    session = Client("https://proxied.test/", pair, deadline=Deadline(1))._session
    assert session._proxies["https"] == "http://proxy.test:3128"
    assert session._verify == "/etc/ca.pem"


def test_a_proxy_of_the_environment_does_not_count(pair: Credentials, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with serve(drop(times=0)) as url:
        assert Client(url, pair, deadline=Deadline(5)).data_spaces() == Listed()


def test_one_session_serves_a_gateway(pair: Credentials) -> None:
    first = Client("https://pooled.test/", pair, deadline=Deadline(1))
    assert Client("https://pooled.test", pair, deadline=Deadline(1))._session is first._session
