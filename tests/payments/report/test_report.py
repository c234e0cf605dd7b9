"""The report: what a row shows, and what stands above it."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from payments.orders.statuses import Dispute, Extent, RefundStatus
from tests.addresses import ORDERS, PAYMENT_SERVICES, SEARCH
from tests.conftest import signed_in
from tests.factories import know_order, know_source
from tests.gateways import LIVE_ID, PRODUCTION
from tests.markup import links, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("connected")]
STORES = {"1": {"website": "Main Website", "store": "Main Store", "store_view": "English"}}
EVERY_DAY = f"{ORDERS}?start=&end="


def test_a_row_shows_every_column(as_dana: Client) -> None:
    source = know_source(status_labels={"processing": "In process"}, stores=STORES)
    know_order(
        source,
        ordered_at=datetime(2026, 11, 28, 10, 30, tzinfo=UTC),
        authorized_at=datetime(2026, 11, 28, 10, 31, tzinfo=UTC),
        invoiced=Extent.YES,
        shipped=Extent.PARTIAL,
        amount=Decimal("1234.5"),
        refunded=Decimal(80),
        refund_status=RefundStatus.REFUNDED,
        dispute=Dispute.RESOLVED,
    )
    said = text(as_dana.get(EVERY_DAY))
    assert (
        "000000001 28 Nov 2026, 10:30 28 Nov 2026, 10:31 In process Yes Partial 1,234.50 EUR Capture confirmed"
        " 80.00 EUR Refunded 80.00 EUR Resolved PayPal buttons Main Website Main Store English" in said
    )


def test_an_amount_has_its_currency_beside_it_on_a_phone_if_the_person_sees_both(as_dana: Client) -> None:
    know_order(know_source())
    assert as_dana.get(ORDERS).content.decode().count('data-unit="EUR"') == 2
    as_dana.post(f"{ORDERS}columns/", {"shown": ["amount", "paid", "paid_currency"]})
    assert as_dana.get(ORDERS).content.decode().count('data-unit="EUR"') == 1


def test_a_code_without_a_name_is_shown_itself(as_dana: Client) -> None:
    know_order(know_source(), status="custom", payment_method="other_method", store_view_id="7")
    said = text(as_dana.get(ORDERS))
    for code in ("custom", "other_method", "other_method 7"):
        assert code in said


def test_a_value_that_cannot_be_read_is_shown_as_it_came(as_dana: Client) -> None:
    know_order(know_source(), amount=None, as_sent={"amount": "<b>12,50", "ordered_at": "0000-00-00"})
    said = text(as_dana.get(ORDERS))
    assert "&lt;b&gt;12,50" in as_dana.get(ORDERS).content.decode()
    assert said.count("(unreadable, shown as it came)") == 2
    assert "0000-00-00" in said


def test_the_newest_order_is_first_until_the_head_is_pressed(as_dana: Client) -> None:
    source, now = know_source(), timezone.now()
    for hours in (2, 1, 3):
        know_order(source, number=f"{hours} hours", ordered_at=now - timedelta(hours=hours))
    page = as_dana.get(ORDERS)
    assert [said for said in links(page) if said.endswith(" hours")] == ["1 hours", "2 hours", "3 hours"]
    other = as_dana.get(links(page)["Order Date"])
    assert [said for said in links(other) if said.endswith(" hours")] == ["3 hours", "2 hours", "1 hours"]
    assert 'aria-sort="ascending"' in other.content.decode()


def test_each_environment_has_its_own_orders(as_dana: Client) -> None:
    know_order(know_source(), number="of-sandbox")
    know_order(know_source(PRODUCTION), number="of-live")
    assert {"of-sandbox"} == {"of-sandbox", "of-live"} & links(as_dana.get(ORDERS)).keys()
    live = as_dana.get(links(as_dana.get(f"{ORDERS}?sort=ordered_at"))["Live"])
    assert {"of-live"} == {"of-sandbox", "of-live"} & links(live).keys()
    assert "sort=ordered_at" in links(live)["Sandbox"]
    assert "of-sandbox" in links(as_dana.get(f"{ORDERS}?source=nonsense"))


def test_orders_of_another_data_space_are_not_shown(as_dana: Client) -> None:
    know_order(know_source(data_space_id=LIVE_ID), number="of-another")
    assert "of-another" not in text(as_dana.get(ORDERS))


def test_it_says_how_old_it_is_and_what_is_missing(as_dana: Client, settings: Settings) -> None:
    settings.TIME_ZONE = "Asia/Kathmandu"
    know_order(know_source(unread=3, currencies=["EUR", "USD"], failed_code="timeout"))
    said = text(as_dana.get(ORDERS))
    assert "Last updated just now" in said
    assert "3 records of the store could not be read and are not shown." in said
    assert "The last attempt, just now, failed: Commerce Services did not answer in time." in said
    assert "Time zone: Asia/Kathmandu." in said
    assert "do not add them up" in said


def test_amounts_in_one_currency_need_no_note(as_dana: Client) -> None:
    know_order(know_source(currencies=["EUR"]))
    assert "do not add them up" not in text(as_dana.get(ORDERS))


def test_times_are_those_of_the_settings(as_dana: Client, settings: Settings) -> None:
    settings.TIME_ZONE = "Asia/Kathmandu"
    know_order(know_source(), ordered_at=datetime(2026, 11, 28, 18, 15, tzinfo=UTC))
    assert "29 Nov 2026, 00:00" in text(as_dana.get(EVERY_DAY))


def test_it_takes_six_queries_for_any_number_of_rows(
    no_sockets: None, alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    source = know_source(stores=STORES)
    for _number in range(50):
        know_order(source)
    browser = signed_in(alice)
    browser.get(ORDERS)  # The bell is drawn once.
    # Session, person, bell, connection, source with the columns, orders with their count.
    with django_assert_num_queries(6):
        assert "50 records found" in text(browser.get(f"{ORDERS}?per_page=50"))


def test_the_search_finds_it(as_dana: Client) -> None:
    assert ORDERS in links(as_dana.get(f"{SEARCH}?q=payment+status")).values()


def test_the_way_back_leads_home(as_dana: Client) -> None:
    assert links(as_dana.get(ORDERS))["Back"] == PAYMENT_SERVICES


@pytest.mark.parametrize(("query", "is_open"), [("", False), ("?range=7", True)])
def test_the_chart_is_closed_until_a_range_is_chosen(as_dana: Client, query: str, *, is_open: bool) -> None:
    know_order(know_source())
    found = re.findall(r'<details[^>]*id="orders-days"[^>]*>', as_dana.get(f"{ORDERS}{query}").content.decode())
    assert ["open" in tag.rstrip(">").split() for tag in found] == [is_open]
