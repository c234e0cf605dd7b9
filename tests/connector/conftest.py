"""Keys that are generated once per run and never stored, and the mock of both gateways."""

import itertools
from collections.abc import Callable

import pytest
import responses
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from connector.keys import pem
from connector.models import KeyPair
from tests.conftest import new_private_key
from tests.gateways import GATEWAY_URLS, PRODUCTION, SANDBOX, Outside

API_KEY = "0123456789abcdef0123456789abcdef"
SANDBOX_URL, PRODUCTION_URL = GATEWAY_URLS[SANDBOX], GATEWAY_URLS[PRODUCTION]


def pkcs8(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def pkcs1(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    ).decode()


def before_sealing(patch: pytest.MonkeyPatch, act: Callable[[], object], number: int = 1) -> None:
    """Call `act` before the `number`th value is encrypted: after it was read, before it is written."""
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
    return new_private_key()


@pytest.fixture(scope="session")
def short_key_pem() -> str:
    return pkcs8(rsa.generate_private_key(65537, 1024))  # noqa: S505  (it is there to be refused)


@pytest.fixture(scope="session")
def ec_key_pem() -> str:
    return pkcs8(ec.generate_private_key(ec.SECP256R1()))


@pytest.fixture(scope="session")
def private_key(private_key_pem: str) -> pem.PrivateKey:
    return pem.parse(private_key_pem)


@pytest.fixture
def gateways(outside: Outside) -> responses.RequestsMock:
    """The mock of both gateways, for answers path by path."""
    return outside.mocked
