"""`manage.py demo_store`: three feeds to the stand-in, and to nothing else."""

import json
import re
from collections.abc import Mapping
from io import StringIO
from typing import Any

import pytest
import requests
import responses
from django.core.management import CommandError, call_command
from pytest_django import Settings

from connector import connection
from connector.gateway.client import Credentials
from connector.verification.causes import Cause
from dashboard import demo
from dashboard.demo_store import sending, shop
from tests.factories import choose_identifier, connect, learn, set_instance, store
from tests.gateways import PING, PRODUCTION, SANDBOX, TESTING_ID, Outside

pytestmark = pytest.mark.django_db
EXPORTS = "payments/exports/commerce/"
REPORTS = {"status": 200, "standIn": {"onboarding": True, "reports": True}}


@pytest.fixture
def shop_open(connected: None, outside: Outside) -> Outside:
    """Connect the instance to a stand-in that takes feeds, with onboarding completed."""
    open_shop(outside)
    return outside


def open_shop(outside: Outside, environment: Any = SANDBOX, **onboarding: str) -> None:
    outside.answer(environment, PING, json=REPORTS)
    result = {"status": "COMPLETED", "merchantId": "m-1"} | onboarding
    outside.answer(environment, "payments/onboarding/paypal", json={"result": result})
    for path in ("orders", "orderStatuses", "stores"):
        outside.answer(environment, f"{EXPORTS}{path}/{TESTING_ID}", "POST", json={"status": 200})


def run(**options: Any) -> str:
    """Run the command and return what it says."""
    said = StringIO()
    call_command("demo_store", stdout=said, **options)
    return said.getvalue()


def sent(outside: Outside) -> list[dict[str, Any]]:
    """Return the body of each feed that was sent."""
    feeds = (call.request for call in outside.mocked.calls if EXPORTS in (call.request.url or ""))
    return [json.loads(request.body or "") for request in feeds]


def refused(**options: Any) -> str:
    with pytest.raises(CommandError) as caught:
        run(**options)
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_statuses_and_stores_go_first_then_orders_in_chunks_of_a_hundred(shop_open: Outside) -> None:
    said = run(orders=250)
    bodies = sent(shop_open)
    assert [(body["feed"], len(body["data"])) for body in bodies] == [
        ("sales_status", len(shop.STATUSES)),
        ("stores", len(shop.STORE_VIEWS)),
        ("orders", 100),
        ("orders", 100),
        ("orders", 50),
    ]
    assert {body["merchantId"] for body in bodies} == {"m-1"}
    assert len({row["id"] for body in bodies[2:] for row in body["data"]}) == 250
    assert said.splitlines()[-1] == "Sent 250 sandbox orders to Staging."
    assert said.splitlines()[:-1] == [f"{number} of 250 orders sent" for number in (100, 200, 250)]


def test_many_chunks_are_ten_lines(shop_open: Outside) -> None:
    assert len(run(orders=3000).splitlines()) == 11


def test_it_sends_to_the_other_environment_with_its_own_pair(pair: Credentials, outside: Outside) -> None:
    connect(pair)
    store(PRODUCTION, pair)
    learn(PRODUCTION)
    open_shop(outside, PRODUCTION)
    assert "production orders to" in run(orders=1, environment="production")
    assert sent(outside)[-1]["data"][0]["additional_information"]["payments_mode"] == "production"
    assert all("https://production." in call for call in outside.calls)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"orders": 0}, "--orders takes a number from 1 to 100000."),
        ({"orders": 100_001}, "--orders takes a number from 1 to 100000."),
        ({"seed": -1}, "--seed takes a number from 0 to 9999."),
        ({"seed": 10_000}, "--seed takes a number from 0 to 9999."),
    ],
)
def test_numbers_have_their_limits(shop_open: Outside, options: Mapping[str, int], said: str) -> None:
    assert refused(**options) == said
    assert shop_open.calls == []


