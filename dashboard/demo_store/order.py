"""A made-up order: what can happen to it, and its row in the feed."""

from collections.abc import Sequence
from datetime import datetime
from random import Random
from string import ascii_uppercase, digits
from typing import Any
from uuid import UUID

from dashboard.demo_store import baskets
from dashboard.demo_store.shop import METHODS, STORE_VIEWS

OPEN, REFUNDED, CANCELED = 1, 2, 3


class DemoOrder:
    """An order that was just placed. Each verb is something that happens to it at a moment; money is in cents."""

    def __init__(self, random: Random, mode: str, number: int, placed_at: datetime, *, is_in_parts: bool) -> None:
        self.id = str(number)
        self.placed_at = self.updated_at = placed_at
        self.state, self.status = "new", "pending"
        self.items = baskets.fill(random, self.id, is_in_parts=is_in_parts)
        self.total = min(max(int(random.lognormvariate(8.8, 0.8)), 990), 250_000)
        # How much is paid first, or refunded, if that is not all of it.
        self.part = self.total * random.randint(25, 70) // 100
        self.authorized = self.paid = self.invoiced = self.refunded = self.canceled = 0
        self.invoices: list[dict[str, Any]] = []
        self.credit_memos: list[dict[str, Any]] = []
        self.transactions: list[dict[str, Any]] = []
        self._view, (self._currency, _weight) = random.choices(
            list(STORE_VIEWS.items()), [weight for _currency, weight in STORE_VIEWS.values()]
        )[0]
        self._method = random.choices(list(METHODS), list(METHODS.values()))[0]
        self._random, self._mode = random, mode
        self._payment_id = UUID(int=random.getrandbits(128), version=4)
        self._paypal_id = self._code()
        self._card = random.choice(("VISA", "MASTERCARD", "AMEX")), f"{random.randrange(10_000):04}"

    def authorize(self, at: datetime) -> None:
        self.authorized = self.total
        self._transact("authorization", at)
        self._become("processing", at)

    def capture(self, at: datetime) -> None:
        """Pay all that is not paid yet."""
        self._capture(self.total - self.paid, self.items, at)

    def capture_part(self, at: datetime) -> None:
        """Pay for the first line of the basket."""
        self._capture(self.part, self._first_line, at)

    def request_capture(self, at: datetime) -> None:
        """Make an invoice that is not paid yet."""
        self._invoice(self.total, self.items)
        self._become("processing", at)

    def fail_capture(self, at: datetime) -> None:
        self._transact("capture", at)
        self._become("payment_review", at)

    def void(self, at: datetime) -> None:
        self._transact("void", at)
        self.cancel(at)

    def cancel(self, at: datetime) -> None:
        """Cancel what is not invoiced. An order that is paid in part is complete without the rest."""
        self.canceled = self.total - self.invoiced
        for item in self.items:
            item.canceled = item.ordered - item.invoiced
        self._become("complete" if self.paid else "canceled", at)

    def stop(self, at: datetime) -> None:
        """End an order that is paid, without giving the money back."""
        self._become("canceled", at)

    def ship(self, at: datetime) -> None:
        """Send what is not sent yet. An order is complete once all of it is paid and sent."""
        self._ship(self.items)
        self._become("complete", at)

    def ship_part(self, at: datetime) -> None:
        self._ship(self._first_line)
        self._become(self.state, at)

    def refund(self, at: datetime) -> None:
        for item in self.items:
            item.refunded = item.invoiced
        self._refund(self.paid, at)
        self._become("closed", at)

    def refund_part(self, at: datetime) -> None:
        self._refund(self.part, at)
        self._become(self.state, at)

    def request_refund(self, at: datetime) -> None:
        self._credit(OPEN)
        self._become(self.state, at)

    def fail_refund(self, at: datetime) -> None:
        self._transact("refund", at)
        self._become(self.state, at)

    def cancel_refund(self, at: datetime) -> None:
        self._credit(CANCELED)
        self._become(self.state, at)

    def mark(self, status: str, at: datetime) -> None:
        """Give it a status that says more than its state."""
        self._become(self.state, at)
        self.status = status

    def row(self) -> dict[str, Any]:
        """Return the order as the feed has it: nothing where there is no value, null where there is no list."""
        amounts = {
            "amount_captured_online": self.paid,
            "amount_refunded_online": self.refunded,
            "amount_authorized": self.authorized,
            "amount_paid": self.paid,
            "amount_refunded": self.refunded,
            "amount_canceled": self.canceled,
        }
        return {
            "id": self.id,
            "increment_id": self.id.zfill(10),
            "created_at": _time(self.placed_at),
            "updated_at": _time(self.updated_at),
            "additional_information": self._payment(),
            "state": self.state,
            "status": self.status,
            # The real client cuts the cents here.
            **({"total_invoiced": self.invoiced // 100} if self.invoiced else {}),
            "total_qty_ordered": sum(item.ordered for item in self.items if not item.parent),
            "is_virtual": int(all(item.is_virtual for item in self.items)),
            "payment_method": f"payment_services_paypal_{self._method.code}",
            "store_id": self._view.store_view_id,
            "grand_total": self.total / 100,
            "currency": self._currency,
            **{name: cents / 100 for name, cents in amounts.items() if cents},
            "items": [item.row() for item in self.items],
            "invoices": self.invoices or None,
            "credit_memos": self.credit_memos or None,
            "transactions": self.transactions or None,
        }

    @property
    def _first_line(self) -> list[baskets.Item]:
        return [item for item in self.items if item.line == 0]

    def _payment(self) -> dict[str, str]:
        card = dict(zip(("cc_type", "cc_last_4"), self._card, strict=True)) if self._method.is_card else {}
        paypal = {"paypal_txn_id": self.transactions[-1]["txn_id"]} if self.transactions else {}
        return {
            "payments_mode": self._mode,
            "payments_order_id": f"mp-order-{self._payment_id}",
            "paypal_order_id": self._paypal_id,
            **paypal,
            "payment_source": self._method.source,
            **card,
        }

    def _become(self, state: str, at: datetime) -> None:
        # Another status than that of the state stays until the state changes.
        if state != self.state:
            self.state = self.status = state
        self.updated_at = at

    def _capture(self, cents: int, items: Sequence[baskets.Item], at: datetime) -> None:
        self._invoice(cents, items)
        self.paid += cents
        self._transact("capture", at)
        is_sent = all(item.is_virtual for item in self.items)
        self._become("complete" if is_sent and self.paid == self.total else "processing", at)

    def _invoice(self, cents: int, items: Sequence[baskets.Item]) -> None:
        self.invoiced += cents
        for item in items:
            item.invoiced = item.ordered
        self.invoices.append(
            {"id": f"{self.id}{len(self.invoices) + 1}", "is_used_for_refund": 0, "grand_total": cents / 100}
        )

    def _ship(self, items: Sequence[baskets.Item]) -> None:
        for item in items:
            if item.can_ship:
                item.shipped = item.ordered - item.canceled

    def _refund(self, cents: int, at: datetime) -> None:
        self.refunded += cents
        self.invoices[-1]["is_used_for_refund"] = 1
        self._credit(REFUNDED)
        self._transact("refund", at)

    def _credit(self, state: int) -> None:
        self.credit_memos.append({"id": f"{self.id}{len(self.credit_memos) + 1}", "state": state})

    def _transact(self, kind: str, at: datetime) -> None:
        self.transactions.append(
            {
                "id": f"{self.id}{len(self.transactions) + 1}",
                "txn_id": self._code(),
                "type": kind,
                "created_at": _time(at),
            }
        )

    def _code(self) -> str:
        """Return an id as PayPal makes them."""
        return "".join(self._random.choices(ascii_uppercase + digits, k=17))


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")
