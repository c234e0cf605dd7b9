"""The framework's admin, and two views to compare the gateway's ping with."""

import os
from functools import cache

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.contrib import admin
from django.http import HttpRequest, JsonResponse
from django.urls import path


@cache
def public_key() -> RSAPublicKey:
    """Return the key in the environment variable `BENCHMARK_PUBLIC_KEY`, loaded once."""
    key = load_pem_public_key(os.environ["BENCHMARK_PUBLIC_KEY"].encode())
    assert isinstance(key, RSAPublicKey)  # noqa: S101  (the benchmark made it)
    return key


def bare(_request: HttpRequest) -> JsonResponse:
    """Answer what the ping answers, without a check."""
    return JsonResponse({"status": 200})


def signed(request: HttpRequest) -> JsonResponse:
    """Check the signature of the request, and nothing else."""
    token = request.headers["x-gw-signature"]
    jwt.decode(token, public_key(), algorithms=["RS256"], options={"verify_aud": False})
    return JsonResponse({"status": 200})


urlpatterns = [path("admin/", admin.site.urls), path("bare/", bare), path("signed/", signed)]
