"""The report as CSV."""

import csv
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from backend.audit.models import LoggedAction
from payments.action_log import Action
from tests.addresses import ACTION_LOG, ORDERS
from tests.factories import know_order, know_source
from tests.gateways import PRODUCTION
from tests.markup import field_error, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("connected")]
EXPORT = f"{ORDERS}export/"


def raw(client: Client, **filters: Any) -> str:
    return b"".join(client.get(EXPORT, filters)).decode()


def rows(client: Client, **filters: Any) -> list[dict[str, str]]:
    """Return the exported rows by their titles."""
    return list(csv.DictReader(StringIO(raw(client, **filters).removeprefix("\ufeff"))))


def test_every_row_of_the_filter_is_there_in_the_order_of_the_page(as_dana: Client) -> None:
    source = know_source()
    for day in range(1, 29):
        know_order(source, ordered_at=datetime(2026, 2, day, tzinfo=UTC))
    found = rows(as_dana, start="2026-02-01", end="2026-02-27", sort="ordered_at", per_page="20")
    assert [row["Order ID"] for row in found] == [f"{number:09}" for number in range(1, 28)]


def test_times_have_their_offset_and_amounts_are_numbers(as_dana: Client, settings: Settings) -> None:
    settings.TIME_ZONE = "Europe/Paris"
    source = know_source()
    know_order(source, ordered_at=datetime(2026, 10, 25, 0, 30, tzinfo=UTC), amount=Decimal("1234.5"))
    know_order(source, ordered_at=datetime(2026, 10, 25, 1, 30, tzinfo=UTC), amount=Decimal("-0.125"))
    first, second = rows(as_dana, start="", end="", sort="ordered_at")
    assert (first["Order Date"], first["Order Amt"]) == ("2026-10-25T02:30:00+02:00", "1234.50")
    assert (second["Order Date"], second["Order Amt"]) == ("2026-10-25T02:30:00+01:00", "-0.125")


def test_an_order_number_is_a_text_and_an_amount_is_not(as_dana: Client) -> None:
    know_order(know_source(), amount=Decimal(-80))
    said = raw(as_dana)
    assert said.startswith('\ufeff"Order ID","Order Date"')
    assert '"000000001",' in said
    assert ",-80.00," in said


@pytest.mark.parametrize("name", ["a;=1+1;", "a\n=1+1;", 'a"; "=1+1', "a;\uff1d1+1"])
def test_a_formula_behind_a_semicolon_is_a_text(as_dana: Client, name: str) -> None:
    know_order(know_source(status_labels={"processing": name}))
    [row] = rows(as_dana)
    assert row["Order Status"] == name.replace("=", "'=").replace("\uff1d", "'\uff1d")


def test_other_signs_within_a_name_stay_as_they_are(as_dana: Client) -> None:
    name = "A-B = C; D (+5 %); E-F@G"
    know_order(know_source(status_labels={"processing": name}))
    assert rows(as_dana)[0]["Order Status"] == name


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", " =", "\uff1d"])
def test_a_formula_is_a_text(as_dana: Client, start: str) -> None:
    formula = f"{start}1+1"
    source = know_source(stores={"1": {"website": formula, "store": formula, "store_view": formula}})
    know_order(source, number=formula, status=formula, amount=None, as_sent={"amount": formula})
    [row] = rows(as_dana)
    for column in ("Order ID", "Order Status", "Order Amt", "Website", "Store", "Store View"):
        assert row[column] == f"'{formula}", column


def test_what_cannot_be_read_is_there_as_it_came(as_dana: Client) -> None:
    know_order(know_source(), as_sent={"ordered_at": "0000-00-00", "paid": "12,50"})
    [row] = rows(as_dana)
    assert (row["Order Date"], row["Paid Amt"]) == ("0000-00-00", "12,50")


def test_each_currency_says_whose_it_is(as_dana: Client) -> None:
    know_order(know_source(), refunded=None)
    [row] = rows(as_dana)
    assert (row["Cur (Order Amt)"], row["Cur (Paid Amt)"], row["Cur (Refund Amount)"]) == ("EUR", "EUR", "")


@pytest.mark.parametrize(
    ("field", "filters"),
    [
        ("start", {"start": "yesterday", "end": ""}),
        ("end", {"start": "2026-02-01", "end": "2026-01-01"}),
        ("min_amount", {"min_amount": "12,50"}),
        ("pay_status", {"pay_status": ["nonsense", "voided"]}),
        ("store_view", {"store_view": "99"}),
    ],
)
def test_a_filter_that_cannot_be_read_exports_nothing_and_is_marked(
    as_dana: Client, field: str, filters: dict[str, Any]
) -> None:
    know_order(know_source())
    asked = {"source": "sandbox", **filters}
    page = as_dana.get(EXPORT, asked, follow=True)
    assert page.redirect_chain == [(f"{ORDERS}?{urlencode(asked, doseq=True)}", 302)]
    assert "Nothing was exported, because a filter cannot be read." in text(page)
    assert field_error(page, f"id_{field}")
    assert not LoggedAction.objects.filter(action=Action.ORDERS_EXPORTED).exists()


def test_it_is_logged_with_its_filter(as_dana: Client) -> None:
    know_order(know_source(PRODUCTION))
    raw(as_dana, source="production", pay_status=["voided", "authorized"], start="", end="2026-11-30")
    logged = LoggedAction.objects.get(action=Action.ORDERS_EXPORTED)
    assert (logged.user_name, logged.subject) == ("dana", "production")
    assert logged.after == "end: 2026-11-30\npay_status: voided, authorized"


def test_the_log_names_the_filter(as_alice: Client) -> None:
    know_order(know_source())
    raw(as_alice, order_id="0000", min_amount="5")
    said = text(as_alice.get(ACTION_LOG))
    assert "Orders exported" in said
    assert "Order ID: 0000" in said
    assert "Min Order Amount: 5" in said


def test_without_orders_there_are_only_titles(as_dana: Client) -> None:
    assert rows(as_dana) == []
    assert raw(as_dana).count("\n") == 1


def test_more_rows_take_no_more_queries(as_dana: Client, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    source = know_source()
    for _number in range(30):
        know_order(source)
    with django_assert_max_num_queries(12):
        assert len(rows(as_dana)) == 30
