"""No page waits for Commerce Services: a GET opens no connection, whatever the gateway does."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from connector.gateway.client import Credentials
from connector.models import Instance, Verification
from tests.backend.frame.pages import addresses, fill, filled_in
from tests.connector.gateway.servers import serve
from tests.factories import LIVE_ID, PROJECT_ID, SANDBOX, connect, store

pytestmark = pytest.mark.django_db
CLOSED = "http://127.0.0.1:9/"
NEVER_ASKED_AGAIN = {"checked_at": None, "claimed_at": None}


@pytest.fixture(autouse=True)
def _connected_long_ago(alice: User, bob: User, pair: Credentials, other_pair: Credentials) -> None:  # noqa: ARG001
    """Know a connection so old that it is time to ask again, and former values that can be restored."""
    fill(alice)
    store(SANDBOX, other_pair)
    connect(pair, data_space_id=LIVE_ID)
    Instance.objects.update(former_identifier={"project_id": PROJECT_ID}, identifier_replaced_at=timezone.now())
    Verification.objects.update(**NEVER_ASKED_AGAIN)


def point_to(url: str, settings: Settings) -> None:
    settings.GATEWAY_URLS = dict.fromkeys(("sandbox", "production"), url)


def get(client: Client, address: str) -> list[int]:
    """Ask for every page of `address`, whole even where it comes in pieces, and return the statuses."""
    answers = [client.get(path) for path in filled_in(address)]
    for answer in answers:
        b"".join(answer)
    return [answer.status_code for answer in answers]


@pytest.mark.usefixtures("no_sockets")
def test_no_page_opens_a_socket(as_alice: Client, settings: Settings) -> None:
    point_to(CLOSED, settings)
    statuses = {address: get(as_alice, address) for address in addresses()}
    assert {address: found for address, found in statuses.items() if set(found) - {200, 302, 405}} == {}


def test_a_gateway_that_says_nothing_is_not_even_asked(as_alice: Client, settings: Settings) -> None:
    asked: list[object] = []
    with serve(asked.append) as url:
        point_to(url, settings)
        for address in addresses():
            get(as_alice, address)
    assert asked == []


def test_the_gateway_is_asked_where_a_form_asks_for_it(as_alice: Client, settings: Settings) -> None:
    """Show that what the other tests miss would be seen."""
    asked: list[object] = []
    with serve(asked.append) as url:
        point_to(url, settings)
        as_alice.post("/admin/refresh/")
    assert asked
