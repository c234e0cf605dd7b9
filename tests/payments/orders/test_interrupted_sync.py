"""A process that reads orders may be killed anywhere: what it stored is right, and the next one goes on there."""

import pytest
from django.utils import timezone

from connector import connection
from connector.gateway.client import Credentials
from payments.models import Order, OrderSource
from payments.orders import sync
from payments.orders.sync import Outcome
from tests.connector.configuration.test_interruptions import FEWEST_STEPS, Steps, die, is_killed
from tests.factories import connect, know_source
from tests.gateways import SANDBOX, Outside
from tests.payments.orders.reports import Reports
from tests.payments.orders.test_counts import counted

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    # The process that forks has threads: those of another test's server and of the progress report.
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]
ORDERS = ["1", "2", "3", "4", "5"]


def read() -> Outcome:
    outcome = sync.read_all(connection.load(), SANDBOX)
    assert isinstance(outcome, Outcome)
    return outcome


def stored() -> list[str]:
    return sorted(Order.objects.values_list("order_id", flat=True))


def test_the_end_of_the_process_at_any_step_loses_nothing(
    outside: Outside, pair: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(pair)
    reports, steps = Reports(outside), 0
    was_killed = True
    while was_killed:
        OrderSource.objects.all().delete()
        know_source(since=None, read_at=None, checked_at=None)
        reports.send(*ORDERS, created_at=f"{timezone.now():%Y-%m-%d %H:%M:%S}")
        steps += 1
        with Steps(steps, die).watched(monkeypatch):
            was_killed = is_killed(read)
        source, before = OrderSource.objects.get(), stored()
        # Every page has two orders, and the place is that of the last page.
        assert before == ORDERS[: len(before)]
        assert source.cursor.rpartition("_")[2] == (before[-1] if 0 < len(before) < len(ORDERS) else "")
        assert read() == Outcome(len(ORDERS) - len(before), is_complete=True)
        assert stored() == ORDERS
        source.refresh_from_db()
        assert source.days == counted(timezone.now())
    assert steps > 3 * FEWEST_STEPS
