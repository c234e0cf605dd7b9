"""Onboarding: what each status says and offers, beginning, coming back, reading it again."""

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from backend.audit.models import LoggedAction
from connector import connection
from connector.environment import Environment
from connector.errors import StaleRevisionError
from connector.gateway.client import Credentials
from connector.models import Instance, Turn
from connector.models.turns import CHANGE
from connector.verification.causes import Cause
from payments import onboarding, statuses
from payments.models import Merchant
from tests.addresses import PAYMENT_SERVICES
from tests.factories import know_merchant, learn, store
from tests.gateways import GATEWAY_URLS, PRODUCTION, SANDBOX, TESTING_ID, Outside
from tests.markup import text

pytestmark = pytest.mark.django_db
PATH = "payments/onboarding/paypal"
BEGIN = f"{PAYMENT_SERVICES}onboarding/sandbox/"
LIVE = f"{PAYMENT_SERVICES}onboarding/production/"
SENT = {"country": "FR", "experience": "standard"}
PAYPAL = f"{GATEWAY_URLS[SANDBOX]}paypal/onboarding/token/"
MERCHANT_ID = "0b5c6a0e-5d0f-4f5e-9a3e-6d1f6b1c2d3e"


def result(status: str, **facts: Any) -> dict[str, Any]:
    return {"result": {"status": status, "merchantId": MERCHANT_ID, **facts}}


def begun(address: str = PAYPAL) -> dict[str, Any]:
    return result("CREATED", links=[{"rel": "action_url", "href": address}])


def card(client: Client, environment: Environment = SANDBOX) -> str:
    page = client.get(PAYMENT_SERVICES).content.decode()
    return " ".join(page.split(f'id="onboarding-{environment}"')[1].split("</section>")[0].split())


@pytest.fixture
def live(connected: None, other_pair: Credentials) -> None:
    """Store a verified pair for production too."""
    store(PRODUCTION, other_pair)
    learn(PRODUCTION)


@pytest.mark.parametrize(
    ("status", "label", "button"),
    [
        ("CREATED", "Not connected to PayPal yet", "Sandbox onboarding</button>"),
        ("STARTED", "Sandbox payments pending", "Continue at PayPal"),
        ("UNVERIFIED", "E-mail address not confirmed", "Open PayPal profile settings"),
        ("COMPLETED", "Ready for test payments", ""),
        ("REVOKED", "Consent taken back", "Onboard again"),
        ("PENDING_REVIEW", "Status not known here", ""),
    ],
)
def test_a_card_says_what_a_status_means_and_offers_the_next_step(
    as_dana: Client, connected: None, status: str, label: str, button: str
) -> None:
    know_merchant(status=status)
    said = card(as_dana)
    assert label in said
    assert status in said
    assert f'action="{BEGIN}"' in said if button else f'action="{BEGIN}"' not in said
    assert button in said


def test_a_status_that_was_never_read_is_not_known(as_dana: Client, connected: None) -> None:
    assert "Not known yet" in card(as_dana)


def test_each_environment_with_a_working_pair_has_its_own(as_dana: Client, live: None) -> None:
    know_merchant(status="COMPLETED")
    know_merchant(PRODUCTION, "STARTED")
    assert "Ready for test payments" in card(as_dana)
    assert "Live payments pending" in card(as_dana, PRODUCTION)


def test_another_data_space_begins_again(as_dana: Client, connected: None) -> None:
    know_merchant(status="COMPLETED", data_space_id="another", merchant_id="m-1")
    said = text(as_dana.get(PAYMENT_SERVICES))
    assert "Ready for test payments" not in said
    assert "The data space was changed." in said


def test_beginning_leads_to_paypal(as_dana: Client, outside: Outside, connected: None) -> None:
    outside.answer(SANDBOX, PATH, "POST", json=begun(), status=201)
    assert as_dana.post(BEGIN, SENT)["Location"] == PAYPAL
    call = outside.mocked.calls[-1].request
    assert json.loads(call.body or b"") == {
        "returnUrl": "http://testserver/admin/sales/payment-services/onboarding/sandbox/return/",
        "country": "FR",
        "experience": "standard",
    }
    merchant = Merchant.objects.get()
    assert (merchant.merchant_id, merchant.status, merchant.data_space_id) == (MERCHANT_ID, "CREATED", TESTING_ID)
    assert set(LoggedAction.objects.values_list("action", "user_name")) >= {("onboarding_begun", "dana")}


