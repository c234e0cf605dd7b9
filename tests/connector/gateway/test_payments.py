"""The calls of Payment Services, as our client sends and reads them."""

import re
from typing import Any

import pytest
import responses
from responses import matchers

from connector.errors import GatewayError, Reason
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
        ({"merchantId": "<b>", "merchantIdInPayPal": 7}, {}),
    ],
)
def test_it_reads_what_it_knows(
    client: Client, gateways: responses.RequestsMock, facts: dict[str, Any], read: dict[str, Any]
) -> None:
    gateways.get(ONBOARDING, json={"result": {"status": "UNVERIFIED", **facts}})
    assert payments.read(client, TESTING_ID) == Onboarding("UNVERIFIED", **read)


def begin(client: Client, gateways: responses.RequestsMock, href: object) -> str:
    links = [{"rel": "self", "href": "/"}, {"rel": "action_url", "href": href}]
    answer = {"result": {"status": "CREATED", "links": links}}
    gateways.post(re.compile(".*/payments/onboarding/paypal"), json=answer, status=201)
    return payments.begin(client, TESTING_ID, "https://admin.example.com/", "FR", "standard")[1]


@pytest.mark.parametrize(
    "place",
    ["http://sandbox.outside.test", "https://sandbox.outside.test:443", "https://SANDBOX.outside.test"],
)
def test_a_page_of_the_gateway_is_gone_to_as_the_gateway_is_called(
    client: Client, gateways: responses.RequestsMock, place: str
) -> None:
    address = begin(client, gateways, f"{place}/paypal/onboarding/token/")
    assert address == "https://sandbox.outside.test/paypal/onboarding/token/"


@pytest.mark.parametrize(
    "href",
    [
        "https://elsewhere.test/",
        "https://sandbox.outside.test:8443/",
        "https://sandbox.outside.test:99999/",
        "https://sandbox.outside.test@elsewhere.test/",
        "https://sandbox.outside.test\\@elsewhere.test/",
        "https://sandbox.outside.test/\ud800",
        "https://sandbox.outside.test/\r\nSet-Cookie: a=b",
        "https://[sandbox.outside.test/",
        "https://sandbox.outside.test/" + "x" * 2000,
        ["https://sandbox.outside.test/"],
        None,
    ],
)
def test_a_link_that_leads_elsewhere_or_cannot_be_followed_is_no_answer(
    client: Client, gateways: responses.RequestsMock, href: object
) -> None:
    with pytest.raises(GatewayError) as raised:
        begin(client, gateways, href)
    assert raised.value.reason == Reason.MALFORMED


def test_a_link_does_not_show_a_password_of_the_gateway(client: Client, gateways: responses.RequestsMock) -> None:
    client.base_url = "https://user:secret@sandbox.outside.test/"
    assert begin(client, gateways, "https://sandbox.outside.test/x") == "https://sandbox.outside.test/x"
