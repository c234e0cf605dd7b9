"""Payments onboarding, as the gateway answers it."""

from django.http import HttpRequest, HttpResponse, JsonResponse

from saas.models import ApiKey
from saas.registry.calls import seen_data_space


def onboarding(request: HttpRequest, key: ApiKey) -> HttpResponse:
    """Answer how far the merchant of one data space is with PayPal."""
    space_id = request.headers.get("x-saas-id") or request.headers.get("Magento-Environment-Id", "")
    return JsonResponse({"result": {"status": seen_data_space(request, key, space_id).onboarding_status}})
