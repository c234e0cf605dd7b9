"""The facts of an order that the rules of its statuses ask for, read from its row."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from payments.orders.amounts import rounded

ZERO = Decimal(0)
# The values of a row that say what was paid and refunded. The first that it has counts.
PAID = ("amount_paid", "amount_captured_online")
REFUNDED = ("amount_refunded", "amount_refunded_online")
# The types of transactions that authorize a payment.
AUTHORIZING = {"authorization", "order"}


class UnreadableError(ValueError):
    """A number that a rule needs is missing or unreadable. `value` is what was sent, None if nothing was."""

    def __init__(self, value: object) -> None:
        super().__init__("This is not a number.")
        self.value = value


class Facts:
    """The facts of one order. Asking for an amount that cannot be read raises UnreadableError; a missing one is 0."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        self.state, self.status = row.get("state"), row.get("status")
        self.transactions = {entry.get("type") for entry in row.get("transactions") or ()}
        # A state is a number, and some stores send numbers as texts.
        self.credit_memos = [str(entry.get("state")) for entry in row.get("credit_memos") or ()]
        self.has_invoice = bool(row.get("invoices"))
        self._row = row

    def amount(self, *names: str) -> Decimal:
        """Return the first of the named amounts that the order has."""
        value = first_sent(self._row, names)
        return ZERO if value is None else number(value)

    @property
    def paid(self) -> Decimal:
        return self.amount(*PAID)

    @property
    def refunded(self) -> Decimal:
        return self.amount(*REFUNDED)

    @property
    def due(self) -> Decimal:
        """What has to be paid for the order. Raises UnreadableError if it has no amount."""
        return number(self._row.get("grand_total")) - self.amount("amount_canceled")

    @property
    def is_authorized(self) -> bool:
        return bool(self.transactions & AUTHORIZING) or self.amount("amount_authorized") > ZERO

    @property
    def is_invoiced(self) -> bool:
        return self.has_invoice or self.amount("total_invoiced") > ZERO


def first_sent(row: Mapping[str, Any], names: Iterable[str]) -> object:
    """Return the first of the named values that `row` has, or None."""
    return next((row[name] for name in names if row.get(name) is not None), None)


def number(value: object) -> Decimal:
    """Return `value` as a number. Raises UnreadableError if it is not one."""
    found = rounded(value)
    if found is None:
        raise UnreadableError(value)
    return found
