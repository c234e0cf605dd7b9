"""How much of an order counts as invoiced and shipped."""

from typing import Any

import pytest

from payments.orders import extents
from payments.orders.facts import UnreadableError
from payments.orders.statuses import Extent
from tests.payments.orders.rows import bare_row, item

NO, PARTIAL, YES = Extent.NO, Extent.PARTIAL, Extent.YES


def bundle(*, together: object, **changes: Any) -> dict[str, Any]:
    return item(product_type="bundle", qty_ordered=1, items_shipped_together=together, **changes)


def part(number: str, **changes: Any) -> dict[str, Any]:
    return item(id=number, parent_item_id="1", **changes)


@pytest.mark.parametrize(
    ("items", "extent"),
    [
        ([item(qty_invoiced=0)], NO),
        ([item(qty_invoiced=1)], PARTIAL),
        ([item(qty_invoiced="1.9999")], PARTIAL),
        ([item(qty_invoiced=2)], YES),
        ([item(qty_invoiced=3)], YES),
        ([item(), item(id="2", qty_invoiced=0)], PARTIAL),
        ([item(qty_invoiced=3), item(id="2", qty_invoiced=1)], PARTIAL),
        ([item(qty_invoiced=1, qty_canceled=1)], YES),
        ([item(qty_invoiced=0, qty_canceled=2)], NO),
        ([item(qty_invoiced=0, qty_canceled=2), item(id="2")], YES),
        ([item(), part("2", qty_invoiced=0)], YES),
        ([{"id": "1", "qty_ordered": 2}], NO),
    ],
)
def test_invoiced_compares_the_items_with_what_was_ordered(items: list[dict[str, Any]], extent: Extent) -> None:
    assert extents.invoiced(bare_row(items=items)) == extent


@pytest.mark.parametrize(
    ("values", "extent"),
    [
        ({}, NO),
        ({"total_invoiced": 0}, NO),
        ({"total_invoiced": 79}, PARTIAL),
        ({"total_invoiced": 80}, YES),
        ({"total_invoiced": 1, "grand_total": "0.50"}, YES),
        ({"total_invoiced": 0, "grand_total": "a lot"}, NO),
        ({"items": [], "total_invoiced": 80}, YES),
    ],
)
def test_without_items_invoiced_compares_the_amounts_whose_cents_are_cut(
    values: dict[str, Any], extent: Extent
) -> None:
    assert extents.invoiced(bare_row(**values)) == extent


@pytest.mark.parametrize(
    ("items", "extent"),
    [
        ([item()], NO),
        ([item(qty_shipped=1)], PARTIAL),
        ([item(qty_shipped=2)], YES),
        ([item(qty_shipped=1, qty_canceled=1)], YES),
        ([item(qty_shipped=2), item(id="2", is_virtual=1)], YES),
        ([item(is_virtual=1)], None),
        ([item(is_virtual="1"), item(id="2", is_virtual=True)], None),
        ([item(qty_canceled=2)], None),
        ([], None),
        ([bundle(together=True, qty_shipped=1), part("2")], YES),
        ([bundle(together=None, qty_shipped=1), part("2")], YES),
        ([bundle(together=False, qty_shipped=1), part("2")], NO),
        ([bundle(together="0"), part("2", qty_shipped=2), part("3")], PARTIAL),
        ([bundle(together=0), part("2", qty_shipped=2), part("3", is_virtual=1)], YES),
        ([item(items_shipped_together=False, qty_shipped=2)], YES),
        ([item(id=1, items_shipped_together=False), part("2", qty_shipped=2)], YES),
        ([item(parent_item_id="0", qty_shipped=2), item(id="2", parent_item_id="")], PARTIAL),
    ],
)
def test_shipped_looks_at_what_is_a_parcel(items: list[dict[str, Any]], extent: Extent | None) -> None:
    assert extents.shipped(bare_row(items=items)) == extent


@pytest.mark.parametrize("extent", [extents.invoiced, extents.shipped])
def test_a_quantity_that_cannot_be_read_leaves_it_open(extent: Any) -> None:
    with pytest.raises(UnreadableError) as raised:
        extent(bare_row(items=[item(qty_ordered="two")]))
    assert raised.value.value == "two"
