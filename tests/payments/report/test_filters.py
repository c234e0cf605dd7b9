"""The filters of the report: what each finds, what it says of nonsense, and the chips."""

import html
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection as database
from django.http import QueryDict
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from backend.frame.days import day_of, start_of
from payments.models import Order, OrderSource
from payments.orders.statuses import Dispute, PayStatus, RefundStatus
from payments.report.filters import FilterForm
from tests.addresses import ORDERS
from tests.factories import know_order, know_source
from tests.markup import field_error, links, shown_value, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("connected")]
ALL = {"start": "", "end": ""}


@pytest.fixture
def source() -> OrderSource:
    names = {"website": "Main", "store": "Shop", "store_view": "Français"}
    return know_source(stores={"1": {**names, "store_view": "English"}, "2": names})


def found(client: Client, **filters: Any) -> set[str]:
    """Return the numbers of the orders that are found."""
    page = client.get(ORDERS, filters)
    return {said for said, url in links(page).items() if url.split("?")[0].removeprefix(ORDERS).strip("/").isdigit()}


def test_a_status_that_is_asked_for_many_times_counts_once(as_dana: Client, source: OrderSource) -> None:
    several = {"pay_status": [PayStatus.AUTHORIZED, PayStatus.VOIDED] * 200}
    answer = as_dana.get(ORDERS, several)
    assert text(answer).count("Pay Status: Authorized") == 1
    # Each address of the page repeated all of them, and there was a chip for each.
    assert len(answer.content) < 500_000


def test_without_dates_it_is_the_last_30_days_with_today(as_dana: Client, source: OrderSource) -> None:
    first = start_of(day_of(timezone.now()) - timedelta(days=29))
    know_order(source, number="first", ordered_at=first)
    know_order(source, number="before", ordered_at=first - timedelta(microseconds=1))
    know_order(source, number="now")
    assert found(as_dana) == {"first", "now"}
    assert found(as_dana, **ALL) == {"first", "now", "before"}


@pytest.mark.parametrize(
    ("zone", "day", "start", "hours"),
    [
        ("Europe/Paris", "2026-10-25", datetime(2026, 10, 24, 22, tzinfo=UTC), 25),
        ("Africa/Cairo", "2026-04-24", datetime(2026, 4, 23, 22, tzinfo=UTC), 23),
        ("Asia/Kathmandu", "2026-11-01", datetime(2026, 10, 31, 18, 15, tzinfo=UTC), 24),
    ],
)
def test_a_day_is_one_of_the_time_zone_of_the_settings(
    as_dana: Client, settings: Settings, zone: str, day: str, start: datetime, hours: int
) -> None:
    settings.TIME_ZONE = zone
    source, end, moment = know_source(), start + timedelta(hours=hours), timedelta(microseconds=1)
    for number, at in {"before": start - moment, "first": start, "last": end - moment, "after": end}.items():
        know_order(source, number=number, ordered_at=at)
    assert found(as_dana, start=day, end=day) == {"first", "last"}
    assert found(as_dana, start=day, end="") == {"first", "last", "after"}
    assert found(as_dana, end=day) == {"before", "first", "last"}


def test_statuses_are_alternatives(as_dana: Client, source: OrderSource) -> None:
    for status in PayStatus:
        know_order(source, number=status.value, pay_status=status)
    assert found(as_dana, pay_status="voided") == {"voided"}
    assert found(as_dana, pay_status=["voided", "authorized"]) == {"voided", "authorized"}


def test_orders_without_a_pay_status_are_a_choice_too(as_dana: Client, source: OrderSource) -> None:
    know_order(source, number="none", pay_status="")
    know_order(source, number="voided", pay_status=PayStatus.VOIDED)
    know_order(source, number="paid")
    assert "Pay Status: No payment" in text(as_dana.get(ORDERS, {"pay_status": "none"}))
    assert found(as_dana, pay_status="none") == {"none"}
    assert found(as_dana, pay_status=["none", "voided"]) == {"none", "voided"}
    assert found(as_dana, pay_status=["none", "voided"], dispute="open") == set()


