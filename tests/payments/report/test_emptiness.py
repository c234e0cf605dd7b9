"""What the report says if it has no order to show."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from connector.gateway.client import Credentials
from connector.models import Verification
from connector.verification.causes import Cause
from tests.addresses import CONFIGURATION, ORDERS, PAYMENT_SERVICES
from tests.factories import know_merchant, know_order, know_source, learn, set_instance
from tests.gateways import SANDBOX
from tests.markup import links, text

pytestmark = pytest.mark.django_db


def test_without_a_pair_it_leads_to_the_keys_of_that_environment(as_bob: Client, connected: None) -> None:
    page = as_bob.get(f"{ORDERS}?source=production")
    assert "There is no key pair for Live" in text(page)
    assert "Orders are read with the Production key pair." in text(page)
    assert links(page)["Open the Production keys"] == f"{CONFIGURATION}#production-keys"


def test_people_who_may_not_enter_keys_read_whom_to_ask(as_dana: Client, bob: User) -> None:
    said = text(as_dana.get(ORDERS))
    assert "There is no key pair" in said
    assert f"These people may configure it: {bob.username}." in said


def test_without_a_data_space_it_leads_to_the_choice_of_one(as_bob: Client, connected: None) -> None:
    set_instance(data_space_id="")
    page = as_bob.get(ORDERS)
    assert "No data space is chosen" in text(page)
    assert links(page)["Open the configuration"] == f"{CONFIGURATION}#saas-identifier"


def test_a_pair_that_does_not_work_leads_home(as_dana: Client, connected: None) -> None:
    learn(SANDBOX, Cause.PAIR_MISMATCH)
    page = as_dana.get(ORDERS)
    assert "The Sandbox keys are not verified" in text(page)
    assert links(page)["Open Payment Services"] == PAYMENT_SERVICES


def test_a_gateway_without_reports_leads_to_the_store(as_dana: Client, connected: None, settings: Settings) -> None:
    settings.STORE_ADMIN_URL = "https://store.example/admin"
    Verification.objects.update(offers_reports=False)
    page = as_dana.get(ORDERS)
    assert "This gateway offers no reports" in text(page)
    assert "https://store.example/admin" in links(page).values()
    assert "Refresh" not in text(page)


@pytest.mark.parametrize("known", [{}, {"received_at": None}], ids=["not read", "read"])
def test_before_onboarding_is_completed_it_leads_there(as_dana: Client, connected: None, known: dict[str, Any]) -> None:
    if known:
        know_source(**known)
    know_merchant(status="STARTED")
    page = as_dana.get(ORDERS)
    assert "Sandbox onboarding is not completed" in text(page)
    assert links(page)["Open Payment Services"] == PAYMENT_SERVICES


def test_orders_that_were_never_read_can_be_read_now(as_dana: Client, connected: None) -> None:
    know_merchant(status="COMPLETED")
    page = as_dana.get(ORDERS)
    assert "The orders have not been read yet" in text(page)
    assert f'action="{ORDERS}refresh/"' in page.content.decode()
    assert "Export CSV" not in text(page)


def test_it_says_that_no_store_has_sent_anything(as_dana: Client, connected: None) -> None:
    know_source(received_at=None)
    know_merchant(status="COMPLETED")
    assert "No store has sent any orders yet" in text(as_dana.get(ORDERS))


def test_if_no_order_matches_all_dates_are_one_step_away(as_dana: Client, connected: None) -> None:
    know_source()
    page = as_dana.get(f"{ORDERS}?pay_status=voided")
    assert "No orders match these dates and filters" in text(page)
    assert links(page)["Show all dates"] == f"{ORDERS}?pay_status=voided&start=&end="
    assert "Export CSV" in text(page)


def test_all_dates_are_not_offered_where_they_are_shown(as_dana: Client, connected: None) -> None:
    know_source()
    page = as_dana.get(f"{ORDERS}?pay_status=voided&start=&end=")
    assert "Show all dates" not in links(page)
    assert links(page)["Clear all"] == f"{ORDERS}?"


def test_orders_stay_on_the_page_when_the_pair_stops_working(as_dana: Client, connected: None) -> None:
    order = know_order(know_source(read_at=None))
    learn(SANDBOX, Cause.PAIR_MISMATCH)
    assert order.number in links(as_dana.get(ORDERS))


def test_no_reason_needs_the_network(as_dana: Client, no_sockets: None, pair: Credentials, connected: None) -> None:
    assert as_dana.get(ORDERS).status_code == 200
