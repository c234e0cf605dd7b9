"""Sends the orders of the demo store as a real store does: statuses and stores first, then orders, in chunks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.conf import settings
from django.utils import timezone

from connector.command_line import stand_in
from connector.connection import Connection
from connector.environment import Environment
from connector.errors import GatewayError, Reason
from connector.gateway import feeds, payments
from connector.gateway.client import Client, Credentials, Deadline, connect
from connector.gateway.feeds import Feed
from connector.slot import Slot
from connector.verification import examine
from dashboard.demo_store import shop
from dashboard.demo_store.orders import orders
from payments import statuses

NO_STAND_IN = (
    "The gateway of {environment} ({host}) does not report orders, and made-up orders must never reach a real one: "
    "connect this instance to a stand-in that does, verify its keys, then run this again."
)


class DemoStoreError(Exception):
    """Nothing was sent, or not everything: the text says why, and what to do."""


@dataclass(frozen=True)
class _Sender:
    """Who sends where. Every call has a deadline of its own, like a call of a real store."""

    stored: Connection
    slot: Slot
    credentials: Credentials

    def client(self) -> Client:
        return connect(self.slot.environment, self.credentials, Deadline(), self.stored.identity)

    def post(self, feed: Feed, merchant_id: str, rows: Sequence[Mapping[str, Any]]) -> None:
        feeds.post(self.client(), feed, self.stored.data_space_id, merchant_id, rows, self.stored.now)


def send(stored: Connection, environment: Environment, seed: int, count: int) -> Iterator[int]:
    """Send `count` orders as of the clock of `stored`. Yield how many are sent, after each chunk.

    Raises:
        DemoStoreError: it must not or cannot be done, or the gateway did not take a chunk.
    """
    sender = _sender(stored, environment)
    sent = 0
    try:
        merchant_id = _merchant(sender)
        sender.post(Feed.STATUSES, merchant_id, shop.status_rows())
        sender.post(Feed.STORES, merchant_id, shop.store_rows())
        rows = islice(orders(environment, seed, stored.now), count)
        while chunk := list(islice(rows, feeds.MAX_ROWS)):
            sender.post(Feed.ORDERS, merchant_id, chunk)
            sent += len(chunk)
            yield sent
    except GatewayError as error:
        raise DemoStoreError(_failure(error, sender.slot, sent)) from error


def _sender(stored: Connection, environment: Environment) -> _Sender:
    """Check everything that is known without a call. Raises DemoStoreError."""
    slot = stored.slots[environment]
    checks = (
        (not settings.PRODUCTION, "The demo store refuses to run in production mode: use a development copy."),
        (settings.STAND_IN, "The demo store needs the stand-in: leave STAND_IN out, or set it to true."),
        (slot.is_verified, f"No key pair for {environment} is verified: enter one and verify it, then run this again."),
        (stored.data_space_id, "No data space is chosen: choose one in the configuration, then run this again."),
        (slot.verification.offers_reports, _no_stand_in(slot)),
    )
    reason = next((reason for holds, reason in checks if not holds), "")
    if reason or slot.credentials is None:
        raise DemoStoreError(reason)
    return _Sender(stored, slot, slot.credentials)


def _merchant(sender: _Sender) -> str:
    """Ask the gateway, as a real store does before it sends, and return the id of the merchant. Raises DemoStoreError.

    The gateway is a setting, so the stored abilities may be those of another one.
    """
    environment = sender.slot.environment
    if "reports" not in sender.client().ping():
        raise DemoStoreError(_no_stand_in(sender.slot))
    found = payments.read(sender.client(), sender.stored.data_space_id)
    if found.status != statuses.COMPLETED:
        message = (
            f"Onboarding of {environment} is not completed ({found.status}), and until then a store sends nothing: "
            "complete it in Sales › Payment Services, then run this again."
        )
        raise DemoStoreError(message)
    return found.merchant_id


def _no_stand_in(slot: Slot) -> str:
    return f"{NO_STAND_IN.format(environment=slot.environment, host=slot.host)} {stand_in.hint(slot)}".strip()


def _failure(error: GatewayError, slot: Slot, sent: int) -> str:
    cause = examine.cause_of(error, timezone.now())
    hint = stand_in.hint(slot) if error.reason is Reason.UNREACHABLE else ""
    step = f"{hint} Then run this again" if hint else "Run this again in a minute"
    return f"{cause.label}, and {sent} orders were sent before. {step}; with the same seed no order is added twice."
