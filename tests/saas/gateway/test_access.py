"""Which API key may call the gateway, at which addresses, and what a call costs."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from joserfc.jwk import RSAKey

from saas.models import Account, ApiKey, Fault
from tests.saas.conftest import Signer, instance_headers
from tests.saas.factories import ApiKeyFactory
from tests.saas.gateway.conftest import INVALID_JWT, PING, invalid_client


def test_it_answers_head_like_get(client: Client, api_key: ApiKey, sign: Signer) -> None:
    response = client.head(PING, headers=sign(api_key.api_key))
    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.parametrize("name", ["x-api-key", "magento-api-key"])
def test_one_of_the_two_key_headers_is_enough(client: Client, api_key: ApiKey, sign: Signer, name: str) -> None:
    headers = sign(api_key.api_key)
    sent = {name: headers[name], "x-gw-signature": headers["x-gw-signature"]}
    assert client.get(PING, headers=sent).status_code == 200


def test_it_refuses_two_key_headers_that_differ(client: Client, api_key: ApiKey, sign: Signer) -> None:
    other = ApiKeyFactory.create(account=api_key.account, public_key=api_key.public_key)
    response = client.get(PING, headers=sign(api_key.api_key) | {"x-api-key": other.api_key})
    assert (response.status_code, response.json()) == (403, invalid_client("api_key_unknown"))


@pytest.mark.parametrize("sent", ["", "0" * 32, "A" * 32, "x", "{key},{key}", "\u00e9" * 32])
def test_it_refuses_an_unknown_key(client: Client, api_key: ApiKey, sign: Signer, sent: str) -> None:
    response = client.get(PING, headers=sign(sent.format(key=api_key.api_key)))
    assert (response.status_code, response.json()) == (403, invalid_client("api_key_unknown"))


def test_it_says_that_a_key_was_deleted(client: Client, api_key: ApiKey, sign: Signer) -> None:
    api_key.delete_at(timezone.now())
    response = client.get(PING, headers=sign(api_key.api_key))
    assert (response.status_code, response.json()) == (403, invalid_client("key_revoked"))


def test_a_key_that_is_to_be_deleted_is_accepted_until_then(client: Client, api_key: ApiKey, sign: Signer) -> None:
    api_key.delete_at(timezone.now() - timedelta(hours=23), timedelta(hours=24))
    assert client.get(PING, headers=sign(api_key.api_key)).status_code == 200
    ApiKey.objects.update(deleted_at=timezone.now() - timedelta(seconds=1))
    assert client.get(PING, headers=sign(api_key.api_key)).json() == invalid_client("key_revoked")


def test_an_environments_gateway_refuses_the_other_ones_keys(client: Client, api_key: ApiKey, sign: Signer) -> None:
    response = client.get(f"/gateway/production{PING}", headers=sign(api_key.api_key))
    assert (response.status_code, response.json()) == (403, invalid_client("wrong_environment"))


def test_a_mismatched_pair_is_not_said_to_belong_to_the_other_environment(
    client: Client, api_key: ApiKey, sign: Signer, other_rsa_key: RSAKey
) -> None:
    elsewhere = f"/gateway/production{PING}"
    response = client.get(elsewhere, headers=sign(api_key.api_key, with_key=other_rsa_key))
    assert (response.status_code, response.json()) == (403, invalid_client("api_key_unknown"))


def test_clients_without_a_private_key_check_the_api_key_alone(client: Client, api_key: ApiKey) -> None:
    path = "/gateway/apikeycheck"
    assert client.get(path, headers={"magento-api-key": api_key.api_key}).status_code == 200
    assert client.get(path, headers={"magento-api-key": "0" * 32}).status_code == 403


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_ping_answers_no_other_method(client: Client, api_key: ApiKey, sign: Signer, method: str) -> None:
    response = getattr(client, method)(PING, headers=sign(api_key.api_key))
    assert (response.status_code, response["Allow"]) == (405, "GET")


UNKNOWN_CALLS = [
    "/merchant-registry",
    "/merchant-registry/v1/nothing",
    "/merchant-registry/v1/registry/",
    "/payments/nothing",
    "/gateway/nothing",
    "/gateway/sandbox/payments/nothing",
]


@pytest.mark.parametrize("path", UNKNOWN_CALLS)
def test_an_unknown_call_with_wrong_keys_is_refused_like_any_other(
    client: Client, api_key: ApiKey, sign: Signer, other_rsa_key: RSAKey, path: str
) -> None:
    assert client.get(path).json() == invalid_client("api_key_unknown")
    assert client.get(path, headers=sign(api_key.api_key, with_key=other_rsa_key)).json() == INVALID_JWT
    response = client.post(path, headers=sign(api_key.api_key))
    assert (response.status_code, response.json()["message"]) == (404, "Merchant registry not found")


def test_an_unknown_call_meets_the_fault_of_its_environment(client: Client, api_key: ApiKey, sign: Signer) -> None:
    Fault.objects.switch("sandbox", "500", 0)
    response = client.get("/payments/nothing", headers=sign(api_key.api_key))
    assert (response.status_code, response.json()) == (500, {"status": 500, "error": "Internal Server Error"})


def test_wrong_keys_are_refused_whatever_the_method(client: Client, db: None) -> None:
    assert client.delete(PING).json() == invalid_client("api_key_unknown")


@pytest.mark.parametrize("path", ["/exports", "/feeds/products", "/cabp-org/", "/ims/token"])
def test_another_service_of_the_host_is_not_found_in_json(client: Client, path: str) -> None:
    response = client.get(path)
    assert (response.status_code, response.json()["status"]) == (404, 404)


def test_a_ping_with_a_key_that_is_to_be_deleted_costs_no_more(
    client: Client, api_key: ApiKey, sign: Signer, django_assert_num_queries: Any
) -> None:
    api_key.delete_at(timezone.now(), timedelta(hours=24))
    client.get(PING, headers=sign(api_key.api_key))
    with django_assert_num_queries(1):
        client.get(PING, headers=sign(api_key.api_key) | instance_headers())


def add_keys(account: Account, public_key: str, count: int) -> None:
    """Insert rows past the ORM, which would take ten times as long."""
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    first = (account.pk, "sandbox", "x", public_key, now)
    rows = [(*first, uuid.uuid4().hex, f"{number:032x}") for number in range(count)]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO saas_apikey (account_id, environment, name, public_key, created_at, id, api_key)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            rows,
        )


def test_a_ping_costs_the_same_among_a_hundred_thousand_keys(
    client: Client, account: Account, api_key: ApiKey, sign: Signer, django_assert_num_queries: Any
) -> None:
    add_keys(account, api_key.public_key, 100_000)
    api_key.record("last_used", timezone.now())
    with django_assert_num_queries(1) as queries:
        assert client.get(PING, headers=sign(api_key.api_key)).status_code == 200
    with connection.cursor() as cursor:
        cursor.execute(f"{connection.ops.explain_query_prefix()} {queries[0]['sql']}")
        plan = str(cursor.fetchall())
    assert "saas_apikey_api_key_unique" in plan or "USING INDEX sqlite_autoindex_saas_apikey" in plan
