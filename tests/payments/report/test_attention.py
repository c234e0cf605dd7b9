"""Needs attention: how many orders there are, and the report that shows them."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from backend.frame.days import day_of, start_of
from connector import connection
from connector.environment import Environment
from payments.models import OrderSource
from payments.orders.statuses import Dispute, PayStatus, RefundStatus
from payments.report import attention
from payments.report.attention import Item
from tests.factories import choose_identifier, know_order, know_source
from tests.gateways import PRODUCTION, SANDBOX

pytestmark = pytest.mark.django_db


@pytest.fixture
def source() -> OrderSource:
    choose_identifier()
    return know_source()


def found(environment: Environment = SANDBOX) -> list[Item]:
    stored = connection.load()
    source, counts = attention.load(stored, environment)
    return attention.items(source, counts, stored.now)


def titles() -> list[str]:
    return [item.title for item in found()]


def filters(item: Item) -> dict[str, list[str]]:
    return parse_qs(urlsplit(item.url).query, keep_blank_values=True)


def test_orders_without_a_problem_need_no_attention(source: OrderSource) -> None:
    know_order(source)
    know_order(source, pay_status=PayStatus.AUTHORIZED)
    know_order(source, refund_status=RefundStatus.REFUNDED, dispute=Dispute.RESOLVED)
    assert found() == []


def test_before_the_first_read_nothing_needs_attention() -> None:
    choose_identifier()
    assert found() == []


def test_a_failed_capture_leads_to_the_report_of_its_environment(source: OrderSource) -> None:
    know_order(source, pay_status=PayStatus.CAPTURE_FAILED)
    [item] = found()
    assert item.title == "1 order whose capture failed"
    assert urlsplit(item.url).path == "/admin/sales/payment-services/orders/"
    assert filters(item) == {"source": ["sandbox"], "pay_status": ["capture_failed"], "start": [""], "end": [""]}


def test_every_dispute_but_a_resolved_one_is_open(source: OrderSource) -> None:
    for dispute in Dispute:
        know_order(source, dispute=dispute)
    [item] = found()
    assert item.title == "5 orders with an open dispute"
    assert filters(item)["dispute"] == [dispute for dispute in Dispute if dispute != "resolved"]


def test_the_worst_comes_first(source: OrderSource) -> None:
    know_order(source, pay_status=PayStatus.AUTHORIZED, ordered_at=timezone.now() - timedelta(days=25))
    know_order(source, refund_status=RefundStatus.REFUND_FAILED)
    assert titles() == [
        "1 order whose refund failed",
        "1 order that has been authorized for more than 21 days",
    ]


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "Africa/Cairo"])
def test_an_authorization_counts_after_21_days_and_the_report_has_the_same_orders(
    source: OrderSource, settings: Settings, zone: str
) -> None:
    settings.TIME_ZONE = zone
    today = day_of(timezone.now())
    first = start_of(today - timedelta(days=21))
    know_order(source, pay_status=PayStatus.AUTHORIZED, ordered_at=first)
    assert found() == []
    know_order(source, pay_status=PayStatus.AUTHORIZED, ordered_at=first - timedelta(microseconds=1))
    [item] = found()
    assert item.title.startswith("1 order that")
    assert filters(item)["end"] == [str(today - timedelta(days=22))]


@pytest.mark.parametrize(("count", "said"), [(99, "99 orders"), (100, "99+ orders"), (130, "99+ orders")])
def test_more_than_99_are_not_counted(source: OrderSource, count: int, said: str) -> None:
    know_order(source, pay_status=PayStatus.CAPTURE_FAILED)
    for number in range(1, count):
        know_order(source, order_id=f"more-{number}", pay_status=PayStatus.CAPTURE_FAILED)
    assert titles() == [f"{said} whose capture failed"]


def test_the_other_environment_and_another_data_space_count_apart(source: OrderSource) -> None:
    know_order(know_source(PRODUCTION), pay_status=PayStatus.CAPTURE_FAILED)
    know_order(know_source(data_space_id="another"), pay_status=PayStatus.CAPTURE_FAILED)
    assert found() == []
    [item] = found(PRODUCTION)
    assert filters(item)["source"] == ["production"]


@pytest.mark.parametrize(("minutes", "is_late"), [(59, False), (61, True)])
def test_a_feed_that_had_stopped_at_the_last_read_is_reported(minutes: int, *, is_late: bool) -> None:
    choose_identifier()
    know_source(received_at=timezone.now() - timedelta(minutes=minutes))
    assert [filters(item) for item in found()] == [{"source": ["sandbox"]}] * is_late
    assert [title[:38] for title in titles()] == ["Nothing received from your store since"] * is_late


def test_a_copy_that_was_not_read_for_a_day_says_nothing_about_the_feed() -> None:
    choose_identifier()
    yesterday = timezone.now() - timedelta(days=1)
    know_source(received_at=yesterday, read_at=yesterday)
    assert found() == []


def test_source_and_counts_come_in_one_query(
    source: OrderSource, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    know_order(source, pay_status=PayStatus.CAPTURE_FAILED)
    stored = connection.load()
    with django_assert_num_queries(1):
        known, counts = attention.load(stored, SANDBOX)
    assert known == source
    assert counts == {"failed_captures": 1, "failed_refunds": 0, "open_disputes": 0, "old_authorizations": 0}


def test_each_count_uses_an_index(source: OrderSource) -> None:
    for number in range(300):
        know_order(source, order_id=f"well-{number}")
    with database.cursor() as cursor, CaptureQueriesContext(database) as queries:
        cursor.execute("ANALYZE")
        attention.load(connection.load(), SANDBOX)
    asked = next(query["sql"] for query in queries if "failed_captures" in query["sql"])
    with database.cursor() as cursor:
        cursor.execute(f"{'EXPLAIN QUERY PLAN' if database.vendor == 'sqlite' else 'EXPLAIN'} {asked}")
        plan = str(cursor.fetchall())
    found = [plan.count(f"payments_order_{column}") for column in ("pay", "refund", "dispute")]
    assert found == [2, 1, 1]