@pytest.mark.parametrize(
    "address", ["https://attacker.example/", "//attacker.example", "", "javascript:alert(1)", "https://[", 7, None]
)
def test_a_page_on_another_host_is_refused(as_dana: Client, outside: Outside, connected: None, address: Any) -> None:
    outside.answer(SANDBOX, PATH, "POST", json=begun(address), status=201)
    page = as_dana.post(BEGIN, SENT, follow=True)
    assert "Nothing was begun: No usable answer from Commerce Services" in text(page)
    assert not Merchant.objects.exists()


@pytest.mark.parametrize("sent", [{}, SENT | {"country": "XX"}, SENT | {"experience": "golden"}])
def test_a_wrong_choice_is_asked_again(as_dana: Client, outside: Outside, connected: None, sent: Any) -> None:
    page = as_dana.post(BEGIN, sent).content.decode()
    assert 'id="begin-onboarding"' in page
    assert 'aria-invalid="true"' in page
    assert outside.calls == []


def test_a_gateway_without_the_capability_is_never_asked_to_begin(
    as_dana: Client, outside: Outside, connected: None, settings: Any
) -> None:
    settings.STORE_ADMIN_URL = "https://shop.example.com/admin"
    learn(SANDBOX, offers_onboarding=False)
    know_merchant(status="CREATED")
    said = card(as_dana)
    assert BEGIN + '"' not in said
    assert "Connect a PayPal account" not in said
    assert 'href="https://shop.example.com/admin"' in said
    assert "Do it in the Admin of your store." in text(as_dana.post(BEGIN, SENT, follow=True))
    assert as_dana.get(BEGIN)["Location"] == PAYMENT_SERVICES
    assert outside.calls == []


def test_a_gateway_that_fails_in_the_middle_leaves_the_last_state(
    as_dana: Client, outside: Outside, connected: None
) -> None:
    know_merchant(status="STARTED", merchant_id=MERCHANT_ID)
    outside.answer(SANDBOX, PATH, "POST", status=503)
    assert "Nothing was begun: No usable answer" in text(as_dana.post(BEGIN, SENT, follow=True))
    assert Merchant.objects.get().status == "STARTED"
    assert LoggedAction.objects.get(action="onboarding_begun").result == "refused"


def test_advanced_live_payments_need_the_entitlement(as_dana: Client, outside: Outside, live: None) -> None:
    learn(PRODUCTION, features=["Commerce Payments Sandbox"])
    know_merchant(PRODUCTION)
    assert "Get Live Payments" in card(as_dana, PRODUCTION)
    assert "is not entitled" in text(as_dana.post(LIVE, SENT | {"experience": "advanced"}, follow=True))
    assert outside.calls == []
    outside.answer(PRODUCTION, PATH, "POST", json=begun(PAYPAL.replace("sandbox", "production")), status=201)
    assert as_dana.post(LIVE, SENT | {"agrees": "on"}).status_code == 302


def test_who_lost_the_entitlement_on_the_way_may_choose_again(as_dana: Client, live: None) -> None:
    know_merchant(PRODUCTION, "STARTED", experience="advanced")
    assert f'<form method="post" action="{LIVE}"' in card(as_dana, PRODUCTION)
    learn(PRODUCTION, features=["Commerce Payments Sandbox"])
    said = card(as_dana, PRODUCTION)
    assert f'<form method="post" action="{LIVE}"' not in said
    assert "Get Live Payments" in said
    assert re.search(r'value="standard"[^>]*checked', as_dana.get(LIVE).content.decode())


def test_a_gateway_may_know_better_who_is_entitled(as_dana: Client, outside: Outside, live: None) -> None:
    body = {"status": 409, "message": "No.", "detail": "not_entitled"}
    outside.answer(PRODUCTION, PATH, "POST", json=body, status=409)
    assert "Fabrikam is not entitled" in text(as_dana.post(LIVE, SENT | {"experience": "advanced"}, follow=True))
    assert LoggedAction.objects.get(action="onboarding_begun").cause == "not_entitled"


