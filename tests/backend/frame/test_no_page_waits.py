"""No page waits for Commerce Services or Redis: a GET opens no connection, whatever they do."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from connector.gateway.client import Credentials
from connector.models import Instance, Turn, Verification
from tests.addresses import DASHBOARD
from tests.backend.frame.pages import addresses, fill, filled_in
from tests.connector.gateway.servers import serve
from tests.factories import connect, store, stored
from tests.gateways import LIVE_ID, PROJECT_ID, SANDBOX

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _connected_long_ago(alice: User, bob: User, pair: Credentials, other_pair: Credentials) -> None:
    """Connect so long ago that it is time to ask again, at another address, with former values to restore."""
    fill(alice)
    store(SANDBOX, other_pair)
    connect(pair, data_space_id=LIVE_ID)
    Instance.objects.update(former_identifier={"project_id": PROJECT_ID}, identifier_replaced_at=timezone.now())
    Instance.objects.update(served_at=["https://shop.example"])
    Verification.objects.update(checked_at=None)
    Turn.objects.all().delete()


def test_no_page_opens_a_socket_or_changes_anything(no_sockets: None, as_alice: Client, settings: Settings) -> None:
    settings.GATEWAY_URLS = dict.fromkeys(("sandbox", "production"), "http://127.0.0.1:9/")
    settings.CACHES = {"default": {"BACKEND": "backend.frame.shared_cache.Cache", "LOCATION": "redis://127.0.0.1:9/0"}}
    before = stored()
    answers = {path: as_alice.get(path) for address in addresses() for path in filled_in(address)}
    for answer in answers.values():
        b"".join(answer)  # Some pages are streamed: read them to the end.
    statuses = {path: answer.status_code for path, answer in answers.items()}
    assert {path: status for path, status in statuses.items() if status not in {200, 302, 405}} == {}
    assert stored() == before


def test_the_gateway_is_asked_where_a_form_asks_for_it(as_alice: Client, settings: Settings) -> None:
    """It is time to ask, so the test above would notice a page that does."""
    asked: list[object] = []
    with serve(asked.append) as url:
        settings.GATEWAY_URLS = dict.fromkeys(("sandbox", "production"), url)
        as_alice.post(f"{DASHBOARD}refresh/")
    assert asked
