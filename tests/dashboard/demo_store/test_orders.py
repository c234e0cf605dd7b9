"""The orders that the demo store makes up: the same again, in every state, with amounts that agree."""

import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import pytest

from dashboard.demo_store import shop
from dashboard.demo_store.orders import orders
from tests.dashboard.demo_store.states import DISPUTES, PAY, REFUND, dispute, pay, refund
from tests.gateways import PRODUCTION, SANDBOX

NOW = datetime(2026, 11, 29, 12, 3, tzinfo=UTC)
Row = Mapping[str, Any]


def made(count: int = 500, seed: int = 0, now: datetime = NOW, environment: Any = SANDBOX) -> list[dict[str, Any]]:
    return list(islice(orders(environment, seed, now), count))


def by_id(rows: list[dict[str, Any]]) -> dict[str, str]:
    """Return each row as it is sent."""
    found = {row["id"]: json.dumps(row) for row in rows}
    assert len(found) == len(rows)
    return found


def moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)


def test_the_same_seed_and_clock_make_the_same_rows() -> None:
    assert json.dumps(made()) == json.dumps(made())


def test_later_that_day_the_rows_are_the_same_and_new_orders_come() -> None:
    earlier, later = by_id(made()), by_id(made(now=NOW + timedelta(hours=9)))
    common = earlier.keys() & later.keys()
    assert {number: earlier[number] for number in common} == {number: later[number] for number in common}
    newest = max(map(int, earlier))
    assert len(common) > 490
    assert all(int(number) >= newest for number in later.keys() - common)


def test_the_next_day_orders_go_on() -> None:
    earlier, later = made(), {row["id"]: row for row in made(now=NOW + timedelta(days=1))}
    both = [(row, later[row["id"]]) for row in earlier if row["id"] in later]
    assert {before["created_at"] == after["created_at"] for before, after in both} == {True}
    assert all(before["updated_at"] <= after["updated_at"] for before, after in both)
    changed = [(before, after) for before, after in both if before != after]
    assert changed
    assert all(before["updated_at"] < after["updated_at"] for before, after in changed)


def test_fewer_orders_are_among_more() -> None:
    assert by_id(made(200)).items() <= by_id(made(500)).items()


def test_other_seeds_and_the_other_environment_have_other_numbers() -> None:
    shops = [made(seed=seed, environment=side) for seed in (0, 1, 11) for side in (SANDBOX, PRODUCTION)]
    numbers = [row["increment_id"] for rows in shops for row in rows]
    assert len(set(numbers)) == len(numbers)
    assert {row["additional_information"]["payments_mode"] for row in shops[0]} == {"sandbox"}
    assert {row["additional_information"]["payments_mode"] for row in shops[1]} == {"production"}


@pytest.mark.parametrize("day", range(30))
def test_every_state_is_among_the_first_sixty_on_any_day(day: int) -> None:
    for since_midnight in (timedelta(seconds=1), timedelta(hours=12), timedelta(hours=23, minutes=59)):
        rows = made(60, now=datetime(2026, 11, 1, tzinfo=UTC) + timedelta(days=day) + since_midnight)
        assert {pay(row) for row in rows} == PAY | {""}
        assert {refund(row) for row in rows} == REFUND | {""}
        assert {dispute(row) for row in rows} == DISPUTES | {""}


def test_most_of_many_orders_are_simply_paid() -> None:
    found = Counter((pay(row), refund(row), dispute(row)) for row in made(3000))
    assert found["Capture confirmed", "", ""] > 2000


def test_they_are_of_the_last_sixty_days_and_the_newest_is_minutes_old() -> None:
    for minutes in range(0, 60, 7):
        now = NOW + timedelta(minutes=minutes)
        placed = [moment(row["created_at"]) for row in made(now=now)]
        assert now - timedelta(days=60) <= min(placed)
        assert timedelta(minutes=1) <= now - max(placed) <= timedelta(minutes=10)


