"""Resetting a Payment Services ID."""

import pytest
from django.test import Client

from backend.audit.models import LoggedAction
from connector import connection
from connector.models import KeyPair
from connector.verification.causes import Cause
from payments import onboarding
from payments.models import Merchant
from tests.addresses import PAYMENT_SERVICES, SETTINGS
from tests.factories import know_merchant
from tests.gateways import NOT_FOUND, SANDBOX, TESTING_ID, Outside
from tests.markup import text

pytestmark = pytest.mark.django_db
PATH, ONBOARDING = "payments/admin/merchant", "payments/onboarding/paypal"
MERCHANT_ID = "0b5c6a0e-5d0f-4f5e-9a3e-6d1f6b1c2d3e"


@pytest.fixture
def merchant(connected: None) -> Merchant:
    return know_merchant(status="COMPLETED", merchant_id=MERCHANT_ID)


def reset(client: Client, merchant: Merchant, typed: str = "Sandbox") -> str:
    address = f"{PAYMENT_SERVICES}merchants/{merchant.pk}/reset/"
    return text(client.post(address, {"confirmation": typed}, follow=True))


def test_it_asks_for_the_name_of_the_environment(as_bob: Client, outside: Outside, merchant: Merchant) -> None:
    for typed in ("", "Production", "sandbo"):
        assert "This is not the name of the environment. Nothing was reset." in reset(as_bob, merchant, typed)
    assert (outside.calls, Merchant.objects.count()) == ([], 1)


@pytest.mark.parametrize("typed", ["Sandbox", " sandbox "])
def test_commerce_services_forgets_the_merchant(
    as_bob: Client, outside: Outside, merchant: Merchant, typed: str
) -> None:
    outside.answer(SANDBOX, PATH, "DELETE", json={"status": 200})
    assert "The Sandbox Payment Services ID was reset." in reset(as_bob, merchant, typed)
    sent = outside.mocked.calls[-1].request.headers
    assert (sent["x-mp-merchant-id"], sent["x-saas-id"]) == (MERCHANT_ID, TESTING_ID)
    assert not Merchant.objects.exists()
    row = LoggedAction.objects.get(action="merchant_reset")
    assert (row.user_name, row.before) == ("bob", f"id: {MERCHANT_ID}\nstatus: COMPLETED")


def test_twice_is_once(as_bob: Client, outside: Outside, merchant: Merchant) -> None:
    outside.answer(SANDBOX, PATH, "DELETE", json=NOT_FOUND, status=404)
    assert "was reset." in reset(as_bob, merchant)
    assert "was reset already" in reset(as_bob, merchant)
    assert LoggedAction.objects.filter(action="merchant_reset").count() == 1


def test_a_gateway_that_fails_keeps_it(as_bob: Client, outside: Outside, merchant: Merchant) -> None:
    outside.answer(SANDBOX, PATH, "DELETE", status=500)
    assert "Nothing was reset: No usable answer from Commerce Services" in reset(as_bob, merchant)
    assert Merchant.objects.get().status == "COMPLETED"
    assert LoggedAction.objects.get(action="merchant_reset").cause == Cause.GATEWAY_ERROR


def test_who_may_not_configure_cannot_and_sees_who_can(as_dana: Client, as_bob: Client, merchant: Merchant) -> None:
    address = f"{PAYMENT_SERVICES}merchants/{merchant.pk}/reset/"
    assert as_dana.get(address).status_code == 403
    page = as_dana.get(SETTINGS)
    assert address not in page.content.decode()
    assert "These people may configure it: bob." in text(page)
    assert MERCHANT_ID in text(page)


def test_the_merchant_of_a_former_data_space_can_be_reset(as_bob: Client, outside: Outside, merchant: Merchant) -> None:
    Merchant.objects.update(data_space_id="former")
    outside.answer(SANDBOX, PATH, "DELETE", json={"status": 200})
    assert "Onboarding in the former data space" in text(as_bob.get(SETTINGS))
    reset(as_bob, merchant)
    assert outside.mocked.calls[-1].request.headers["x-saas-id"] == "former"
    assert "Onboarding in the former data space" not in text(as_bob.get(SETTINGS))


def test_a_pair_that_is_gone_resets_nothing(as_bob: Client, outside: Outside, merchant: Merchant) -> None:
    KeyPair.objects.all().delete()
    assert "There is no key pair that this can be done with." in reset(as_bob, merchant)
    assert Merchant.objects.exists()


def test_an_answer_from_before_does_not_bring_it_back(outside: Outside, merchant: Merchant) -> None:
    stored = connection.load()
    asked = onboarding.load(stored).values()
    merchant.delete()
    outside.answer(SANDBOX, ONBOARDING, json={"result": {"status": "COMPLETED", "merchantId": MERCHANT_ID}})
    onboarding.read(stored, asked)
    assert not Merchant.objects.exists()
    onboarding.read(stored, onboarding.load(stored).values())
    assert Merchant.objects.get().status == "COMPLETED"


def test_the_bell_is_quiet_once_somebody_onboarded_elsewhere(
    as_bob: Client, as_dana: Client, outside: Outside, merchant: Merchant
) -> None:
    outside.answer(SANDBOX, PATH, "DELETE", json={"status": 200})
    reset(as_bob, merchant)
    said = "The Payment Services ID for Sandbox was reset"
    for status, is_said in (("CREATED", True), ("COMPLETED", False)):
        outside.answer(SANDBOX, ONBOARDING, json={"result": {"status": status}})
        as_dana.post(f"{PAYMENT_SERVICES}onboarding/sandbox/check/")
        assert (said in text(as_dana.get(f"{PAYMENT_SERVICES}settings/"))) == is_said


def test_a_second_reset_leaves_a_merchant_that_was_made_since(outside: Outside, merchant: Merchant) -> None:
    outside.answer(SANDBOX, PATH, "DELETE", json=NOT_FOUND, status=404)
    Merchant.objects.update(merchant_id="new")
    onboarding.reset(connection.load(), merchant)
    assert Merchant.objects.get().merchant_id == "new"
    assert not LoggedAction.objects.filter(action="merchant_reset").exists()
