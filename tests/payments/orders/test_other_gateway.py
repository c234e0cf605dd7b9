"""Only a gateway that said so itself is asked for orders: its address is a setting, which may change."""

import pytest
from django.test import Client
from pytest_django import Settings

from connector import connection
from connector.gateway.client import Credentials
from connector.verification.causes import Cause
from payments.orders import sync
from payments.orders.obstacles import Obstacle
from tests.addresses import ORDERS
from tests.factories import connect, learn
from tests.gateways import SANDBOX, Outside

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _moved(outside: Outside, pair: Credentials, settings: Settings) -> None:
    """Verify the pair at a stand-in, and then name another gateway."""
    connect(pair)
    settings.GATEWAY_URLS = settings.GATEWAY_URLS | {SANDBOX.value: "https://elsewhere.outside.test/"}


def test_another_gateway_is_not_asked_for_orders(outside: Outside, as_dana: Client) -> None:
    assert sync.read_all(connection.load(), SANDBOX) == Obstacle.NO_REPORTS
    as_dana.post(f"{ORDERS}refresh/")
    assert outside.calls == []


def test_a_check_without_a_result_says_nothing_of_what_it_offers(outside: Outside) -> None:
    learn(SANDBOX, Cause.TIMEOUT, host="elsewhere.outside.test")
    assert sync.read_all(connection.load(), SANDBOX) == Obstacle.NO_REPORTS
    assert outside.calls == []


def test_onboarding_is_not_begun_there(as_dana: Client, outside: Outside) -> None:
    as_dana.post("/admin/sales/payment-services/onboarding/sandbox/", {"country": "FR", "experience": "standard"})
    assert outside.calls == []