@pytest.mark.parametrize(
    ("name", "said"), [("PRODUCTION", "refuses to run in production mode"), ("STAND_IN", "needs the stand-in")]
)
def test_it_is_for_development_with_the_stand_in(shop_open: Outside, settings: Settings, name: str, said: str) -> None:
    setattr(settings, name, not getattr(settings, name))
    assert said in refused()
    assert shop_open.calls == []


def test_a_gateway_that_does_not_report_orders_is_not_called(pair_stored: None, outside: Outside) -> None:
    learn(SANDBOX, offers_reports=False)
    choose_identifier()
    assert "made-up orders must never reach" in refused()
    assert outside.calls == []


@pytest.mark.parametrize("answer", [{}, {"status": 200, "standIn": {"onboarding": True}}])
def test_a_gateway_that_has_changed_since_gets_no_order(shop_open: Outside, answer: Mapping[str, Any]) -> None:
    shop_open.answer(SANDBOX, PING, json=answer)
    assert "made-up orders must never reach" in refused()
    assert sent(shop_open) == []


@pytest.mark.parametrize("is_known", [False, True])
def test_a_pair_that_is_not_verified_sends_nothing(pair_stored: None, outside: Outside, *, is_known: bool) -> None:
    choose_identifier()
    if is_known:
        learn(SANDBOX, Cause.KEY_REVOKED)
    assert "No key pair for sandbox is verified" in refused()
    assert outside.calls == []


def test_an_instance_without_a_pair_or_a_data_space_sends_nothing(shop_open: Outside) -> None:
    assert "No key pair for production is verified" in refused(environment="production")
    set_instance(data_space_id="")
    assert "No data space is chosen" in refused()
    assert shop_open.calls == []


@pytest.mark.parametrize("status", ["CREATED", "STARTED", "UNVERIFIED", "REVOKED"])
def test_a_store_that_is_not_onboarded_sends_nothing(shop_open: Outside, status: str) -> None:
    open_shop(shop_open, status=status)
    assert f"Onboarding of sandbox is not completed ({status})" in refused()
    assert sent(shop_open) == []


def test_a_gateway_that_is_down_is_named_with_its_cause(shop_open: Outside) -> None:
    shop_open.answer(SANDBOX, PING, body=requests.ConnectionError())
    assert refused().startswith("Commerce Services cannot be reached, and 0 orders were sent before. Run this again")


def test_if_the_gateway_is_this_server_it_says_how_to_start_it(shop_open: Outside, settings: Settings) -> None:
    settings.STAND_IN_URL = settings.GATEWAY_URLS[SANDBOX].rstrip("/")
    shop_open.answer(SANDBOX, PING, body=requests.ConnectionError())
    text = refused()
    assert "This command asks the stand-in in this project at sandbox.outside.test: start it with" in text
    assert "put PORT=… in front of this command. Then run this again; with the same seed" in text


def test_a_chunk_that_is_not_taken_says_how_many_were(shop_open: Outside) -> None:
    answers = iter([(status, dict[str, str](), "{}") for status in (200, 503)])
    address = re.compile(f".*/{EXPORTS}orders/{TESTING_ID}")
    shop_open.mocked.remove("POST", f"https://sandbox.outside.test/{EXPORTS}orders/{TESTING_ID}")
    shop_open.mocked.add_callback(responses.POST, address, callback=lambda _request: next(answers))
    text = refused(orders=300)
    assert text.startswith("No usable answer from Commerce Services, and 100 orders were sent before.")
    assert "with the same seed no order is added twice" in text


def test_after_a_failure_the_same_orders_are_sent_again(shop_open: Outside) -> None:
    stored = connection.load()
    assert list(sending.send(stored, SANDBOX, 7, 120)) == list(sending.send(stored, SANDBOX, 7, 120)) == [100, 120]
    first, again = sent(shop_open)[:4], sent(shop_open)[4:]
    assert first == again


def test_quickstart_sends_two_hundred_orders_of_the_sandbox(shop_open: Outside) -> None:
    demo.send_orders()
    assert sum(len(body["data"]) for body in sent(shop_open) if body["feed"] == "orders") == 200
    assert all("https://sandbox." in call for call in shop_open.calls)
