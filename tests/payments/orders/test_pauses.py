"""A gateway that asks for a pause is left alone until it is over, except by a person."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from connector import connection
from connector.gateway.client import Deadline
from connector.verification.causes import Cause
from payments.models import OrderSource
from payments.orders import sync
from tests.factories import know_source
from tests.gateways import SANDBOX, Outside
from tests.payments.orders.reports import NOON, PATH, Reports

pytestmark = pytest.mark.django_db


def read() -> None:
    sync.read(connection.load(), SANDBOX, Deadline())


@pytest.mark.parametrize(
    ("age_s", "cause", "rest_s", "expected"),
    [
        (299, Cause.GATEWAY_ERROR, 1, False),
        (300, Cause.GATEWAY_ERROR, 0, True),
        (59, Cause.GATEWAY_ERROR, 0, False),
        (-1, Cause.RATE_LIMITED, 3600, True),
    ],
)
def test_an_open_page_waits_for_its_end_unless_the_clock_was_set_back(
    age_s: int, cause: Cause, rest_s: int, expected: Any
) -> None:
    checked_at, retry_at = NOON - timedelta(seconds=age_s), NOON + timedelta(seconds=rest_s)
    source = OrderSource(checked_at=checked_at, failed_code=cause, retry_at=retry_at)
    assert sync.is_due(source, NOON) is expected


@pytest.mark.parametrize(
    ("status", "asked", "pause"), [(429, 3600, 3600), (429, 9999, 3600), (503, 120, 120), (503, 3600, 300)]
)
def test_a_pause_that_the_gateway_asks_for_is_noted(
    outside: Outside, connected: None, status: int, asked: int, pause: int
) -> None:
    outside.answer(SANDBOX, PATH, status=status, headers={"Retry-After": str(asked)})
    read()
    source = OrderSource.objects.get()
    assert source.checked_at is not None
    assert source.retry_at == source.checked_at + timedelta(seconds=pause)


def test_a_failure_without_a_pause_has_none(outside: Outside, connected: None) -> None:
    know_source(retry_at=timezone.now())
    outside.answer(SANDBOX, PATH, status=503)
    read()
    assert OrderSource.objects.get().retry_at is None


def test_a_person_asks_during_a_pause_and_a_good_answer_ends_it(outside: Outside, connected: None) -> None:
    reports = Reports(outside)
    reports.send("1")
    know_source(failed_code=Cause.RATE_LIMITED, retry_at=timezone.now() + timedelta(hours=1))
    assert not sync.refresh(connection.load(), SANDBOX, Deadline())
    assert reports.asked == []
    read()
    source = OrderSource.objects.get()
    assert (len(reports.asked), source.retry_at, source.failed_code) == (1, None, "")
