"""Bringing the report up to date: by its button, and by the small request after load."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from connector.models import FRESH, Turn, Verification
from payments.models import OrderSource
from payments.orders import sync
from tests.addresses import ORDERS
from tests.factories import know_order, know_source, learn
from tests.gateways import SANDBOX, Outside
from tests.markup import shown_value, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("connected")]
REFRESH = f"{ORDERS}refresh/"
FETCH = {"x-requested-with": "fetch"}
Reading = Callable[..., list[str]]


@pytest.fixture
def reading(monkeypatch: pytest.MonkeyPatch) -> Reading:
    """Return what lets every reading of orders store some facts, and returns which environments were read."""

    def let(**facts: Any) -> list[str]:
        asked: list[str] = []

        def read(stored: Any, environment: str, _deadline: Any) -> sync.Outcome:
            asked.append(environment)
            key = {"data_space_id": stored.data_space_id, "environment": environment}
            OrderSource.objects.update_or_create(**key, defaults={"checked_at": timezone.now(), **facts})
            return sync.Outcome()

        monkeypatch.setattr(sync, "read", read)
        return asked

    return let


def shown(client: Client) -> str:
    """Return which copy of the orders the report shows."""
    return shown_value(client.get(ORDERS), "copy")


def test_the_button_reads_and_keeps_the_filters(as_dana: Client, reading: Reading) -> None:
    know_source()
    asked = reading(read_at=timezone.now())
    page = as_dana.post(f"{REFRESH}?source=sandbox&pay_status=voided", follow=True)
    assert page.redirect_chain == [(f"{ORDERS}?source=sandbox&pay_status=voided", 302)]
    assert "Update complete" in text(page)
    assert asked == ["sandbox"]


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"failed_code": "timeout"}, "The orders could not be read: Commerce Services did not answer in time."),
        ({"cursor": "next"}, "There are more orders than could be read at once."),
        ({"checked_at": None}, "Nothing was read"),
    ],
)
def test_the_button_says_why_it_is_not_complete(
    as_dana: Client, reading: Reading, facts: dict[str, Any], said: str
) -> None:
    know_source(checked_at=None)
    reading(**facts)
    assert said in text(as_dana.post(REFRESH, follow=True))


def test_a_page_that_is_open_gets_the_parts_that_changed(as_dana: Client, reading: Reading) -> None:
    source = know_source(checked_at=timezone.now() - FRESH)
    know_order(source, number="new")
    reading(read_at=timezone.now())
    page = as_dana.post(REFRESH, headers=FETCH)
    parts = [part for part in ("updated", "tools", "found") if f'id="orders-{part}"' in page.content.decode()]
    assert parts == ["updated", "found"]
    assert "new" in text(page)


def test_the_first_orders_bring_the_filters_with_them(as_dana: Client, reading: Reading) -> None:
    reading(read_at=timezone.now(), received_at=timezone.now())
    page = as_dana.post(REFRESH, headers=FETCH)
    assert 'id="orders-tools"' in page.content.decode()
    assert "Export CSV" in text(page)


def test_a_page_does_not_ask_while_it_is_up_to_date(as_dana: Client, reading: Reading) -> None:
    know_source(checked_at=timezone.now() - FRESH + timedelta(seconds=30))
    asked = reading()
    answer = as_dana.post(REFRESH, {"copy": shown(as_dana)}, headers=FETCH)
    assert (answer.status_code, "Retry-After" in answer.headers) == (204, False)
    assert asked == []


def test_a_page_does_not_ask_a_gateway_without_reports(as_dana: Client, outside: Outside) -> None:
    Verification.objects.update(offers_reports=False)
    assert as_dana.post(REFRESH, headers=FETCH).status_code == 204
    assert outside.calls == []
    assert f'action="{REFRESH}"' not in as_dana.get(ORDERS).content.decode()


def test_where_somebody_else_is_asking_nothing_changes(as_dana: Client, outside: Outside) -> None:
    learn(SANDBOX, host="sandbox.outside.test")
    know_source(checked_at=timezone.now() - FRESH)
    assert Turn.objects.begin(sync.TURN, timezone.now())
    answer = as_dana.post(REFRESH, {"copy": shown(as_dana)}, headers=FETCH)
    assert (answer.status_code, answer["Retry-After"]) == (204, "3")
    assert outside.calls == []


def test_a_page_gets_what_another_request_has_read(as_dana: Client, outside: Outside) -> None:
    source = know_source()
    before = shown(as_dana)
    know_order(source, number="new")
    OrderSource.objects.update(checked_at=timezone.now())
    page = as_dana.post(REFRESH, {"copy": before}, headers=FETCH)
    assert "new" in text(page)
    assert shown_value(page, "copy") != before
    assert as_dana.post(REFRESH, {"copy": shown_value(page, "copy")}, headers=FETCH).status_code == 204
    assert outside.calls == []
