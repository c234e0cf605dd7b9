"""The feeds of a store, as our client sends them."""

import json
import re
from datetime import UTC, datetime

import pytest
import responses

from connector.errors import GatewayError, Reason
from connector.gateway import feeds
from connector.gateway.client import Client
from connector.gateway.feeds import Feed
from tests.gateways import GATEWAY_URLS, SANDBOX, TESTING_ID

EXPORTS = f"{GATEWAY_URLS[SANDBOX]}payments/exports/commerce/"
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("feed", "path", "name"),
    [
        (Feed.ORDERS, "orders", "orders"),
        (Feed.STATUSES, "orderStatuses", "sales_status"),
        (Feed.STORES, "stores", "stores"),
    ],
)
def test_each_feed_goes_to_its_address_with_its_name(
    client: Client, gateways: responses.RequestsMock, feed: Feed, path: str, name: str
) -> None:
    gateways.post(f"{EXPORTS}{path}/{TESTING_ID}", json={})
    feeds.post(client, feed, TESTING_ID, "m-1", [{"id": "1"}], NOW)
    sent = json.loads(gateways.calls[0].request.body or "")
    expected = {"feed": name, "timestamp": 1795953600, "merchantId": "m-1", "version": "v1", "data": [{"id": "1"}]}
    assert list(sent.items()) == list(expected.items())


def test_of_the_headers_of_payments_it_sends_the_agent_alone(client: Client, gateways: responses.RequestsMock) -> None:
    gateways.post(re.compile(".*"), json={})
    feeds.post(client, Feed.STORES, TESTING_ID, "m-1", [], NOW)
    headers = gateways.calls[0].request.headers
    assert headers["x-request-user-agent"].startswith("PaymentServices/crontab/")
    assert headers["Content-Type"] == "application/json"
    others = {"x-mp-merchant-id", "x-saas-id", "Magento-Environment-Id", "x-scope-type", "x-scope-id"}
    assert [name for name in others if name in headers] == []


def test_a_chunk_that_was_not_accepted_is_an_error(client: Client, gateways: responses.RequestsMock) -> None:
    gateways.post(re.compile(".*"), json={"status": 413}, status=413)
    with pytest.raises(GatewayError) as raised:
        feeds.post(client, Feed.ORDERS, TESTING_ID, "m-1", [], NOW)
    assert raised.value.status == 413


def test_an_id_that_would_name_another_path_is_not_called(client: Client) -> None:
    with pytest.raises(GatewayError) as raised:
        feeds.post(client, Feed.ORDERS, "../../registry", "m-1", [], NOW)
    assert raised.value.reason == Reason.NOT_FOUND
