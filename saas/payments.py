"""Payments onboarding, as the gateway answers it."""

from django.http import HttpRequest, HttpResponse, JsonResponse

from saas.gateway.access import find_data_space
from saas.models import ApiKey


def onboarding(request: HttpRequest, key: ApiKey) -> HttpResponse:
    """Answer how far the merchant of one data space is with PayPal."""
    space_id = request.headers.get("x-saas-id") or request.headers.get("Magento-Environment-Id", "")
    return JsonResponse({"result": {"status": find_data_space(request, key, space_id).onboarding_status}})
