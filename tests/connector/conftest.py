"""Keys that are generated once per run and never stored, and a gateway that answers what a test says."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import responses
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from pytest_django import Settings

from connector.environment import Environment
from connector.gateway.client import Credentials
from connector.keys import pem
from connector.models import KeyPair

API_KEY = "0123456789abcdef0123456789abcdef"
SANDBOX_URL = "https://sandbox.test/"
PRODUCTION_URL = "https://production.test/below/"
DATA_SPACE_ID = "6f1b1b5e-5f5d-4d0e-9d5e-3b1c9a1f0c01"
PROJECT_ID = "9d2ab1f8-0a7c-4c0e-8a45-2f0b6c4b7a02"
MAGE_ID = "MAG001122334"


def pkcs8(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def before_sealing(patch: pytest.MonkeyPatch, act: Callable[[], object], number: int = 1) -> None:
    """Do something before the `number`th value is encrypted: after it was read and before it is written."""
    calls = itertools.count(1)
    seal = KeyPair.seal

    def sealed(pair: KeyPair, column: str, plain: str) -> str:
        if next(calls) == number:
            act()
        return seal(pair, column, plain)

    patch.setattr(KeyPair, "seal", sealed)


@pytest.fixture(scope="session")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture(scope="session")
def private_key_pem(rsa_key: rsa.RSAPrivateKey) -> str:
    return pkcs8(rsa_key)


@pytest.fixture(scope="session")
def other_private_key_pem() -> str:
    return pkcs8(rsa.generate_private_key(65537, 2048))


@pytest.fixture(scope="session")
def short_key_pem() -> str:
    return pkcs8(rsa.generate_private_key(65537, 1024))  # noqa: S505  (it is there to be refused)


@pytest.fixture(scope="session")
def ec_key_pem() -> str:
    return pkcs8(ec.generate_private_key(ec.SECP256R1()))


@pytest.fixture(scope="session")
def private_key(private_key_pem: str) -> pem.PrivateKey:
    return pem.parse(private_key_pem)


@pytest.fixture(scope="session")
def credentials(private_key: pem.PrivateKey) -> Credentials:
    return Credentials(API_KEY, private_key)


@pytest.fixture
def gateways(settings: Settings) -> Iterator[responses.RequestsMock]:
    """Two gateways outside, which answer nothing that a test has not said."""
    settings.GATEWAY_URLS = {Environment.SANDBOX.value: SANDBOX_URL, Environment.PRODUCTION.value: PRODUCTION_URL}
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
        yield mocked


@pytest.fixture
def registry_row() -> Callable[..., dict[str, Any]]:
    """Make a row of the merchant registry."""

    def make(**changes: Any) -> dict[str, Any]:
        row = {
            "environmentId": DATA_SPACE_ID,
            "mageId": MAGE_ID,
            "organizationName": "Northwind Outdoor",
            "projectId": PROJECT_ID,
            "projectName": "Shop",
            "environmentType": "Testing",
            "environmentName": "Staging",
            "accountGroup": "ignored",
        }
        return row | changes

    return make
