"""Addresses of My Account, and of the gateway in its three places."""

from django.urls import include, path

from saas import paypal

app_name = "saas"
urlpatterns = [
    path("account/", include("saas.portal.urls")),
    path("paypal/onboarding/<str:token>/", paypal.page, name="paypal"),
    path("gateway/sandbox/", include("saas.gateway.urls", namespace="sandbox"), {"environment": "sandbox"}),
    path("gateway/production/", include("saas.gateway.urls", namespace="production"), {"environment": "production"}),
    path("", include("saas.gateway.urls", namespace="any_environment")),
]
