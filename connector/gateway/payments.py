"""The calls of Payment Services about a merchant and its onboarding.

Source: what the client module `magento/payment-services` sends and reads. `begin` is a call of the stand-in alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPMethod
from typing import Any, Self
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from connector.errors import GatewayError, Reason
from connector.gateway.client import Client
from connector.gateway.responses import word

ONBOARDING, MERCHANT = "payments/onboarding/paypal", "payments/admin/merchant"
MAX_STATUS_CHARACTERS = 32
MAX_URL_CHARACTERS = 2000


@dataclass(frozen=True)
class Onboarding:
    """How far a merchant is, as the gateway reports it. A missing value is empty.

    `status` is one word of the gateway's; only `COMPLETED` means that payments can be taken.
    """

    status: str
    merchant_id: str = ""
    paypal_account_id: str = ""
    experience: str = ""
    country: str = ""

    @classmethod
    def from_answer(cls, answer: Mapping[str, Any]) -> Self:
        """Read the `result` of an answer. Raises GatewayError where it has no readable status."""
        result = answer.get("result")
        if not isinstance(result, dict):
            raise GatewayError(Reason.MALFORMED)
        status = word(result.get("status"))
        if not status or len(status) > MAX_STATUS_CHARACTERS:
            raise GatewayError(Reason.MALFORMED)
        return cls(
            status,
            word(result.get("merchantId")),
            word(result.get("merchantIdInPayPal")),
            word(result.get("experience"))[:16],
            word(result.get("country"))[:2],
        )


def read(client: Client, data_space_id: str, merchant_id: str = "") -> Onboarding:
    """Return how far the merchant of a data space is."""
    answer = client.call(HTTPMethod.GET, ONBOARDING, data_space_id=data_space_id, headers=headers(merchant_id))
    return Onboarding.from_answer(answer)


def begin(client: Client, data_space_id: str, return_url: str, country: str, experience: str) -> tuple[Onboarding, str]:
    """Make the merchant of a data space, if there is none; return how far it is, and the address of PayPal's page."""
    sent = {"returnUrl": return_url, "country": country, "experience": experience}
    answer = client.call(HTTPMethod.POST, ONBOARDING, sent, data_space_id=data_space_id, headers=headers())
    return Onboarding.from_answer(answer), _link(client, answer["result"].get("links"))


def reset(client: Client, data_space_id: str, merchant_id: str) -> None:
    """Let the gateway forget a merchant. One that is gone already is not found."""
    client.call(HTTPMethod.DELETE, MERCHANT, data_space_id=data_space_id, headers=headers(merchant_id))


def headers(merchant_id: str = "") -> dict[str, str]:
    """Return the headers that these calls have besides those of every call. We work for all websites at once."""
    return {
        "x-mp-merchant-id": merchant_id,
        "x-request-user-agent": f"PaymentServices/adminhtml/{settings.VERSION}",
        "x-scope-type": "website",
        "x-scope-id": "0",
    }


def _link(client: Client, links: object) -> str:
    """Return the address of PayPal's page. Raises GatewayError unless it is at the gateway's own host."""
    found = [link for link in links if isinstance(link, dict)] if isinstance(links, list) else []
    address = next((link.get("href") for link in found if link.get("rel") == "action_url"), None)
    if not isinstance(address, str) or len(address) > MAX_URL_CHARACTERS or not address.isprintable():
        raise GatewayError(Reason.MALFORMED)
    ours = urlsplit(client.base_url)
    try:
        parts = urlsplit(address)
        is_ours = _host_and_port(parts) == _host_and_port(ours)
    except ValueError as error:
        raise GatewayError(Reason.MALFORMED) from error
    if not is_ours:
        raise GatewayError(Reason.MALFORMED)
    # A gateway behind a proxy may not know that it is called by https. What comes before an @ is a secret.
    return parts._replace(scheme=ours.scheme, netloc=ours.netloc.rpartition("@")[2]).geturl()


def _host_and_port(parts: SplitResult) -> tuple[str | None, int | None]:
    """Return where an address leads. The ports of http and https may be left out."""
    return parts.hostname, None if parts.port in {80, 443} else parts.port
