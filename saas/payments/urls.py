"""Addresses of the payment services."""

from django.urls import URLPattern, path

from saas.gateway.access import gateway_call
from saas.payments.onboarding import onboarding

urlpatterns: list[URLPattern] = [
    path("payments/onboarding/paypal", gateway_call(GET=onboarding), name="onboarding"),
]
