"""docs/openapi.yaml has every address of the gateway with every method, and no other."""

import re
import uuid
from typing import Any

from django.test import Client
from django.urls import resolve

from saas.gateway.urls import urlpatterns
from saas.models import ApiKey
from tests.saas.conftest import Signer
from tests.saas.gateway.description import BASES, DESCRIPTION, differences, template_of

METHODS = {"get", "post", "put", "patch", "delete"}
PATHS = {template: re.sub("{.*?}", str(uuid.UUID(int=1)), template) for template in DESCRIPTION["paths"]}


def test_every_address_is_described_below_every_base() -> None:
    named = {str(pattern.name) for pattern in urlpatterns if pattern.name}
    for base in BASES:
        assert {resolve(base + path).url_name for path in PATHS.values()} == named
    assert {template: template_of(path) for template, path in PATHS.items()} == {path: path for path in PATHS}


def test_every_method_is_described(client: Client, api_key: ApiKey, sign: Signer) -> None:
    headers = sign(api_key.api_key)
    for template, path in PATHS.items():
        taken = {method for method in METHODS if client.generic(method, path, headers=headers).status_code != 405}
        assert taken == METHODS & {*DESCRIPTION["paths"][template]}, template


def test_a_difference_is_noticed(client: Client, db: Any) -> None:
    path = "/gateway/sandbox/merchant-registry/v1/ping"
    response = client.get(path)
    assert differences("GET", path, response) == ""
    response.content = b'{"error": {"message": "Client ID is invalid"}, "detail": "guess"}'
    assert "guess" in differences("GET", path, response)
    response.status_code = 402
    assert differences("GET", path, response) == "GET /merchant-registry/v1/ping answers 402"
