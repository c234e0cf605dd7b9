"""The pages of the report: each begins after a row, so what happens meanwhile moves nothing."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from payments.models import Order, OrderSource
from tests.addresses import ORDERS
from tests.factories import know_order, know_source
from tests.markup import links, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("connected")]
FIRST = f"{ORDERS}?per_page=20"


def know_orders(count: int) -> OrderSource:
    """Store as many orders, ten of them at each moment."""
    source, now = know_source(), timezone.now()
    template = know_order(source)
    orders = [
        Order(source=source, order_id=f"n{n}", number=f"n{n}", ordered_at=now - timedelta(seconds=n // 10))
        for n in range(count)
    ]
    template.delete()
    Order.objects.bulk_create(orders)
    return source


def numbers(page: Any) -> list[str]:
    return re.findall(r'class="grid-name" href="[^"]*">(n\d+)<', page.content.decode())


def pages(client: Client, address: str, way: str = "Next") -> Iterator[Any]:
    while True:
        page = client.get(address)
        yield page
        if way not in links(page):
            return
        address = links(page)[way]


@pytest.mark.parametrize("sort", ["", "&sort=ordered_at"])
def test_there_and_back_each_order_comes_once(as_dana: Client, sort: str) -> None:
    know_orders(65)
    there = [numbers(page) for page in pages(as_dana, FIRST + sort)]
    assert [len(page) for page in there] == [20, 20, 20, 5]
    assert len({number for page in there for number in page}) == 65
    *_, last = pages(as_dana, FIRST + sort)
    back = [numbers(page) for page in pages(as_dana, links(last)["Previous"], "Previous")]
    assert back == there[-2::-1]


def test_an_order_that_comes_meanwhile_moves_nothing(as_dana: Client) -> None:
    source = know_orders(40)
    first = as_dana.get(FIRST)
    know_order(source, number="new")
    second = as_dana.get(links(first)["Next"])
    assert not {*numbers(first)} & {*numbers(second)}
    assert len({*numbers(first), *numbers(second)}) == 40
    assert numbers(as_dana.get(links(second)["Previous"])) == numbers(first)


def test_an_order_that_changes_meanwhile_stays_where_it_is(as_dana: Client) -> None:
    know_orders(40)
    first = as_dana.get(FIRST)
    Order.objects.update(updated_at=timezone.now(), status="complete")
    second = as_dana.get(links(first)["Next"])
    assert len({*numbers(first), *numbers(second)}) == 40


def test_the_row_that_a_page_began_after_may_be_gone(as_dana: Client) -> None:
    know_orders(40)
    first = as_dana.get(FIRST)
    Order.objects.filter(number=numbers(first)[-1]).delete()
    assert len(numbers(as_dana.get(links(first)["Next"]))) == 20


@pytest.mark.parametrize(
    "place",
    [
        "",
        "x",
        "1_",
        "-1_1",
        "1_1",
        f"{'9' * 17}_1",
        f"-{'9' * 17}_1",
        f"1_{'9' * 18}",
        f"1_{'9' * 30}",
        "٣_٣",
        "\0",
    ],
)
@pytest.mark.parametrize("side", ["before", "after"])
def test_a_place_without_rows_beyond_it_leads_to_a_page_with_rows(as_dana: Client, side: str, place: str) -> None:
    know_orders(25)
    page = as_dana.get(ORDERS, {side: place})
    assert len(numbers(page)) == 20


def test_a_changed_filter_begins_at_the_first_page(as_dana: Client) -> None:
    know_orders(45)
    second = as_dana.get(links(as_dana.get(FIRST))["Next"])
    assert "after" not in links(second)["50"]


def test_more_than_a_thousand_are_not_counted(as_dana: Client) -> None:
    know_orders(1000)
    assert "1,000 records found" in text(as_dana.get(ORDERS))
    know_order(OrderSource.objects.get())
    assert "More than 1,000 records found" in text(as_dana.get(ORDERS))


def test_the_count_is_the_same_on_every_page(as_dana: Client) -> None:
    know_orders(45)
    assert all("45 records found" in text(page) for page in pages(as_dana, FIRST))
