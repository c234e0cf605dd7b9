"""The installation that is attacked: connected, with people, keys, orders and merchants."""

import pytest
from django.contrib.auth.models import User
from joserfc.jwk import RSAKey

from connector.gateway.client import Credentials
from saas.models import Account, ApiKey
from tests.attacks.world import World
from tests.backend.frame.pages import fill
from tests.factories import PASSWORD, connect, know_merchant, learn, store
from tests.gateways import PRODUCTION, SANDBOX, Outside


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fuzz-requests", type=int, default=0, help="how many requests tests/attacks/test_fuzz.py sends")
    parser.addoption("--fuzz-seed", type=int, default=12, help="the seed of the first (default: %(default)s)")
    parser.addoption("--write-access", action="store_true", help="write tests/attacks/access.txt")


@pytest.fixture
def people(alice: User, bob: User, charlie: User, dana: User) -> dict[str, User]:
    """Everybody, by name, with a password."""
    everybody = {user.username: user for user in (alice, bob, charlie, dana)}
    for user in everybody.values():
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
    return everybody


@pytest.fixture
def world(people: dict[str, User], outside: Outside, pair: Credentials, other_pair: Credentials) -> World:
    """Fill every page, with a current and a former pair, and make a key of the stand-in for each environment."""
    for environment in (SANDBOX, PRODUCTION):
        outside.accept(environment)
    store(PRODUCTION, pair)
    store(SANDBOX, other_pair)
    connect(pair)
    learn(PRODUCTION)
    know_merchant(PRODUCTION)
    fill(people["alice"])
    facts = {
        "account": Account.objects.get(),
        "created_by": people["alice"],
        "public_key": RSAKey.import_key(pair.private_key.pem).as_pem(private=False).decode(),
    }
    keys = {
        environment: ApiKey.objects.create(environment=environment, name=f"Signer {environment}", **facts)
        for environment in ("sandbox", "production")
    }
    return World(people, keys, pair.private_key.pem)
