"""What a server counts while it runs."""

import subprocess
import sys
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from django.conf import settings as configured
from django.test import Client
from django.utils import timezone

from backend.frame import events
from connector import connection
from connector.errors import GatewayError
from connector.gateway import feeds, payments, reports
from connector.gateway.client import Credentials, Deadline
from connector.gateway.client import connect as connect_client
from dashboard.metrics import counted
from payments.orders import sync
from tests.addresses import CONFIGURATION, DASHBOARD, HEALTH
from tests.dashboard.metrics.conftest import Read
from tests.factories import connect
from tests.gateways import JWT_INVALID, SANDBOX, TESTING_ID, Outside
from tests.markup import sent
from tests.payments.orders.reports import Reports

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _counting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count as a server does, from zero on."""
    monkeypatch.setattr(events, "_observers", [])
    counted.begin()
    collectors: list[Any] = list(counted.REGISTRY._collector_to_names)
    for collector in collectors:
        collector.clear()


def test_each_page_counts_by_view_method_and_status(read: Read, as_alice: Client) -> None:
    for path in (DASHBOARD, DASHBOARD, "/admin/nowhere/", HEALTH):
        as_alice.get(path)
    as_alice.head(DASHBOARD)
    assert read("responses_total") == {
        ("GET", "2xx", "dashboard"): 2,
        ("HEAD", "2xx", "dashboard"): 1,
        ("GET", "4xx", "none"): 1,
        ("GET", "2xx", "healthz"): 1,
    }
    assert read("response_seconds_count")["GET", "dashboard"] == 2
    assert 0 < read("response_seconds_sum")["GET", "dashboard"] < 60


def test_nobody_makes_new_labels_by_asking_for_odd_things(read: Read, client: Client) -> None:
    for number in range(5):
        client.get(f"/nowhere/{number}/")
        client.generic(f"ODD{number}", f"/paypal/onboarding/{number}/")
        client.get(f"/static/{number}.css")
    assert {(method, view) for method, _status, view in read("responses_total")} == {
        ("GET", "none"),
        ("other", "saas:paypal"),
        ("GET", "static"),
    }


def test_each_call_of_a_gateway_counts_without_its_ids(
    read: Read, as_alice: Client, outside: Outside, pair: Credentials
) -> None:
    connect(pair)
    outside.accept(SANDBOX)
    as_alice.post(f"{CONFIGURATION}verify/", {"environment": "sandbox"})
    registry = "GET merchant-registry/v1/registry"
    calls = {(registry, "2xx"): 1, ("GET merchant-registry/v1/ping", "2xx"): 1}
    assert read("gateway_call_seconds_count") == calls | {(f"{registry}/environments/…", "2xx"): 1}
    assert TESTING_ID not in as_alice.get("/metrics").content.decode()


def test_no_call_of_a_gateway_makes_a_label_of_an_id(read: Read, outside: Outside, pair: Credentials) -> None:
    client, odd, now = connect_client(SANDBOX, pair, Deadline()), "odd-Id_7", timezone.now()
    calls: list[Any] = [
        client.ping,
        client.data_spaces,
        lambda: client.data_space(odd),
        lambda: client.create_project(odd),
        lambda: client.rename_project(odd, odd),
        lambda: client.rename_data_space(odd, odd),
        lambda: client.set_cloud_id(odd, odd),
        lambda: client.clean_up(odd, odd),
        lambda: payments.read(client, odd, odd),
        lambda: payments.begin(client, odd, odd, odd, odd),
        lambda: payments.reset(client, odd, odd),
        lambda: reports.read(client, odd, cursor=odd),
        *(partial(feeds.post, client, feed, odd, odd, [], now) for feed in feeds.Feed),
    ]
    for call in calls:
        with suppress(GatewayError):
            call()
    labels = [call for call, _outcome in read("gateway_call_seconds_count")]
    assert len(labels) == len(calls)
    assert [label for label in labels if odd in label or "?" in label] == []


def test_a_call_that_failed_counts_with_its_reason(
    read: Read, as_alice: Client, outside: Outside, connected: None
) -> None:
    as_alice.post(f"{CONFIGURATION}verify/", {"environment": "sandbox"})
    assert read("gateway_call_seconds_count") == {("GET merchant-registry/v1/ping", "unreachable"): 1}


def test_verifications_count_by_cause(read: Read, as_alice: Client, outside: Outside, pair: Credentials) -> None:
    outside.accept(SANDBOX)
    as_alice.post(CONFIGURATION, sent(pair))
    outside.refuse(SANDBOX, JWT_INVALID, 401)
    as_alice.post(f"{CONFIGURATION}verify/", {"environment": "sandbox"})
    assert read("verifications_total") == {("verified", "sandbox"): 1, ("pair_mismatch", "sandbox"): 1}


def test_reads_of_orders_count_with_what_they_changed(read: Read, outside: Outside, connected: None) -> None:
    def sync_once() -> None:
        sync.read(connection.load(), SANDBOX, Deadline())

    reports = Reports(outside)
    reports.send("1", "2", "3")
    sync_once()
    sync_once()
    outside.answer(SANDBOX, "payments/reports/orders", status=500)
    sync_once()
    assert read("order_reads_total") == {("sandbox", "complete"): 2, ("sandbox", "gateway_error"): 1}
    assert read("orders_changed_total") == {("sandbox",): 3}


def test_no_metric_names_a_person_or_holds_a_key(
    client: Client, as_bob: Client, accepted: None, pair: Credentials
) -> None:
    as_bob.post(CONFIGURATION, sent(pair))
    text = client.get("/metrics").content.decode()
    assert "verified" in text
    assert [secret for secret in ("bob", pair.api_key, pair.private_key.fingerprint) if secret in text] == []


def test_a_command_does_not_wait_for_the_library() -> None:
    script = """
import sys
from django.core.management import call_command
import django; django.setup()
call_command("check")
print("config.urls" in sys.modules, "prometheus_client" in sys.modules)
"""
    done = subprocess.run(  # noqa: S603  (our own code)
        [sys.executable, "-c", script], cwd=configured.BASE_DIR, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split()[-2:] == ["True", "False"]