def test_nothing_happens_in_the_future() -> None:
    for row in made():
        assert row["created_at"] <= row["updated_at"] <= NOW.strftime("%Y-%m-%d %H:%M:%S")
        assert all(row["created_at"] <= known["created_at"] <= row["updated_at"] for known in row["transactions"] or ())


def test_people_buy_less_at_night() -> None:
    hours = Counter(moment(row["created_at"]).hour for row in made(2000))
    assert sum(hours[hour] for hour in range(6)) * 5 < sum(hours[hour] for hour in range(15, 21))


def test_the_shop_has_a_bit_of_everything() -> None:
    rows = made(60)
    views = {view["store_view_id"]: view for view in shop.store_rows()}
    assert {row["store_id"] for row in rows} == views.keys()
    assert len({view["website_id"] for view in views.values()}) == 2
    assert len({view["store_id"] for view in views.values()}) == 3
    assert {row["currency"] for row in rows} == {"EUR", "USD"}
    assert len({row["payment_method"] for row in rows}) == 5
    assert {row["is_virtual"] for row in rows} == {0, 1}
    assert {item["product_type"] for row in rows for item in row["items"]} == {
        "simple",
        "configurable",
        "bundle",
        "virtual",
    }


def test_every_status_has_a_label() -> None:
    labels = {row["status"]: row["label"] for row in shop.status_rows()}
    assert {row["status"] for row in made(2000)} <= labels.keys()
    assert (labels["processing"], labels["paypal_reversed"]) == ("Processing", "PayPal Reversed")


def cents(amount: float) -> int:
    """Return an amount in cents. It has no more than two decimals."""
    assert isinstance(amount, float)
    assert amount == round(amount, 2)
    return round(amount * 100)


def test_amounts_agree_to_the_cent() -> None:
    for row in made(2000):
        total = cents(row["grand_total"])
        known = {name: cents(value) for name, value in row.items() if name.startswith("amount_")}
        paid, refunded = known.get("amount_paid", 0), known.get("amount_refunded", 0)
        invoiced = sum(cents(invoice["grand_total"]) for invoice in row["invoices"] or ())
        assert (paid, refunded) == (known.get("amount_captured_online", 0), known.get("amount_refunded_online", 0))
        assert known.get("amount_authorized", total) == total
        assert refunded <= paid <= total
        assert paid in {invoiced, 0}
        assert invoiced + known.get("amount_canceled", 0) <= total
        assert row.get("total_invoiced", 0) == invoiced // 100
        assert 0 not in known.values()


def test_quantities_agree() -> None:
    for row in made(2000):
        for item in row["items"]:
            ordered = item["qty_ordered"]
            assert item["qty_invoiced"] + item["qty_canceled"] <= ordered
            assert item["qty_shipped"] + item["qty_canceled"] <= ordered
            assert item["qty_refunded"] <= item["qty_invoiced"]
            assert not item["is_virtual"] or not item["qty_shipped"]
        top = [item for item in row["items"] if "parent_item_id" not in item]
        assert row["total_qty_ordered"] == sum(item["qty_ordered"] for item in top)
        assert {item["parent_item_id"] for item in row["items"] if item not in top} <= {item["id"] for item in top}


def test_a_part_is_invoiced_and_shipped_before_the_rest() -> None:
    parts = [row for row in made() if pay(row) == "Partial capture"]
    assert parts
    for row in parts:
        assert {bool(item["qty_invoiced"]) for item in row["items"]} == {True, False}
        assert {bool(item["qty_shipped"]) for item in row["items"]} == {True, False}


@pytest.mark.parametrize("name", ["id", "txn_id"])
def test_what_belongs_to_orders_has_numbers_of_its_own(name: str) -> None:
    found = [known[name] for row in made() for known in row["transactions"] or ()]
    assert len(set(found)) == len(found)
    lists = [row[part] or [] for row in made() for part in ("items", "invoices", "credit_memos")]
    assert all(len({known["id"] for known in part}) == len(part) for part in lists)