def test_orders_without_a_pay_status_are_found_by_the_index(source: OrderSource) -> None:
    for number in range(100):
        know_order(source, number=str(number), pay_status=PayStatus.VOIDED)
    know_order(source, number="none", pay_status="")
    form = FilterForm(QueryDict("pay_status=none&start=&end="), source)
    with database.cursor() as cursor:
        if database.vendor == "postgresql":
            # It plans by what it knows of the rows, and reads a table with so few of them as a whole.
            cursor.execute(f"ANALYZE {Order._meta.db_table}")
            cursor.execute("SET LOCAL enable_seqscan = off")
    assert "payments_order_pay" in form.found().explain()


def test_filters_of_several_kinds_apply_together(as_dana: Client, source: OrderSource) -> None:
    know_order(source, number="both", refund_status=RefundStatus.REFUNDED, dispute=Dispute.OPEN)
    know_order(source, number="refund", refund_status=RefundStatus.REFUNDED)
    know_order(source, number="dispute", dispute=Dispute.OPEN)
    assert found(as_dana, refund_status="refunded") == {"both", "refund"}
    assert found(as_dana, dispute=["open", "other"]) == {"both", "dispute"}
    assert found(as_dana, refund_status="refunded", dispute="open") == {"both"}


def test_amounts_have_bounds_to_the_cent(as_dana: Client, source: OrderSource) -> None:
    for amount in ("9.99", "10.00", "20.00", "20.01"):
        know_order(source, number=amount, amount=Decimal(amount))
    assert found(as_dana, min_amount="10", max_amount="20.00") == {"10.00", "20.00"}
    assert found(as_dana, min_amount="20.01") == {"20.01"}


def test_an_order_is_found_by_its_number_its_beginning_and_its_id(as_dana: Client, source: OrderSource) -> None:
    know_order(source, number="000000042", order_id="1042")
    know_order(source, number="000000057", order_id="1057")
    assert found(as_dana, order_id="000000042") == found(as_dana, order_id="1042") == {"000000042"}
    assert found(as_dana, order_id="0000000") == {"000000042", "000000057"}
    assert found(as_dana, order_id="%") == set()


def test_a_store_view_is_chosen_by_its_names(as_dana: Client, source: OrderSource) -> None:
    know_order(source, number="english")
    know_order(source, number="french", store_view_id="2")
    assert "Main / Shop / Français" in text(as_dana.get(ORDERS))
    assert found(as_dana, store_view="2") == {"french"}


@pytest.mark.parametrize("amount", ["1.234,50", "12,5", "1_000", "1e3", "NaN", "Infinity", "٣", "1.23456", "9" * 17])
def test_an_amount_with_another_sign_is_explained(as_dana: Client, source: OrderSource, amount: str) -> None:
    page = as_dana.get(ORDERS, {"min_amount": amount, "pay_status": "voided"})
    assert "a decimal point and no thousands separator" in field_error(page, "id_min_amount")
    assert shown_value(page, "min_amount") == amount
    assert "Pay Status: Voided" in text(page)


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "0000-00-00", "1999-12-31", "9999-12-31"])
def test_a_date_that_does_not_exist_is_marked(as_dana: Client, source: OrderSource, day: str) -> None:
    know_order(source, number="now")
    page = as_dana.get(ORDERS, {"start": day, "end": ""})
    assert field_error(page, "id_start")
    assert re.search(r'<details class="filters"\s+open>', page.content.decode())
    assert found(as_dana, start=day, end="") == {"now"}


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("1999-12-31", "This is too early. Choose a day from the year 2000 on, or empty the field."),
        ("2000-01-01", ""),
        ("2199-12-31", ""),
        ("2200-01-01", "This is too late. Choose a day before the year 2200, or empty the field."),
    ],
)
def test_a_day_outside_the_calendar_of_the_report_is_explained(
    as_dana: Client, source: OrderSource, day: str, said: str
) -> None:
    know_order(source)
    page = as_dana.get(ORDERS, {"start": day, "end": ""})
    assert ("This is too" in text(page)) is bool(said)
    assert said in text(page)


