"""Calls over plain HTTP in production mode: no redirect, which would make a GET of a POST and repeat the token."""

import re
import runpy

import pytest
from django.conf import settings as current
from django.test import Client
from pytest_django import Settings

from tests.addresses import LOGIN
from tests.config.conftest import PRODUCTION
from tests.saas.gateway.conftest import REGISTRY

pytestmark = pytest.mark.django_db
CALLS = ("/gateway/apikeycheck", f"{REGISTRY}/initialize", "/gateway/sandbox/payments/reports/orders", "/payments/x")


def produce(settings: Settings, monkeypatch: pytest.MonkeyPatch, prefix: str = "", **environment: str) -> None:
    """Take over what production mode says of https."""
    monkeypatch.setattr("os.environ", PRODUCTION | {"STAND_IN": "true", "URL_PREFIX": prefix} | environment)
    loaded = runpy.run_path(str(current.BASE_DIR / "config" / "settings.py"))
    for name in ("SECURE_SSL_REDIRECT", "SECURE_REDIRECT_EXEMPT", "STAND_IN_PLAIN_HTTP"):
        setattr(settings, name, loaded[name])


@pytest.mark.parametrize("path", CALLS)
def test_a_call_over_http_is_refused_and_not_redirected(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    produce(settings, monkeypatch)
    refused = Client().post(path, "{}", "application/json")
    assert (refused.status_code, refused.json()["status"]) == (400, 400)
    assert "https" in refused.json()["message"]
    assert Client().post(path, "{}", "application/json", secure=True).status_code == 403
    assert Client().get("/ims/x").status_code == 404


@pytest.mark.parametrize("path", CALLS)
def test_a_call_over_http_is_answered_where_the_settings_say_so(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    produce(settings, monkeypatch, STAND_IN_URL="http://127.0.0.1:8000")
    assert Client().post(path, "{}", "application/json").status_code == 403


def test_pages_are_redirected_all_the_same(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    produce(settings, monkeypatch, STAND_IN_URL="http://127.0.0.1:8000")
    for path in (LOGIN, "/account/api-portal/", "/admin/sales/payment-services/", "/paymentsx/"):
        assert Client().get(path)["Location"] == f"https://testserver{path}"


def test_below_a_path_the_same_calls_are_meant(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    produce(settings, monkeypatch, "/shop")
    exempt = re.compile("|".join(settings.SECURE_REDIRECT_EXEMPT))
    assert exempt.search("shop/gateway/apikeycheck")
    assert not exempt.search("shop/admin/gateway/")
    assert not exempt.search("gateway/apikeycheck")
