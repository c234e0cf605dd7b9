"""`client` is the client of the gateway here, not the one that Django tests with."""

from collections.abc import Callable

import pytest
import responses

from connector.errors import GatewayError
from connector.gateway.client import Client, Credentials, Deadline, connect
from tests.connector.conftest import SANDBOX_URL
from tests.gateways import PING, REGISTRY, SANDBOX

REGISTRY_URL = SANDBOX_URL + REGISTRY
PING_URL = SANDBOX_URL + PING


@pytest.fixture
def client(gateways: responses.RequestsMock, pair: Credentials) -> Client:
    return connect(SANDBOX, pair, Deadline(5))


def failure(call: Callable[[], object]) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        call()
    return caught.value