def test_standard_live_payments_have_conditions(as_dana: Client, outside: Outside, live: None) -> None:
    assert "Tick the box to go on with Standard payments." in text(as_dana.post(LIVE, SENT))
    assert 'name="agrees"' in as_dana.get(LIVE).content.decode()
    assert outside.calls == []


def test_only_one_request_at_a_time_begins_or_resets(as_bob: Client, outside: Outside, connected: None) -> None:
    merchant = know_merchant(status="STARTED", merchant_id=MERCHANT_ID)
    assert Turn.objects.begin(CHANGE, timezone.now())
    reset = f"{PAYMENT_SERVICES}merchants/{merchant.pk}/reset/"
    for address, data in ((BEGIN, SENT), (reset, {"confirmation": "Sandbox"})):
        assert "this configuration is being changed at this moment" in text(as_bob.post(address, data, follow=True))
    assert outside.calls == []


def test_nothing_begins_in_a_data_space_that_was_left_meanwhile(outside: Outside, connected: None) -> None:
    stored = connection.load()
    Instance.objects.update(revision=stored.instance.revision + 1)
    with pytest.raises(StaleRevisionError):
        onboarding.begin(stored, onboarding.load(stored)[SANDBOX], "FR", "standard", "https://admin.example.com/")
    assert outside.calls == []


def test_an_answer_from_before_a_beginning_does_not_undo_it(as_dana: Client, outside: Outside, connected: None) -> None:
    know_merchant(status="CREATED")
    stored = connection.load()
    asked = onboarding.load(stored).values()
    outside.answer(SANDBOX, PATH, "POST", json=begun(), status=201)
    as_dana.post(BEGIN, SENT)
    outside.answer(SANDBOX, PATH, json={"result": {"status": "CREATED"}})
    onboarding.read(stored, asked)
    assert Merchant.objects.get().merchant_id == MERCHANT_ID


def test_a_pair_that_does_not_work_hides_what_it_cannot_read(
    as_dana: Client, outside: Outside, connected: None
) -> None:
    learn(SANDBOX, Cause.KEY_REVOKED)
    know_merchant(status="COMPLETED")
    assert "Ready for test payments" not in text(as_dana.get(PAYMENT_SERVICES))
    as_dana.post(f"{BEGIN}check/")
    assert outside.calls == []


def test_a_notice_of_a_revocation_is_hidden_until_the_next_one(
    as_dana: Client, as_bob: Client, outside: Outside, connected: None
) -> None:
    notice = "Sandbox: you took the consent back in your PayPal account"
    merchant = know_merchant(status="REVOKED", merchant_id=MERCHANT_ID)
    assert notice in text(as_dana.get(PAYMENT_SERVICES))
    as_dana.post(f"{PAYMENT_SERVICES}merchants/{merchant.pk}/dismiss/")
    assert notice not in text(as_dana.get(PAYMENT_SERVICES))
    assert notice in text(as_bob.get(PAYMENT_SERVICES))
    for status in ("COMPLETED", "REVOKED"):
        outside.answer(SANDBOX, PATH, json=result(status))
        as_dana.post(f"{BEGIN}check/")
    assert notice in text(as_dana.get(PAYMENT_SERVICES))


def test_a_notice_says_that_keys_and_data_space_do_not_fit(as_dana: Client, connected: None) -> None:
    learn(SANDBOX, data_spaces=[])
    assert "work in a data space of the type" not in text(as_dana.get(PAYMENT_SERVICES))
    Instance.objects.update(data_space_type="Production")
    assert "The Sandbox keys work in a data space of the type Production." in text(as_dana.get(PAYMENT_SERVICES))


def test_every_status_has_a_row_that_is_never_completed_by_mistake() -> None:
    for status in ("", "CREATED", "completed", "COMPLETE", "UNKNOWN", "REVOKED"):
        assert statuses.row(status).look != "ok"
    assert statuses.row("COMPLETED").look == "ok"
