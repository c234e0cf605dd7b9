"""Addresses of the gateway: the merchant registry, the ping, and Payment Services."""

from dataclasses import replace
from functools import partial

from django.urls import URLPattern, path, re_path

from saas.choices import Feed
from saas.gateway import calls, feeds, payments, reports
from saas.gateway.access import BODY, gateway_call, other_service

REGISTRY = "merchant-registry/v1/registry"
DATA_SPACE = f"{REGISTRY}/environments/<str:environment_id>"

# Some clients send a feed in chunks.
LONG_BODY = replace(BODY, max_bytes=feeds.MAX_BYTES, may_be_chunked=True)
FEEDS = {"orders": Feed.ORDERS, "orderStatuses": Feed.STATUSES, "stores": Feed.STORES}

app_name = "gateway"
urlpatterns: list[URLPattern] = [
    path("merchant-registry/v1/ping", gateway_call(GET=calls.ping), name="ping"),
    path("merchant-registry/index.html", gateway_call(GET=calls.ping), name="index"),
    path("gateway/apikeycheck", gateway_call(GET=calls.ping, signed=False), name="apikeycheck"),
    path(REGISTRY, gateway_call(GET=calls.read_registry), name="registry"),
    path(f"{REGISTRY}/initialize", gateway_call(POST=calls.create_project), name="initialize"),
    path(
        f"{REGISTRY}/projects/<str:project_id>",
        gateway_call(GET=calls.read_project, PATCH=calls.rename_project),
        name="project",
    ),
    path(DATA_SPACE, gateway_call(GET=calls.read_data_space, PATCH=calls.rename_data_space), name="data_space"),
    path(f"{DATA_SPACE}/cloudid/<str:cloud_id>", gateway_call(PUT=calls.set_cloud_id), name="cloud_id"),
    path(f"{DATA_SPACE}/feature/<str:feature>", gateway_call(PUT=calls.add_feature), name="feature"),
    path(f"{DATA_SPACE}/cleanup", gateway_call(POST=calls.clean_up), name="cleanup"),
    path(
        "payments/onboarding/paypal",
        gateway_call(GET=payments.read_onboarding, POST=payments.begin_onboarding),
        name="onboarding",
    ),
    path("payments/config/scopes/merchant/<str:merchant_id>", gateway_call(GET=payments.read_scopes), name="scopes"),
    path("payments/admin/merchant", gateway_call(DELETE=payments.reset), name="merchant"),
    path(
        "payments/admin/merchant/<str:merchant_id>/paypal",
        gateway_call(GET=payments.read_paypal_account),
        name="paypal_account",
    ),
    *(
        path(
            f"payments/exports/commerce/{address}/<str:environment_id>",
            gateway_call(body=LONG_BODY, POST=partial(feeds.take_in, feed=feed)),
            name=f"{feed}_feed",
        )
        for address, feed in FEEDS.items()
    ),
    path("payments/reports/orders", gateway_call(GET=reports.read_orders), name="orders_report"),
    re_path(
        r"^payments/(?:[^/]+/)?(?:payment|vault)(?:/|$)",
        gateway_call(GET=payments.checkout, POST=payments.checkout, PATCH=payments.checkout, DELETE=payments.checkout),
        name="checkout",
    ),
    re_path(r"^(?:merchant-registry|payments|gateway)(?:/|$)", gateway_call()),
    re_path(r"^(?:exports|feeds|cabp-org|ims)(?:/|$)", other_service),
]
