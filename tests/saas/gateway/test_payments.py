"""The calls of Payment Services, as the real client sends them."""

import uuid
from collections.abc import Mapping
from typing import Any

import pytest

from saas.models import Account, ApiKey, DataSpace, Merchant
from tests.saas.gateway.conftest import Call
from tests.saas.gateway.test_calls import assert_not_found

ONBOARDING, MERCHANT = "/payments/onboarding/paypal", "/payments/admin/merchant"
RETURN = "https://admin.example.com/back/?tab=1"
SENT = {"returnUrl": RETURN, "country": "FR", "experience": "standard"}


def headers(space: DataSpace, merchant_id: str = "") -> dict[str, str]:
    """Return what magento/payment-services adds to the headers of the keys."""
    return {
        "x-mp-merchant-id": merchant_id,
        "x-saas-id": str(space.pk),
        "x-request-user-agent": "PaymentServices/adminhtml/2.13.0",
        "x-scope-type": "website",
        "x-scope-id": "1",
    }


def begin(call: Call, space: DataSpace, **changes: Any) -> Mapping[str, Any]:
    status, body = call("POST", ONBOARDING, SENT | changes, **headers(space))
    assert status == 201
    result: Mapping[str, Any] = body["result"]
    return result


@pytest.fixture
def merchant(space: DataSpace) -> Merchant:
    return Merchant.objects.create(
        data_space=space, environment="sandbox", status="COMPLETED", paypal_account_id="ABCDEFGHJKLMN"
    )


@pytest.mark.parametrize("header", ["x-saas-id", "Magento-Environment-Id"])
def test_a_data_space_without_a_merchant_is_created(call: Call, space: DataSpace, header: str) -> None:
    answer = call("GET", ONBOARDING, **{header: str(space.pk)})
    assert answer == (200, {"result": {"status": "CREATED"}})


def test_it_answers_the_four_calls_of_the_real_client(call: Call, space: DataSpace, merchant: Merchant) -> None:
    sent = headers(space, str(merchant.pk))
    assert call("GET", ONBOARDING, **sent)[1]["result"]["status"] == "COMPLETED"
    scope = {"scopeType": "global", "scopeId": "", "paypal-account": {"id": "ABCDEFGHJKLMN", "status": "COMPLETED"}}
    scopes = call("GET", f"/payments/config/scopes/merchant/{merchant.pk}", **sent)
    assert scopes == (200, {"mp-merchant": {"merchant-scope": [scope]}})
    status, account = call("GET", f"{MERCHANT}/{merchant.pk}/paypal", **sent)
    assert (status, list(account)) == (200, ["merchantIdentifier", "partnerClientId", "partnerName", "bnCode"])
    assert account["merchantIdentifier"] == "ABCDEFGHJKLMN"
    # The real client takes an empty answer for a failure.
    assert call("DELETE", MERCHANT, **sent) == (200, {"status": 200})
    assert call("GET", ONBOARDING, **sent) == (200, {"result": {"status": "CREATED"}})


def test_onboarding_of_an_unknown_data_space_is_not_found(call: Call, foreign_space: DataSpace) -> None:
    assert_not_found(call("GET", ONBOARDING))
    assert_not_found(call("GET", ONBOARDING, **headers(foreign_space)))
    assert_not_found(call("POST", ONBOARDING, SENT, **headers(foreign_space)))


def test_beginning_makes_a_merchant_once(call: Call, space: DataSpace) -> None:
    first, second = begin(call, space), begin(call, space)
    assert first["merchantId"] == second["merchantId"] == str(Merchant.objects.get().pk)
    assert (first["status"], second["status"]) == ("CREATED", "STARTED")
    assert [link["rel"] for link in first["links"]] == ["action_url"]
    assert first["links"][0]["href"].startswith("http://testserver/paypal/onboarding/")
    assert (second["country"], second["experience"]) == ("FR", "standard")