def test_a_null_character_in_an_order_id_is_explained(as_dana: Client, source: OrderSource) -> None:
    know_order(source)
    page = as_dana.get(ORDERS, {"order_id": "1\0"})
    assert field_error(page, "id_order_id").startswith("There is an invisible character in this.")


def test_bounds_the_wrong_way_round_are_marked(as_dana: Client, source: OrderSource) -> None:
    know_order(source, number="now")
    asked = {"start": "2026-02-01", "end": "2026-01-01", "min_amount": "2", "max_amount": "1"}
    page = as_dana.get(ORDERS, asked)
    assert field_error(page, "id_end").startswith("This is before the first day.")
    assert field_error(page, "id_max_amount").startswith("This is less than the minimum.")
    assert found(as_dana, **asked) == {"now"}


def test_an_unknown_status_is_marked_and_the_known_ones_stay(as_dana: Client, source: OrderSource) -> None:
    know_order(source, number="paid")
    know_order(source, number="voided", pay_status=PayStatus.VOIDED)
    asked = {"pay_status": ["nonsense", "voided"]}
    assert field_error(as_dana.get(ORDERS, asked), "id_pay_status") == "“nonsense” is not one of these."
    assert found(as_dana, **asked) == {"voided"}


def test_a_chip_removes_its_filter(as_dana: Client, source: OrderSource) -> None:
    asked = {"start": "2026-01-01", "end": "2026-12-31", "pay_status": ["voided", "authorized"], "min_amount": "5"}
    page = html.unescape(as_dana.get(ORDERS, asked).content.decode())
    chips = {said: url for url, said in re.findall(r'href="([^"]*)"\s+aria-label="Remove the filter ([^"]*)"', page)}
    assert {*chips} == {
        "From: 1 Jan 2026",
        "To: 31 Dec 2026",
        "Pay Status: Voided",
        "Pay Status: Authorized",
        "Min Order Amount: 5.00",
    }
    without_voided = QueryDict(chips["Pay Status: Voided"].partition("?")[2])
    assert without_voided.getlist("pay_status") == ["authorized"]
    assert without_voided["min_amount"] == "5"
    without_start = QueryDict(chips["From: 1 Jan 2026"].partition("?")[2])
    assert (without_start["start"], without_start["end"]) == ("", "2026-12-31")


def test_the_default_dates_can_be_removed_too(as_dana: Client, source: OrderSource) -> None:
    know_order(source, number="old", ordered_at=timezone.now() - timedelta(days=90))
    know_order(source, number="now")
    today = day_of(timezone.now()).isoformat()
    page = as_dana.get(ORDERS)
    assert f"{ORDERS}?start=&amp;end={today}" in page.content.decode()
    assert "Clear all" in links(page)
    assert found(as_dana, start="", end=today) == {"old", "now"}


def test_clear_all_leads_to_the_same_source_and_page_size(as_dana: Client, source: OrderSource) -> None:
    page = as_dana.get(ORDERS, {"source": "sandbox", "per_page": "50", "pay_status": "voided", **ALL})
    assert links(page)["Clear all"] == f"{ORDERS}?source=sandbox&per_page=50"


def test_a_link_keeps_the_filters_and_the_form_the_rest(as_dana: Client, source: OrderSource) -> None:
    for _number in range(21):
        know_order(source)
    page = as_dana.get(ORDERS, {"pay_status": "capture_confirmed", "sort": "ordered_at", "range": "7"})
    assert "pay_status=capture_confirmed" in links(page)["Next"]
    for name, value in {"sort": "ordered_at", "range": "7", "source": "sandbox"}.items():
        assert shown_value(page, name) == value
