"""What was bought: the items of a made-up order, which have quantities and no prices."""

from dataclasses import dataclass
from random import Random
from typing import Any

KINDS = {"simple": 55, "configurable": 25, "bundle": 12, "virtual": 8}


@dataclass
class Item:
    """An item of an order. `line` counts the lines of the basket: a configurable product and its choice share one."""

    id: str
    line: int
    kind: str
    ordered: int
    parent: "Item | None" = None
    is_shipped_together: bool = False
    invoiced: int = 0
    shipped: int = 0
    refunded: int = 0
    canceled: int = 0

    @property
    def is_virtual(self) -> bool:
        return self.kind == "virtual"

    @property
    def can_ship(self) -> bool:
        """Whether a shipment counts the item itself, and not its parts instead."""
        if self.parent:
            return not self.parent.is_shipped_together
        return not self.is_virtual and (self.kind != "bundle" or self.is_shipped_together)

    def row(self) -> dict[str, Any]:
        """Return the item as the feed of orders has it."""
        return {
            "id": self.id,
            **({"parent_item_id": self.parent.id} if self.parent else {}),
            "product_type": self.kind,
            "items_shipped_together": self.is_shipped_together,
            "is_virtual": int(self.is_virtual),
            "qty_invoiced": float(self.invoiced),
            "qty_shipped": float(self.shipped),
            "qty_backordered": 0.0,
            "qty_ordered": float(self.ordered),
            "qty_refunded": float(self.refunded),
            "qty_canceled": float(self.canceled),
        }


def fill(random: Random, order_id: str, *, is_in_parts: bool) -> list[Item]:
    """Return the items of an order. An order in parts has two lines or more, and nothing virtual in the first."""
    lines = random.choices((1, 2, 3, 4), (50, 28, 14, 8))[0]
    items: list[Item] = []
    for line in range(max(lines, 2) if is_in_parts else lines):
        kind = random.choices(list(KINDS), list(KINDS.values()))[0]
        if is_in_parts and kind == "virtual":
            kind = "simple"
        is_together = kind == "configurable" or (kind == "bundle" and random.random() < 0.5)  # noqa: PLR2004  (half)
        ordered = random.choices((1, 2, 3), (75, 19, 6))[0]
        parent = Item(_id(order_id, items), line, kind, ordered, is_shipped_together=is_together)
        items.append(parent)
        for _part in range({"configurable": 1, "bundle": random.randint(2, 3)}.get(kind, 0)):
            items.append(Item(_id(order_id, items), line, "simple", ordered, parent))
    return items


def _id(order_id: str, items: list[Item]) -> str:
    return f"{order_id}{len(items) + 1:02}"