def test_each_environment_has_a_merchant_of_its_own(call: Call, space: DataSpace, api_key: ApiKey) -> None:
    sandbox = begin(call, space)["merchantId"]
    ApiKey.objects.filter(pk=api_key.pk).update(environment="production")
    assert call("GET", ONBOARDING, **headers(space)) == (200, {"result": {"status": "CREATED"}})
    assert_not_found(call("GET", f"/payments/config/scopes/merchant/{sandbox}", **headers(space)))
    assert begin(call, space)["merchantId"] != sandbox


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ("", "JSON"),
        ("[]", "returnUrl"),
        (SENT | {"returnUrl": "javascript:alert(1)"}, "returnUrl"),
        (SENT | {"returnUrl": "https://admin.example.com;script-src/"}, "returnUrl"),
        (SENT | {"returnUrl": "https://somebody@admin.example.com/"}, "returnUrl"),
        (SENT | {"returnUrl": "https://[admin.example.com/"}, "returnUrl"),
        (SENT | {"returnUrl": "https://[1.2.3.4]/"}, "returnUrl"),
        (SENT | {"returnUrl": "https://admin.example.com/" + "x" * 2000}, "returnUrl"),
        (SENT | {"country": "France"}, "country"),
        (SENT | {"experience": "golden"}, "experience"),
    ],
)
def test_it_refuses_to_begin_with_anything_else(call: Call, space: DataSpace, body: Any, named: str) -> None:
    status, answer = call("POST", ONBOARDING, body, **headers(space))
    assert (status, named in answer["message"]) == (400, True)
    assert not Merchant.objects.exists()


def test_advanced_live_payments_need_the_entitlement(
    call: Call, space: DataSpace, api_key: ApiKey, account: Account
) -> None:
    ApiKey.objects.filter(pk=api_key.pk).update(environment="production")
    status, answer = call("POST", ONBOARDING, SENT | {"experience": "advanced"}, **headers(space))
    # Never 401 or 403, which a store takes for *not onboarded*.
    assert (status, answer["detail"], Merchant.objects.exists()) == (409, "not_entitled", False)
    begin(call, space)
    Account.objects.filter(pk=account.pk).update(payments_production=True)
    assert begin(call, space, experience="advanced")["experience"] == "advanced"


def test_a_completed_merchant_keeps_its_facts(call: Call, space: DataSpace, merchant: Merchant) -> None:
    assert begin(call, space, country="DE")["status"] == "COMPLETED"
    assert Merchant.objects.get().country == ""


def test_merchants_of_others_are_not_found(call: Call, space: DataSpace, foreign_space: DataSpace) -> None:
    foreign = Merchant.objects.create(data_space=foreign_space, environment="sandbox")
    for merchant_id in (str(foreign.pk), str(uuid.uuid4()), "nothing"):
        sent = headers(space, merchant_id)
        assert_not_found(call("GET", f"/payments/config/scopes/merchant/{merchant_id}", **sent))
        assert_not_found(call("GET", f"{MERCHANT}/{merchant_id}/paypal", **sent))
        assert_not_found(call("DELETE", MERCHANT, **sent))
    assert Merchant.objects.filter(pk=foreign.pk).exists()


def test_a_reset_names_the_data_space_of_the_merchant(call: Call, space: DataSpace, merchant: Merchant) -> None:
    sibling = DataSpace.objects.exclude(pk=space.pk).first()
    assert sibling is not None
    assert_not_found(call("DELETE", MERCHANT, **headers(sibling, str(merchant.pk))))
    assert call("DELETE", MERCHANT, **headers(space, str(merchant.pk)))[0] == 200
    assert_not_found(call("DELETE", MERCHANT, **headers(space, str(merchant.pk))))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "payment/paypal/sdkurl"),
        ("POST", "merchant/payment/paypal/order"),
        ("GET", "merchant/payment/paypal/order/1"),
        ("POST", "merchant/payment/1/capture"),
        ("DELETE", "merchant/vault/cards/1"),
        ("PATCH", "payment/order/1"),
    ],
)
def test_checkout_is_refused_once_the_caller_is_checked(call: Call, space: DataSpace, method: str, path: str) -> None:
    answer = call(method, f"/payments/{path}", **headers(space))
    assert answer == (501, {"status": 501, "message": "This stand-in has no checkout."})
    assert call(method, f"/payments/{path}", **{"x-gw-signature": "forged"})[0] == 401


def test_a_ping_names_what_the_stand_in_can_do(call: Call) -> None:
    abilities = {"onboarding": True, "reports": True}
    assert call("GET", "/merchant-registry/v1/ping") == (200, {"status": 200, "standIn": abilities})
