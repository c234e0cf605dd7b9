"""The framework's admin, and two views to compare the gateway's ping with."""

from functools import cache

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from django.contrib import admin
from django.http import HttpRequest, JsonResponse
from django.urls import path

from saas.gateway.signature import parsed_public_key
from saas.models import ApiKey


@cache
def public_key() -> RSAPublicKey:
    """Return the key that checks the pings, loaded once."""
    return parsed_public_key(ApiKey.objects.filter(environment="production")[0].public_key)


def bare(_request: HttpRequest) -> JsonResponse:
    """Answer what the ping answers, without a check."""
    return JsonResponse({"status": 200})


def signed(request: HttpRequest) -> JsonResponse:
    """Check the signature of the request, and nothing else."""
    token = request.headers["x-gw-signature"]
    jwt.decode(token, public_key(), algorithms=["RS256"], options={"verify_aud": False})
    return JsonResponse({"status": 200})


urlpatterns = [path("admin/", admin.site.urls), path("bare/", bare), path("signed/", signed)]
