"""Addresses of My Account, and of the gateway in its three places."""

from typing import Any

from django.urls import URLPattern, URLResolver, include, path, re_path

from saas.gateway.access import gateway_call, other_service
from saas.payments import onboarding
from saas.registry import urls as registry

app_name = "saas"

gateway_patterns: list[URLPattern | URLResolver] = [
    *registry.urlpatterns,
    path("payments/onboarding/paypal", gateway_call(GET=onboarding), name="onboarding"),
    re_path(r"^(?:merchant-registry|payments|gateway)(?:/|$)", gateway_call()),
    re_path(r"^(?:exports|feeds|cabp-org|ims)(?:/|$)", other_service),
]


def gateway(namespace: str) -> Any:
    """Return the gateway's addresses under a namespace of their own."""
    return include((gateway_patterns, "gateway"), namespace=namespace)


urlpatterns: list[URLPattern | URLResolver] = [
    path("account/", include("saas.portal.urls")),
    path("gateway/sandbox/", gateway("sandbox"), {"environment": "sandbox"}),
    path("gateway/production/", gateway("production"), {"environment": "production"}),
    path("", gateway("any_environment")),
]
