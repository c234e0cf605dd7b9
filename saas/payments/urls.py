"""Addresses of the payment services."""

from django.urls import URLPattern, path

from saas.payments.onboarding import onboarding
from saas.registry.signature import answers

urlpatterns: list[URLPattern] = [
    path("payments/onboarding/paypal", answers(GET=onboarding), name="onboarding"),
]
