"""The columns of the report: which ones there are, and which of them a person sees."""

import csv
import re
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from payments.models import ShownColumns
from payments.orders.statuses import Dispute, PayStatus, RefundStatus
from payments.report.columns import COLUMNS, LOOKS
from tests.addresses import ORDERS
from tests.factories import know_order, know_source
from tests.markup import text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("connected")]
CHOOSE = f"{ORDERS}columns/"
TITLES = [
    *("Order ID", "Order Date", "Authorized Date", "Order Status", "Invoiced", "Shipped", "Order Amt", "Cur"),
    *("Pay Status", "Paid Amt", "Cur", "Refund Status", "Refund Amount", "Cur", "Disputes", "Payment Method"),
    *("Website", "Store", "Store View"),
]


def heads(page: Any) -> list[str]:
    """Return the titles of the columns of a page."""
    found = re.findall(r'role="columnheader"[^>]*>(.*?)</th>', page.content.decode(), re.DOTALL)
    return [re.sub(r"<[^>]*>", "", head).strip() for head in found]


def test_columns_come_in_the_order_of_adobes_report(as_dana: Client) -> None:
    know_order(know_source())
    assert heads(as_dana.get(ORDERS)) == TITLES


def test_every_status_has_a_look() -> None:
    choices = {"pay_status": PayStatus, "refund_status": RefundStatus, "dispute": Dispute}
    assert {name: {*looks} for name, looks in LOOKS.items()} == {name: {*codes} for name, codes in choices.items()}


def test_a_person_hides_columns_on_the_page_and_in_the_export(as_dana: Client, as_bob: Client) -> None:
    know_order(know_source())
    said = as_dana.post(f"{CHOOSE}?pay_status=capture_confirmed", {"shown": ["amount", "currency"]}, follow=True)
    assert said.redirect_chain == [(f"{ORDERS}?pay_status=capture_confirmed", 302)]
    assert "Your columns were saved." in text(said)
    assert heads(said) == ["Order ID", "Order Amt", "Cur"]
    exported = b"".join(as_dana.get(f"{ORDERS}export/")).decode().removeprefix("\ufeff")
    assert next(csv.reader(StringIO(exported))) == ["Order ID", "Order Amt", "Cur (Order Amt)"]
    assert heads(as_bob.get(ORDERS)) == TITLES


def test_all_are_shown_again(as_dana: Client) -> None:
    know_order(know_source())
    as_dana.post(CHOOSE, {"shown": []})
    assert heads(as_dana.get(ORDERS)) == ["Order ID"]
    assert heads(as_dana.post(f"{CHOOSE}reset/", follow=True)) == TITLES


def test_a_column_that_does_not_exist_changes_nothing(as_dana: Client, dana: User) -> None:
    know_order(know_source())
    assert "Nothing was saved" in text(as_dana.post(CHOOSE, {"shown": ["nonsense"]}, follow=True))
    assert not ShownColumns.objects.exists()


def test_a_choice_that_was_stored_wrong_hides_nothing(as_dana: Client, dana: User) -> None:
    know_order(know_source())
    ShownColumns.objects.create(user=dana, hidden={"amount": 1})
    assert heads(as_dana.get(ORDERS)) == TITLES


def test_columns_of_the_same_name_say_what_they_belong_to() -> None:
    assert [column.full_title for column in COLUMNS if str(column.title) == "Cur"] == [
        "Cur (Order Amt)",
        "Cur (Paid Amt)",
        "Cur (Refund Amount)",
    ]
