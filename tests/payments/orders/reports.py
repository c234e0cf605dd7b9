"""The orders that a gateway reports, as the stand-in would: pages in the order of change, with cursors."""

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import requests

from connector.environment import Environment
from tests.gateways import SANDBOX, Outside
from tests.payments.orders.rows import order_row

if TYPE_CHECKING:
    from collections.abc import Callable

PATH = "payments/reports/orders"
NOON = datetime(2024, 11, 29, 12, tzinfo=UTC)
Answer = tuple[int, dict[str, str], str]
STORE = {"store_view_id": "1", "store_view_name": "French", "store_name": "Luma", "website_name": "Main Website"}


class Reports:
    """Answers every call for the orders of an environment from `changes`, `page_rows` to a page.

    `before` is called with the number of the call before each answer, and may raise what the call then raises.
    """

    def __init__(self, outside: Outside, environment: Environment = SANDBOX, page_rows: int = 2) -> None:
        self.changes: list[tuple[datetime, dict[str, Any]]] = []
        self.asked: list[dict[str, str]] = []
        self.page_rows = page_rows
        self.known_cursors: set[str] | None = None
        self.more: dict[str, Any] = {}
        self.before: Callable[[int], None] = lambda _call: None
        self._now = NOON
        outside.mocked.add_callback("GET", f"https://{environment.value}.outside.test/{PATH}", self._answer)

    def send(self, *orders: str, **changes: Any) -> None:
        """Let a store send these orders, each a second after the one before."""
        for number in orders:
            self._now += timedelta(seconds=1)
            self.changes = [change for change in self.changes if change[1]["id"] != number]
            self.changes.append((self._now, order_row(id=number, increment_id=f"{number:0>9}", **changes)))

    def pause(self, time: timedelta) -> None:
        """Let time pass for the gateway."""
        self._now += time

    def _answer(self, request: requests.PreparedRequest) -> Answer:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(str(request.url)).query).items()}
        self.asked.append(asked)
        self.before(len(self.asked))
        cursor = asked.get("cursor", "")
        if cursor and self.known_cursors is not None and cursor not in self.known_cursors:
            return 400, {}, json.dumps({"status": 400, "message": "This cursor is not known."})
        since = datetime.fromisoformat(asked.get("updatedSince", "2000-01-01T00:00:00+00:00"))
        wanted = [change for change in self.changes if (_place(change) > cursor if cursor else change[0] >= since)]
        page = wanted[: self.page_rows]
        facts = {
            "results": [{"updatedAt": at.isoformat(), "order": order} for at, order in page],
            "next": _place(page[-1]) if len(wanted) > len(page) else None,
            "updatedAt": self._now.isoformat(),
            "unread": 0,
            "statuses": {"processing": "Processing"},
            "stores": [STORE],
        }
        return 200, {}, json.dumps(facts | self.more)


def _place(change: tuple[datetime, dict[str, Any]]) -> str:
    return f"{change[0].isoformat()}_{change[1]['id']}"
