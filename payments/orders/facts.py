"""What the rules of the statuses ask about an order, read from its row."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from payments.orders.amounts import exact

NOTHING = Decimal(0)


class UnreadableError(ValueError):
    """A number that a rule needs cannot be read. `value` is what was sent instead, None if nothing was."""

    def __init__(self, value: object) -> None:
        super().__init__("This is no number.")
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
        for name in names:
            if (value := self._row.get(name)) is not None:
                return readable(value)
        return NOTHING

    @property
    def paid(self) -> Decimal:
        return self.amount("amount_paid", "amount_captured_online")

    @property
    def refunded(self) -> Decimal:
        return self.amount("amount_refunded", "amount_refunded_online")

    @property
    def due(self) -> Decimal:
        """What there is to pay for the order. Without its amount nobody knows."""
        return readable(self._row.get("grand_total")) - self.amount("amount_canceled")

    @property
    def is_authorized(self) -> bool:
        return bool(self.transactions & {"authorization", "order"}) or self.amount("amount_authorized") > NOTHING

    @property
    def is_invoiced(self) -> bool:
        return self.has_invoice or self.amount("total_invoiced") > NOTHING


def readable(value: object) -> Decimal:
    """Return the number that `value` is. Raises UnreadableError."""
    number = exact(value)
    if number is None:
        raise UnreadableError(value)
    return number
