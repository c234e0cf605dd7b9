"""The client sends the gateway what the real client sends, and reads its answers."""

import base64
import json
import time

import pytest
import responses
from joserfc import jws
from joserfc.jwk import RSAKey
from pytest_django import Settings
from responses import matchers

from connector.errors import Reason
from connector.gateway.client import Client, Credentials, DataSpace, Deadline, Identity, Listed, connect
from tests.connector.gateway.conftest import PING_URL, REGISTRY_URL, failure
from tests.connector.gateway.servers import drop, serve
from tests.gateways import PROJECT_ID, SANDBOX, TESTING_ID, row


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
    client = connect(SANDBOX, pair, Deadline(5), Identity("our-id", "Luma", "another"))
    client.data_space(TESTING_ID)
    assert instances(gateways) == [None]


def test_it_creates_a_project(client: Client, gateways: responses.RequestsMock) -> None:
    body = matchers.json_params_matcher({"projectName": "Été"})
    json_type = matchers.header_matcher({"Content-Type": "application/json"})
    gateways.post(f"{REGISTRY_URL}/initialize", json={"results": [row()]}, match=[body, json_type])
    assert client.create_project("Été")[0].project_id == PROJECT_ID


def test_it_renames_both(client: Client, gateways: responses.RequestsMock) -> None:
    project, space = (
        matchers.json_params_matcher({"projectName": "A"}),
        matchers.json_params_matcher({"environmentName": "B"}),
    )
    gateways.patch(f"{REGISTRY_URL}/projects/{PROJECT_ID}", json={"results": [row()]}, match=[project])
    gateways.patch(f"{REGISTRY_URL}/environments/{TESTING_ID}", json=row(environmentName="B"), match=[space])
    assert len(client.rename_project(PROJECT_ID, "A")) == 1
    assert client.rename_data_space(TESTING_ID, "B").name == "B"


def test_it_reads_and_sets_the_cloud_id_of_a_data_space(client: Client, gateways: responses.RequestsMock) -> None:
    space = f"{REGISTRY_URL}/environments/{TESTING_ID}"
    of_it = matchers.header_matcher({"Magento-Environment-Id": TESTING_ID, "x-saas-id": TESTING_ID})
    gateways.get(space, json=row(cloudId="abc123"), match=[of_it])
    gateways.put(f"{space}/cloudid/def456", json={"status": 200}, match=[of_it])
    assert client.cloud_id(TESTING_ID) == "abc123"
    client.set_cloud_id(TESTING_ID, "def456")
    assert len(gateways.calls) == 2


@pytest.mark.parametrize("value", [None, 7, ["abc"], "", "\x1b\x07", {"id": "abc"}])
def test_a_cloud_id_that_is_no_text_is_none(client: Client, gateways: responses.RequestsMock, value: object) -> None:
    gateways.get(f"{REGISTRY_URL}/environments/{TESTING_ID}", json=row(cloudId=value))
    assert client.cloud_id(TESTING_ID) == ""


def test_a_cloud_id_loses_what_commands_a_terminal_and_its_length(
    client: Client, gateways: responses.RequestsMock
) -> None:
    gateways.get(f"{REGISTRY_URL}/environments/{TESTING_ID}", json=row(cloudId="\x1b[31m" + 300 * "x"))
    assert client.cloud_id(TESTING_ID) == "[31m" + 250 * "x" + "…"


@pytest.mark.parametrize("cloud_id", ["", "..", "a/b", "a b", "a?b", "é"])
def test_a_cloud_id_that_would_name_another_address_is_not_sent(
    client: Client, gateways: responses.RequestsMock, cloud_id: str
) -> None:
    assert failure(lambda: client.set_cloud_id(TESTING_ID, cloud_id)).reason == Reason.NOT_FOUND
    assert len(gateways.calls) == 0


def test_it_cleans_a_data_space_up(client: Client, gateways: responses.RequestsMock) -> None:
    body = matchers.json_params_matcher({"environmentName": "Staging"})
    address = f"{REGISTRY_URL}/environments/{TESTING_ID}/cleanup"
    gateways.post(address, json=row(environmentId=None), match=[body])
    assert client.clean_up(TESTING_ID, "Staging").id == TESTING_ID


@pytest.mark.parametrize("answer", ["", "[]", "null", '{"status": 404}', '{"message": "JWT is invalid"}', "{" * 9999])
def test_an_answer_that_says_nothing_is_no_success(
    client: Client, gateways: responses.RequestsMock, answer: str
) -> None:
    space = f"{REGISTRY_URL}/environments/{TESTING_ID}"
    gateways.put(f"{space}/cloudid/abc", body=answer)
    gateways.post(f"{space}/cleanup", body=answer)
    failure(lambda: client.set_cloud_id(TESTING_ID, "abc"))
    failure(lambda: client.clean_up(TESTING_ID, "Staging"))


def test_an_odd_row_of_the_data_space_that_was_asked_for_is_read(
    client: Client, gateways: responses.RequestsMock
) -> None:
    gateways.get(f"{REGISTRY_URL}/environments/{TESTING_ID}", json={"environmentId": None, "featureSet": ["A"]})
    space = client.data_space(TESTING_ID)
    assert (space.id, space.name, space.features) == (TESTING_ID, TESTING_ID, ("A",))


def test_credentials_and_client_hide_in_their_repr(pair: Credentials) -> None:
    client = Client("https://user:canary@gateway.test:8443/x", pair, deadline=Deadline(1))
    assert repr(pair) == "Credentials()"
    assert not any(secret in repr(client) for secret in ("canary", pair.api_key, pair.private_key.pem))


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
