"""A connection whose pair took the place of another one."""

import pytest

from connector.gateway.client import Credentials
from tests.factories import connect, store
from tests.gateways import SANDBOX


@pytest.fixture
def replaced(pair: Credentials, other_pair: Credentials) -> Credentials:
    """Connect with a pair that took the place of another one; return the former one."""
    store(SANDBOX, other_pair)
    connect(pair)
    return other_pair
