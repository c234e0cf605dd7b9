"""What a store sends arrives: the report, the chart, Home and the CSV agree with it to the row and the cent."""

import csv
import html
import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from time import perf_counter
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import strip_tags
from pytest_django import Settings

from connector import connection
from connector.configuration import projects
from connector.gateway import feeds
from connector.gateway.client import Credentials, Deadline, connect
from connector.gateway.feeds import Feed
from payments.models import Order, OrderSource
from saas.models import Merchant
from tests.addresses import CONFIGURATION, PAYMENT_SERVICES
from tests.factories import set_instance
from tests.gateways import SANDBOX
from tests.markup import links, sent
from tests.payments.conftest import Issue
from tests.saas.gateway.feeds import STATUSES, STORES, order

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
REPORT = f"{PAYMENT_SERVICES}orders/"
# Two hours around each midnight, in all three time zones, on the days when clocks change: Paris on the 25th of October,
# Cairo in the night to the 30th. In Kathmandu they never do.
MOMENTS = [
    *(datetime(2026, 10, 24, 17, 30, tzinfo=UTC) + timedelta(minutes=45 * step) for step in range(44)),
    *(datetime(2026, 10, 29, 17, 30, tzinfo=UTC) + timedelta(minutes=45 * step) for step in range(44)),
]


def made(number: int) -> dict[str, Any]:
    """Return one of the orders, in one of five states; no two have the same amount."""
    total = round(9.99 + number * 1.01, 2)
    unpaid = {"amount_paid": 0, "amount_captured_online": 0, "invoices": None, "total_invoiced": 0}
    authorization = {"id": "5", "txn_id": "8XY", "type": "authorization", "created_at": "2026-10-30 00:00:00"}
    states: list[dict[str, Any]] = [
        {"amount_paid": total},
        {"amount_paid": round(total / 2, 2)},
        {**unpaid, "transactions": [authorization]},
        {**unpaid, "transactions": [authorization, authorization | {"type": "capture"}]},
        {"amount_paid": total, "amount_refunded": 0.1, "amount_refunded_online": 0.1},
    ]
    at = MOMENTS[number].strftime("%Y-%m-%d %H:%M:%S")
    row = order(
        str(number + 1), increment_id=f"{number + 1:09}", created_at=at, updated_at=f"2026-11-01 10:{number % 60:02}:00"
    )
    return {**row, "grand_total": total, "amount_authorized": total, **states[number % 5]}


ROWS = [made(number) for number in range(len(MOMENTS))]
PAY = ("Capture confirmed", "Partial capture", "Authorized", "Capture failed", "Capture confirmed")


