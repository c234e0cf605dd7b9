"""The calls of Payment Services: onboarding, and the merchants that came of it.

Source: what the client module magento/payment-services sends and reads. `POST onboarding/paypal` is ours.
"""

import re
from http import HTTPStatus
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse

from saas import paypal
from saas.choices import Environment, Experience, Onboarding
from saas.errors import Detail, RefusalError, not_found, registry_error
from saas.gateway.access import find_data_space, parse_id, sent_object
from saas.gateway.rows import wire_time
from saas.models import ApiKey, DataSpace, Merchant

COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)


def read_onboarding(request: HttpRequest, key: ApiKey) -> HttpResponse:
    """Answer how far the merchant of one data space is; before it has begun there is only a status."""
    space = _data_space(request, key)
    merchant = Merchant.objects.filter(data_space=space, environment=key.environment).first()
    return JsonResponse({"result": _result(merchant) if merchant else {"status": Onboarding.CREATED}})


def begin_onboarding(request: HttpRequest, key: ApiKey) -> HttpResponse:
    """Make the merchant of one data space, if there is none, and answer with a link to PayPal's page."""
    body = sent_object(request, '{"returnUrl": "…", "country": "…", "experience": "…"}')
    return_url, country = str(body.get("returnUrl", "")), str(body.get("country", ""))
    experience = str(body.get("experience", ""))
    if not paypal.is_return_url(return_url):
        raise registry_error(400, 'The body has no web address "returnUrl" of at most 2000 characters.')
    if not COUNTRY.fullmatch(country):
        raise registry_error(400, 'The body has no "country". Send two capital letters, as in ISO 3166.')
    if experience not in Experience:
        raise registry_error(400, 'The body has no "experience". Send "standard" or "advanced".')
    is_live = key.environment == Environment.PRODUCTION
    if is_live and experience == Experience.ADVANCED and not key.account.may_use_advanced:
        raise not_entitled(key.account.mage_id)
    space = _data_space(request, key)
    with transaction.atomic():
        merchant, is_new = Merchant.objects.begin(space, key.environment, country, experience)
        link = {"rel": "action_url", "href": paypal.link(request, merchant, return_url)}
    status = Onboarding.CREATED if is_new else merchant.status
    return JsonResponse({"result": {**_result(merchant), "status": status, "links": [link]}}, status=HTTPStatus.CREATED)


def read_scopes(_request: HttpRequest, key: ApiKey, merchant_id: str) -> HttpResponse:
    """Answer the PayPal account of each scope. A merchant has one, for all of them."""
    merchant = _merchant(key, merchant_id)
    account = {"id": merchant.paypal_account_id, "status": merchant.status}
    return JsonResponse(
        {"mp-merchant": {"merchant-scope": [{"scopeType": "global", "scopeId": "", "paypal-account": account}]}}
    )


def read_paypal_account(_request: HttpRequest, key: ApiKey, merchant_id: str) -> HttpResponse:
    """Answer how a store names the merchant, and the partner that onboarded it, to PayPal."""
    return JsonResponse(
        {
            "merchantIdentifier": _merchant(key, merchant_id).paypal_account_id,
            "partnerClientId": "stand-in",
            "partnerName": "Commerce Services stand-in",
            "bnCode": "Stand_In_Commerce",
        }
    )


def reset(request: HttpRequest, key: ApiKey) -> HttpResponse:
    """Forget a merchant: the next onboarding of its data space makes another one."""
    merchant = _merchant(key, request.headers.get("x-mp-merchant-id", ""))
    space_id = request.headers.get("x-saas-id", "")
    if space_id and parse_id(space_id) != merchant.data_space_id:
        raise not_found()
    merchant.reset()
    # Not 204: the real client takes an empty answer for a failure.
    return JsonResponse({"status": HTTPStatus.OK})


def checkout(_request: HttpRequest, _key: ApiKey, **_captured: str) -> HttpResponse:
    """Refuse the calls of a checkout."""
    return JsonResponse({"status": 501, "message": "This stand-in has no checkout."}, status=501)


def not_entitled(mage_id: str) -> RefusalError:
    """Return the refusal of advanced live payments. Not 403: a store would take that for *not onboarded*."""
    message = f"{mage_id} is not entitled to advanced live payments. Standard ones need no entitlement."
    body = {"status": 409, "statusText": "Conflict", "message": message, "detail": Detail.NOT_ENTITLED}
    return RefusalError(409, body)


def _data_space(request: HttpRequest, key: ApiKey) -> DataSpace:
    space_id = request.headers.get("x-saas-id") or request.headers.get("Magento-Environment-Id", "")
    return find_data_space(request, key, space_id)


def _merchant(key: ApiKey, merchant_id: str) -> Merchant:
    merchant = Merchant.objects.of(key.account_id, key.environment).filter(pk=parse_id(merchant_id)).first()
    if merchant is None:
        raise not_found()
    return merchant


def _result(merchant: Merchant) -> dict[str, Any]:
    """Return how far `merchant` is. `status` is the client's; the other names are those that PayPal returns with."""
    return {
        "status": merchant.status,
        "merchantId": str(merchant.pk),
        "merchantIdInPayPal": merchant.paypal_account_id,
        "experience": merchant.experience,
        "country": merchant.country,
        "consentStatus": merchant.has_consent,
        "isEmailConfirmed": merchant.is_email_confirmed,
        "updatedAt": wire_time(merchant.updated_at),
    }
