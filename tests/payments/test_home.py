"""What the home of Payment Services shows of the orders."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from backend.frame.days import day_of
from connector.gateway.client import Credentials
from connector.verification.causes import Cause
from payments.models import OrderSource
from payments.orders.statuses import PayStatus
from tests.addresses import PAYMENT_SERVICES
from tests.conftest import signed_in
from tests.factories import USE_PAYMENTS, know_merchant, know_order, know_source, learn, person, store
from tests.gateways import PRODUCTION, SANDBOX, Outside
from tests.markup import links, text

pytestmark = pytest.mark.django_db
ORDERS = 'id="orders"'
ATTENTION = 'id="attention"'
REPORT = f"{PAYMENT_SERVICES}orders/?source=sandbox"


def know_counted(count: int = 3) -> OrderSource:
    today = day_of(timezone.now())
    return know_source(zone="UTC", days={str(today): {"capture_confirmed": count}})


def test_it_shows_the_chart_and_the_way_to_the_report(as_dana: Client, connected: None) -> None:
    know_counted()
    page = as_dana.get(PAYMENT_SERVICES)
    assert 'class="chart"' in page.content.decode()
    assert links(page)["View report"] == REPORT
    assert ATTENTION not in page.content.decode()


def test_the_range_is_in_the_address(as_dana: Client, connected: None) -> None:
    know_counted()
    page = as_dana.get(PAYMENT_SERVICES, {"range": "7", "returned": "sandbox"})
    assert page.content.decode().count('<g class="chart-day"') == 7
    assert links(page)["15 days"] == "?range=15&returned=sandbox#chart"


def test_what_needs_attention_comes_before_the_chart(as_dana: Client, connected: None) -> None:
    know_order(know_counted(), pay_status=PayStatus.CAPTURE_FAILED)
    page = as_dana.get(PAYMENT_SERVICES)
    assert "Needs attention Sandbox 1 order whose capture failed. Capture the payment again" in text(page)
    assert page.content.decode().index(ATTENTION) < page.content.decode().index(ORDERS)
    assert links(page)["1 order whose capture failed"] == f"{REPORT}&pay_status=capture_failed&start=&end="


def test_it_is_about_the_active_environment(as_dana: Client, connected: None) -> None:
    know_counted()
    know_order(know_source(PRODUCTION), pay_status=PayStatus.CAPTURE_FAILED)
    assert ATTENTION not in as_dana.get(PAYMENT_SERVICES).content.decode()


def test_without_a_working_pair_there_is_nothing_to_say_of_orders(as_dana: Client, pair: Credentials) -> None:
    store(SANDBOX, pair)
    assert ORDERS not in as_dana.get(PAYMENT_SERVICES).content.decode()


def test_what_was_read_before_the_keys_stopped_working_stays(as_dana: Client, connected: None) -> None:
    know_counted()
    learn(SANDBOX, Cause.KEY_REVOKED)
    assert 'class="chart"' in as_dana.get(PAYMENT_SERVICES).content.decode()


def test_before_onboarding_it_says_when_orders_come(as_dana: Client, connected: None) -> None:
    know_merchant(status="STARTED")
    page = as_dana.get(PAYMENT_SERVICES)
    assert "A store sends its orders once onboarding with PayPal is completed." in text(page)
    assert links(page)["Go to onboarding"] == "#onboarding-sandbox"


def test_orders_that_were_never_read_are_read_by_the_report(as_dana: Client, connected: None) -> None:
    know_merchant(SANDBOX, "COMPLETED")
    page = as_dana.get(PAYMENT_SERVICES)
    assert "The orders have not been read yet" in text(page)
    assert links(page)["View report"] == REPORT


def test_a_store_that_has_sent_nothing_is_told_what_it_takes(as_dana: Client, connected: None) -> None:
    know_merchant(SANDBOX, "COMPLETED")
    know_source(received_at=None)
    assert "No store has sent any orders yet" in text(as_dana.get(PAYMENT_SERVICES))


def test_a_gateway_without_reports_leads_to_the_store(as_dana: Client, connected: None, settings: Settings) -> None:
    settings.STORE_ADMIN_URL = "https://shop.example.com/admin"
    learn(SANDBOX, offers_reports=False)
    page = as_dana.get(PAYMENT_SERVICES)
    assert "This gateway offers no reports" in text(page)
    section = page.content.decode().split(ORDERS)[1].split("</section>")[0]
    assert 'href="https://shop.example.com/admin"' in section
    assert "View report" not in section


def test_with_orders_it_takes_six_queries_and_eight_with_a_role(
    no_sockets: None, alice: User, connected: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    know_order(know_counted(), pay_status=PayStatus.AUTHORIZED, ordered_at=timezone.now() - timedelta(days=25))
    for somebody, queries in ((alice, 6), (person("erin", USE_PAYMENTS), 8)):
        browser = signed_in(somebody)
        browser.get(PAYMENT_SERVICES)  # The bell is drawn once.
        with django_assert_max_num_queries(queries):
            assert ATTENTION in browser.get(PAYMENT_SERVICES).content.decode()


def test_learning_begins_with_four_cards(as_dana: Client, connected: None) -> None:
    learning = as_dana.get(PAYMENT_SERVICES).content.decode().split('id="learn-title"')[1].split("</section>")[0]
    assert learning.count("card-link") == 4
    assert 'href="/admin/help/understand-the-report/"' in learning


def test_a_refresh_brings_the_orders_with_the_range_of_the_page(
    as_dana: Client, outside: Outside, connected: None
) -> None:
    outside.accept(SANDBOX)
    know_counted()
    shown = as_dana.get(PAYMENT_SERVICES, {"range": "7"}).content.decode()
    assert f'action="{PAYMENT_SERVICES}refresh/?range=7"' in shown
    page = as_dana.post(f"{PAYMENT_SERVICES}refresh/?range=7").content.decode()
    assert page.count('<g class="chart-day"') == 7
    assert 'href="?range=15#chart"' in page
