"""Addresses of My Account, and of the gateway in its three places."""

from typing import Any

from django.urls import URLPattern, URLResolver, include, path, re_path

from saas import registry, views
from saas.gateway import answers

app_name = "saas"

REGISTRY = "merchant-registry/v1/registry"
DATA_SPACE = f"{REGISTRY}/environments/<str:environment_id>"

gateway_patterns: list[URLPattern | URLResolver] = [
    path("merchant-registry/v1/ping", answers(GET=registry.ping), name="ping"),
    path("merchant-registry/index.html", answers(GET=registry.ping), name="index"),
    path("gateway/apikeycheck", answers(GET=registry.ping, signed=False), name="apikeycheck"),
    path(REGISTRY, answers(GET=registry.read_registry), name="registry"),
    path(f"{REGISTRY}/initialize", answers(POST=registry.create_project), name="initialize"),
    path(
        f"{REGISTRY}/projects/<str:project_id>",
        answers(GET=registry.read_project, PATCH=registry.rename_project),
        name="project",
    ),
    path(DATA_SPACE, answers(GET=registry.read_data_space, PATCH=registry.rename_data_space), name="data_space"),
    path(f"{DATA_SPACE}/cloudid/<str:cloud_id>", answers(PUT=registry.set_cloud_id), name="cloud_id"),
    path(f"{DATA_SPACE}/feature/<str:feature>", answers(PUT=registry.add_feature), name="feature"),
    path(f"{DATA_SPACE}/cleanup", answers(POST=registry.clean_up), name="cleanup"),
    path("payments/onboarding/paypal", answers(GET=registry.onboarding), name="onboarding"),
    re_path(r"^(?:merchant-registry|payments|gateway)(?:/|$)", answers()),
    re_path(r"^(?:exports|feeds|cabp-org|ims)(?:/|$)", registry.other_service),
]


def gateway(namespace: str) -> Any:
    """Return the gateway's addresses under a namespace of their own."""
    return include((gateway_patterns, "gateway"), namespace=namespace)


urlpatterns: list[URLPattern | URLResolver] = [
    path("account/", views.home, name="home"),
    path("account/create/", views.create_account, name="create_account"),
    path("account/entitlements/", views.entitlements, name="entitlements"),
    path("account/api-portal/", views.api_portal, name="api_portal"),
    path("account/api-portal/<uuid:key_id>/delete/", views.delete_key, name="delete_key"),
    path("account/api-portal/<uuid:key_id>/keep/", views.keep_key, name="keep_key"),
    path("account/faults/", views.faults, name="faults"),
    path("account/faults/onboarding/", views.onboard, name="onboard"),
    path("gateway/sandbox/", gateway("sandbox"), {"environment": "sandbox"}),
    path("gateway/production/", gateway("production"), {"environment": "production"}),
    path("", gateway("any_environment")),
]