@pytest.fixture
def store(
    as_alice: Client, issue: Issue, pair: Credentials, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Client:
    """Connect to the stand-in, on the 20th of November, with sandbox onboarding completed."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    monkeypatch.setattr("connector.gateway.client.time", SimpleNamespace(time=NOW.timestamp, perf_counter=perf_counter))
    issue(SANDBOX, pair)
    as_alice.post(CONFIGURATION, sent(pair, SANDBOX))
    projects.create_project("Shop", connection.load())
    space = connection.load().data_spaces[-1]
    set_instance(data_space_id=space.id)
    Merchant.objects.create(data_space_id=space.id, environment=SANDBOX, status="COMPLETED")
    return as_alice


def send(feed: Feed, rows: list[Any]) -> None:
    stored = connection.load()
    assert stored.active.credentials
    client = connect(SANDBOX, stored.active.credentials, Deadline())
    feeds.post(client, feed, stored.data_space_id, "", rows, NOW)


def synced() -> None:
    with pytest.raises(SystemExit) as ended:
        call_command("payments", "sync", "--environment", "sandbox")
    assert ended.value.code == 0


def cells(row: str) -> list[str]:
    return [
        " ".join(html.unescape(strip_tags(cell)).split()) for cell in re.findall(r"<t[hd]\b.*?</t[hd]>", row, re.DOTALL)
    ]


def rows_of(page: str) -> list[list[str]]:
    """Return the cells of the rows of the first table, or of the report's grid."""
    table = page.partition('id="orders-found"')[2] or page
    body = table.partition("<tbody")[2].partition("</tbody>")[0]
    return [cells(row) for row in re.findall(r"<tr\b.*?</tr>", body, re.DOTALL)]


@pytest.mark.parametrize("zone", ["Europe/Paris", "Asia/Kathmandu", "Africa/Cairo"])
def test_report_chart_home_and_csv_agree_with_what_the_store_sent(store: Client, settings: Settings, zone: str) -> None:
    settings.TIME_ZONE = zone
    send(Feed.STATUSES, STATUSES)
    send(Feed.STORES, STORES)
    chunks = [ROWS[start : start + 9] for start in range(0, len(ROWS), 9)]
    for chunk in reversed(chunks):
        send(Feed.ORDERS, chunk)
    synced()
    # Once more, with a row that cannot be read; then late, what the orders were before.
    send(Feed.ORDERS, [*chunks[2][:4], {"increment_id": "without an id"}, *chunks[2][4:]])
    send(Feed.ORDERS, [row | {"amount_paid": 0, "updated_at": "2026-10-31 00:00:00"} for row in ROWS[30:50]])
    synced()
    assert (Order.objects.count(), OrderSource.objects.get().unread) == (len(ROWS), 1)
    placed = [datetime.fromisoformat(f"{row['created_at']}+00:00").astimezone(ZoneInfo(zone)) for row in ROWS]
    days = {at.date() for at in placed}
    for day in days:
        expected = [ROWS[number] for number, at in enumerate(placed) if at.date() == day]
        check_report(store, day, expected)
    check_csv(store, placed)
    check_chart(store, Counter((at.date(), PAY[number % 5]) for number, at in enumerate(placed)))
    check_home(store, placed)


def check_report(store: Client, day: date, expected: list[dict[str, Any]]) -> None:
    """See that the report has the orders of `day`, the newest first, with their amounts."""
    page = store.get(REPORT, {"start": f"{day}", "end": f"{day}", "per_page": "100"}).content.decode()
    shown = [(row[0], Decimal(row[6]), Decimal(row[9])) for row in rows_of(page)]
    assert shown == [
        (row["increment_id"], Decimal(str(row["grand_total"])), Decimal(str(row["amount_paid"])))
        for row in reversed(expected)
    ]


def check_csv(store: Client, placed: list[datetime]) -> None:
    """See that the CSV has every order, with its time, its amounts and its status."""
    response: Any = store.get(f"{REPORT}export/", {"start": "", "end": ""})
    head, *lines = csv.reader(b"".join(response.streaming_content).decode("utf-8-sig").splitlines())
    read = [dict(zip(head, line, strict=True)) for line in lines]
    expected = [
        (row["increment_id"], at.isoformat(timespec="seconds"), Decimal(str(row["grand_total"])), PAY[number % 5])
        for number, (row, at) in enumerate(zip(ROWS, placed, strict=True))
    ]
    assert [
        (row["Order ID"].strip("'"), row["Order Date"], Decimal(row["Order Amt"]), row["Pay Status"])
        for row in reversed(read)
    ] == expected
    paid = sum(Decimal(row["Paid Amt"]) for row in read)
    refunded = sum(Decimal(row["Refund Amount"] or 0) for row in read)
    assert paid == sum(Decimal(str(row["amount_paid"])) for row in ROWS)
    assert refunded == sum(Decimal(str(row["amount_refunded"])) for row in ROWS)


def check_chart(store: Client, expected: Counter[tuple[date, str]]) -> None:
    """See that the table behind the chart of Home has each day's orders by pay status."""
    table = store.get(PAYMENT_SERVICES).content.decode().partition('class="chart-table"')[2]
    heads = cells(table.partition("</thead>")[0])
    shown = {
        (day, status): int(number or 0)
        for day, _total, *numbers in rows_of(table)
        for status, number in zip(heads[2:], numbers, strict=True)
    }
    assert {key: number for key, number in shown.items() if number} == {
        (date_format(day), status): number for (day, status), number in expected.items()
    }


def check_home(store: Client, placed: list[datetime]) -> None:
    """See that Home counts what needs attention, and that each count leads to as many orders."""
    failed = PAY.index("Capture failed")
    page = store.get(PAYMENT_SERVICES)
    of_old = [at for number, at in enumerate(placed) if number % 5 == 2 and at.date() < date(2026, 10, 30)]
    found = {said: address for said, address in links(page).items() if REPORT in address}
    failures = next(address for said, address in found.items() if "whose capture failed" in said)
    old = next(address for said, address in found.items() if "authorized for more than 21 days" in said)
    for address, count in ((failures, len(placed[failed::5])), (old, len(of_old))):
        assert len(rows_of(store.get(f"{address}&per_page=100").content.decode())) == count
