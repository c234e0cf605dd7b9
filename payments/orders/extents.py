"""How much of an order was invoiced and shipped.

What was canceled is no longer expected. A missing quantity is 0.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from payments.orders.facts import ZERO, Facts, number
from payments.orders.statuses import Extent

Item = Mapping[str, Any]
# How a store writes yes and no.
_TRUE, _FALSE = {"1", "true"}, {"0", "false"}


def invoiced(row: Mapping[str, Any]) -> Extent:
    """Return how much of an order was invoiced. Raises UnreadableError if that cannot be read."""
    items = [item for item in row.get("items") or () if not _parent(item)]
    if items:
        return _extent([(_expected(item), _quantity(item, "qty_invoiced")) for item in items])
    # Stores cut the cents off this amount.
    total = Facts(row).amount("total_invoiced")
    if total <= ZERO:
        return Extent.NO
    return Extent.YES if total >= int(number(row.get("grand_total"))) else Extent.PARTIAL


def shipped(row: Mapping[str, Any]) -> Extent | None:
    """Return how much of an order was shipped, None if there is nothing to ship. Raises UnreadableError."""
    quantities = [
        (_expected(item), _quantity(item, "qty_shipped"))
        for item in _shipping(row.get("items") or ())
        if _word(item, "is_virtual") not in _TRUE
    ]
    return _extent(quantities) if any(max(pair) > ZERO for pair in quantities) else None


def _shipping(items: Sequence[Item]) -> list[Item]:
    """Return the items that ship: those at the top, or instead the parts of an item whose parts ship separately."""
    parents = {_parent(item) for item in items}
    separate = {str(item.get("id")) for item in items if _word(item, "items_shipped_together") in _FALSE} & parents
    tops = [item for item in items if not _parent(item) and str(item.get("id")) not in separate]
    return [*tops, *(item for item in items if _parent(item) in separate)]


def _extent(quantities: Sequence[tuple[Decimal, Decimal]]) -> Extent:
    """Return the extent of an order from what is expected and what is done of each item."""
    if all(done <= ZERO for _expected, done in quantities):
        return Extent.NO
    return Extent.YES if all(done >= expected for expected, done in quantities) else Extent.PARTIAL


def _expected(item: Item) -> Decimal:
    return _quantity(item, "qty_ordered") - _quantity(item, "qty_canceled")


def _quantity(item: Item, name: str) -> Decimal:
    value = item.get(name)
    return ZERO if value is None else number(value)


def _parent(item: Item) -> str:
    """Return the id of the item that this one is a part of; empty for an item at the top."""
    parent = item.get("parent_item_id")
    return "" if parent is None or str(parent) in {"", "0"} else str(parent)


def _word(item: Item, name: str) -> str:
    return str(item.get(name)).lower()
