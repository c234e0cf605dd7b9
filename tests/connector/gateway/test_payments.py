"""The calls of Payment Services, as our client sends and reads them."""

from typing import Any

import pytest
import responses
from responses import matchers

from connector.gateway import payments
from connector.gateway.client import Client
from connector.gateway.payments import Onboarding
from tests.gateways import GATEWAY_URLS, SANDBOX, TESTING_ID

ONBOARDING = f"{GATEWAY_URLS[SANDBOX]}payments/onboarding/paypal"
HEADERS = {
    "x-mp-merchant-id": "m-1",
    "x-saas-id": TESTING_ID,
    "Magento-Environment-Id": TESTING_ID,
    "x-scope-type": "website",
    "x-scope-id": "0",
}


def test_it_sends_the_headers_of_the_real_client(client: Client, gateways: responses.RequestsMock) -> None:
    body = {"result": {"status": "COMPLETED"}}
    gateways.get(ONBOARDING, json=body, match=[matchers.header_matcher(HEADERS)])
    assert payments.read(client, TESTING_ID, "m-1") == Onboarding("COMPLETED")
    agent = gateways.calls[0].request.headers["x-request-user-agent"]
    assert agent.startswith("PaymentServices/adminhtml/")


@pytest.mark.parametrize(
    ("facts", "read"),
    [
        ({}, {}),
        (
            {"merchantId": "m-1", "merchantIdInPayPal": "PP1", "experience": "advanced", "country": "FR"},
            {"merchant_id": "m-1", "paypal_account_id": "PP1", "experience": "advanced", "country": "FR"},
        ),
        ({"consentStatus": True, "isEmailConfirmed": False}, {"has_consent": True, "is_email_confirmed": False}),
        ({"merchantId": "<b>", "merchantIdInPayPal": 7, "consentStatus": "true"}, {}),
    ],
)
def test_it_reads_what_it_knows(
    client: Client, gateways: responses.RequestsMock, facts: dict[str, Any], read: dict[str, Any]
) -> None:
    gateways.get(ONBOARDING, json={"result": {"status": "UNVERIFIED", **facts}})
    assert payments.read(client, TESTING_ID) == Onboarding("UNVERIFIED", **read)


def test_a_page_of_the_gateway_is_gone_to_as_the_gateway_is_called(
    client: Client, gateways: responses.RequestsMock
) -> None:
    link = {"rel": "action_url", "href": "http://sandbox.outside.test/paypal/onboarding/token/"}
    answer = {"result": {"status": "CREATED", "links": [{"rel": "self", "href": "/"}, link]}}
    gateways.post(ONBOARDING, json=answer, status=201)
    _found, address = payments.begin(client, TESTING_ID, "https://admin.example.com/", "FR", "standard")
    assert address == "https://sandbox.outside.test/paypal/onboarding/token/"
