"""The feeds of a store: its orders, the labels of their statuses, and its store views.

Source: what the client module `magento/payment-services` sends. A store sends a chunk again if it did not arrive, so a
gateway can get the same rows twice.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from http import HTTPMethod
from typing import Any

from django.conf import settings

from connector.gateway.client import Client, segment

FEEDS = "payments/exports/commerce"
MAX_ROWS = 100


class Feed(StrEnum):
    """What a feed is called in its body."""

    ORDERS = "orders"
    STATUSES = "sales_status"
    STORES = "stores"

    @property
    def path(self) -> str:
        """What it is called in its address."""
        return "orderStatuses" if self is Feed.STATUSES else self.value


def post(
    client: Client, feed: Feed, data_space_id: str, merchant_id: str, rows: Sequence[Mapping[str, Any]], now: datetime
) -> None:
    """Send rows of a feed, at most `MAX_ROWS`."""
    body = {
        "feed": feed.value,
        "timestamp": int(now.timestamp()),
        "merchantId": merchant_id,
        "version": "v1",
        "data": rows,
    }
    headers = {"x-request-user-agent": f"PaymentServices/crontab/{settings.VERSION}"}
    client.call(HTTPMethod.POST, f"{FEEDS}/{feed.path}/{segment(data_space_id)}", body, headers=headers)
