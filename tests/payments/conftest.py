"""The stand-in, as a separate program that the connector talks HTTP to."""

from collections.abc import Callable, Iterator

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from connector.environment import Environment
from connector.gateway import transport
from connector.gateway.client import Credentials
from saas.models import Account, ApiKey
from tests.saas.factories import AccountFactory, ApiKeyFactory

Issue = Callable[..., ApiKey]


@pytest.fixture
def account(transactional_db: None) -> Account:
    made: Account = AccountFactory.create(organization_name="Fabrikam")
    return made


@pytest.fixture
def issue(account: Account, live_server: LiveServer, settings: Settings) -> Iterator[Issue]:
    """Make the stand-in know the public half of a pair, and the connector ask the stand-in."""
    settings.GATEWAY_URLS = {name.value: f"{live_server.url}/gateway/{name}/" for name in Environment}

    def known(environment: Environment, pair: Credentials, owner: Account = account) -> ApiKey:
        public_key = pair.private_key.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        made: ApiKey = ApiKeyFactory.create(
            account=owner, environment=environment, api_key=pair.api_key, public_key=public_key.decode()
        )
        return made

    yield known
    # The server's threads end, and close their database connections, once nobody keeps a connection to them.
    for environment in Environment:
        transport.session(settings.GATEWAY_URLS[environment], "", "")._adapter.close()
