"""Which signature the gateway accepts, and in which words it refuses the others."""

import base64
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc.jwk import RSAKey

from saas.models import ApiKey
from tests.saas.conftest import CLAIMS, Signer, compact, key_headers
from tests.saas.gateway.conftest import INVALID_JWT, PING

MALFORMED = {"message": "JWT is invalid", "detail": "token_malformed"}
SKEWED = {"message": "JWT is invalid", "detail": "clock_skew"}


def ping_with(token: str, api_key: ApiKey) -> Any:
    """Return the answer to a ping that `token` signs."""
    return Client().get(PING, headers=key_headers(api_key.api_key) | {"x-gw-signature": token})


def good_claims() -> dict[str, Any]:
    return {"exp": int(time.time()) + 300, **CLAIMS}


@pytest.mark.parametrize(
    "path",
    [
        PING,
        "/merchant-registry/index.html",
        "/gateway/sandbox/merchant-registry/v1/ping",
        "/gateway/sandbox/merchant-registry/index.html",
    ],
)
def test_it_accepts_a_good_signature(client: Client, api_key: ApiKey, sign: Signer, path: str) -> None:
    assert client.get(path, headers=sign(api_key.api_key)).status_code == 200


def test_it_refuses_another_private_key(client: Client, api_key: ApiKey, sign: Signer, other_rsa_key: RSAKey) -> None:
    response = client.get(PING, headers=sign(api_key.api_key, with_key=other_rsa_key))
    assert (response.status_code, response.json()) == (401, INVALID_JWT)


def test_it_judges_no_claim_before_the_signature(
    client: Client, api_key: ApiKey, sign: Signer, other_rsa_key: RSAKey
) -> None:
    response = client.get(PING, headers=sign(api_key.api_key, with_key=other_rsa_key, exp=1))
    assert response.json() == INVALID_JWT


@pytest.mark.parametrize("offset", [-61, 602, -(10**9), 10**400, float("inf"), float("nan")])
def test_it_refuses_a_time_out_of_range(client: Client, api_key: ApiKey, sign: Signer, offset: float) -> None:
    exp = offset if abs(offset) > 10**300 or offset != offset else int(time.time()) + offset  # noqa: PLR0124  (a NaN)
    response = client.get(PING, headers=sign(api_key.api_key, exp=exp))
    assert (response.status_code, response.json()) == (401, SKEWED)


@pytest.mark.parametrize("offset", [-55, 595])
def test_it_allows_a_little_skew(client: Client, api_key: ApiKey, sign: Signer, offset: int) -> None:
    assert client.get(PING, headers=sign(api_key.api_key, exp=int(time.time()) + offset)).status_code == 200


@pytest.mark.parametrize("name", ["exp", "iss", "sub", "aud"])
@pytest.mark.parametrize("value", [None, "another", True, ["https://a.example"]])
def test_it_refuses_a_missing_or_wrong_claim(
    client: Client, api_key: ApiKey, sign: Signer, name: str, value: Any
) -> None:
    response = client.get(PING, headers=sign(api_key.api_key, **{name: value}))
    assert (response.status_code, response.json()) == (401, MALFORMED)


@pytest.mark.parametrize("payload", [None, [], "text", 7])
def test_a_good_signature_over_no_claims_is_malformed(api_key: ApiKey, rsa_key: RSAKey, payload: Any) -> None:
    assert ping_with(compact(payload, rsa_key), api_key).json() == MALFORMED


@pytest.mark.parametrize(("offset", "status"), [(-600, 200), (55, 200), (65, 401)])
def test_a_token_is_not_good_before_its_time(
    client: Client, api_key: ApiKey, sign: Signer, offset: int, status: int
) -> None:
    response = client.get(PING, headers=sign(api_key.api_key, nbf=int(time.time()) + offset))
    assert response.status_code == status
    assert response.json().get("detail") == (None if status == 200 else SKEWED["detail"])


@pytest.mark.parametrize("nbf", ["soon", True, [1]])
def test_a_start_that_is_no_number_is_malformed(client: Client, api_key: ApiKey, sign: Signer, nbf: Any) -> None:
    assert client.get(PING, headers=sign(api_key.api_key, nbf=nbf)).json() == MALFORMED


def test_it_ignores_the_keys_that_a_token_brings(api_key: ApiKey, other_rsa_key: RSAKey) -> None:
    header = {"alg": "RS256", "jwk": other_rsa_key.as_dict(private=False), "jku": "https://a.example", "kid": "0"}
    assert ping_with(compact(good_claims(), other_rsa_key, header), api_key).json() == INVALID_JWT


def test_a_key_id_in_a_good_token_changes_nothing(api_key: ApiKey, rsa_key: RSAKey) -> None:
    token = compact(good_claims(), rsa_key, {"alg": "RS256", "kid": "another"})
    assert ping_with(token, api_key).status_code == 200


def test_it_refuses_another_algorithm(api_key: ApiKey, rsa_key: RSAKey) -> None:
    token = compact(good_claims(), rsa_key, {"alg": "RS512"})
    assert ping_with(token, api_key).json() == INVALID_JWT


def test_the_public_key_is_no_shared_secret(api_key: ApiKey) -> None:
    signed = f"{segment({'typ': 'JWT', 'alg': 'HS256'})}.{segment(good_claims())}"
    digest = hmac.digest(api_key.public_key.encode(), signed.encode(), "sha256")
    token = f"{signed}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"
    assert ping_with(token, api_key).json() == INVALID_JWT


def segment(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def other_spelling(token: str) -> str:
    """Change the unused bits of the signature's last character: it decodes to the same bytes."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return token[:-1] + alphabet[alphabet.index(token[-1]) ^ 1]


DAMAGES: dict[str, Callable[[str], str]] = {
    "empty": lambda _token: "",
    "padded": lambda token: token + "==",
    "without a signature": lambda token: token.rpartition(".")[0] + ".",
    "standard alphabet": lambda token: token.replace("-", "+").replace("_", "/") + "+",
    "twice": lambda token: f"{token}.{token}",
    "unused bits set": other_spelling,
    "huge": lambda token: "e" * 9000 + token,
    "with a blank": lambda token: f"{token} x",
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_it_refuses_another_spelling_of_a_token(
    client: Client, api_key: ApiKey, sign: Signer, damage: Callable[[str], str]
) -> None:
    headers = sign(api_key.api_key)
    spelt = {"x-gw-signature": damage(headers["x-gw-signature"])}
    assert client.get(PING, headers=headers | spelt).json() == INVALID_JWT


def test_an_unsigned_token_is_refused(api_key: ApiKey) -> None:
    token = f"{segment({'alg': 'none'})}.{segment(good_claims())}."
    assert ping_with(token, api_key).json() == INVALID_JWT


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    header=st.binary(max_size=400) | st.just(b"[" * 1200), payload=st.binary(max_size=100), raw=st.text(max_size=200)
)
def test_no_token_is_an_error_of_ours(api_key: ApiKey, header: bytes, payload: bytes, raw: str) -> None:
    segments = [base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (header, payload, b"x")]
    for token in (".".join(segments), raw.encode("utf-8", "replace").decode("latin-1")):
        assert ping_with(token, api_key).json() == INVALID_JWT


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    header=st.dictionaries(
        st.sampled_from(["alg", "crit", "b64", "typ", "kid", "zip"]), st.none() | st.lists(st.text())
    )
)
def test_no_header_of_a_token_is_an_error_of_ours(api_key: ApiKey, header: dict[str, Any]) -> None:
    token = f"{segment(header)}.e30.eA"
    assert ping_with(token, api_key).json() == INVALID_JWT
