"""A gateway that reports whatever it likes: reading ends, and every page still answers."""

import pytest
from django.test import Client
from pytest_django import Settings

from connector import connection
from connector.verification.causes import Cause
from payments.orders import sync
from payments.orders.sync import Outcome
from tests.addresses import ORDERS, PAYMENT_SERVICES
from tests.gateways import SANDBOX, Outside
from tests.payments.orders.reports import NOON, Reports

pytestmark = pytest.mark.django_db


@pytest.fixture
def reports(outside: Outside, connected: None) -> Reports:
    return Reports(outside)


def test_pages_that_lead_in_a_circle_are_not_read_for_ever(reports: Reports) -> None:
    def lead_on(call: int) -> None:
        assert call < 10
        results = [{"updatedAt": NOON.isoformat(), "order": {"id": "1"}}]
        reports.more = {"results": results, "next": f"page-{call % 3}"}

    reports.before = lead_on
    assert sync.read_all(connection.load(), SANDBOX) == Outcome(1, cause=Cause.GATEWAY_ERROR)
    assert len(reports.asked) == 4


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/New_York"])
@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_a_feed_at_the_end_of_the_calendar_breaks_no_page(
    reports: Reports, as_dana: Client, settings: Settings, zone: str, moment: str
) -> None:
    settings.TIME_ZONE = zone
    reports.send("1")
    reports.more = {"updatedAt": moment}
    assert sync.read_all(connection.load(), SANDBOX) == Outcome(1, is_complete=True)
    for address in (ORDERS, PAYMENT_SERVICES, f"{ORDERS}export/"):
        assert as_dana.get(address).status_code == 200
