"""Signed calls of the merchant registry, and how the gateway refuses keys."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from saas.models import ApiKey, DataSpace
from tests.saas.conftest import Signer
from tests.saas.factories import AccountFactory, ProjectFactory
from tests.saas.gateway.description import differences

REGISTRY = "/merchant-registry/v1/registry"
PING = "/merchant-registry/v1/ping"
INVALID_JWT = {"message": "JWT is invalid", "detail": "pair_mismatch"}
Call = Callable[..., Any]


@pytest.fixture(autouse=True)
def _responses_are_as_described(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare every response of these tests with docs/openapi.yaml."""
    answer = Client.request

    def compared(self: Client, **asked: Any) -> Any:
        response = answer(self, **asked)
        assert differences(asked["REQUEST_METHOD"], asked["PATH_INFO"], response) == ""
        return response

    monkeypatch.setattr(Client, "request", compared)


@pytest.fixture
def call(client: Client, api_key: ApiKey, sign: Signer) -> Call:
    """Return a function that sends a signed request with a JSON body, and returns status and JSON of the answer."""

    def send(method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        signed = sign(api_key.api_key) | headers
        response = client.generic(method, path, as_json(body), "application/json", headers=signed)
        return response.status_code, response.json()

    return send


def as_json(body: Any) -> str:
    """Return the JSON of `body`; text is sent as it is."""
    return body if isinstance(body, str) else "" if body is None else json.dumps(body)


@pytest.fixture
def foreign_space(db: None) -> DataSpace:
    return ProjectFactory.create(account=AccountFactory.create(organization_name="Venia")).data_spaces.get(position=0)


def invalid_client(detail: str) -> dict[str, Any]:
    return {"error": {"message": "Client ID is invalid"}, "detail": detail}
