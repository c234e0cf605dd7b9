"""Calls of the gateway that schemathesis makes from docs/openapi.yaml, good and bad, with keys and without."""

from collections.abc import Iterator, Mapping
from typing import Any

import hypothesis
import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given
from schemathesis import GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from saas.models import ApiKey, DataSpace, Merchant
from tests.attacks.world import put_back
from tests.saas.conftest import Signer, account, api_key, project, rsa_key, sign, space
from tests.saas.gateway.description import schema

__all__ = ["account", "api_key", "project", "rsa_key", "sign", "space"]

pytestmark = pytest.mark.django_db
SEED, EXAMPLES = 12, 5
CHECKS = [
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]
OPERATIONS = {f"{found.ok().method} {found.ok().path}": found.ok() for found in schema().get_all_operations()}


@pytest.fixture(autouse=True)
def _the_connection_stays(db: None) -> Iterator[None]:
    """Keep the connection with the transaction of the test, which a request would close."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def known(space: DataSpace) -> dict[str, str]:
    """What there is, by the name that the description has for it."""
    merchant = Merchant.objects.create(data_space=space, environment="sandbox", country="FR")
    return {
        "environmentId": str(space.pk),
        "projectId": str(space.project_id),
        "merchantId": str(merchant.pk),
        "x-saas-id": str(space.pk),
        "x-mp-merchant-id": str(merchant.pk),
    }


def send_all(operation: Any, mode: GenerationMode, examples: int = EXAMPLES, **fixed: Mapping[str, str]) -> set[int]:
    """Send calls of one operation, each of which is undone, and return their statuses."""
    checks = CHECKS if "501" in operation.definition.raw["responses"] else [*CHECKS, not_a_server_error]
    statuses: set[int] = set()
    application = get_wsgi_application()

    @hypothesis.seed(SEED)
    @hypothesis.settings(
        max_examples=examples, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(operation.as_strategy(mode, **fixed))
    def send(case: Any) -> None:
        with put_back():
            response = case.call_and_validate(app=application, checks=checks)
        statuses.add(response.status_code)

    send()
    return statuses


def path_of(operation: Any, known: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters of the path of `operation` that name something that there is."""
    return {parameter.name: known[parameter.name] for parameter in operation.path_parameters if parameter.name in known}


@pytest.fixture
def headers(known: dict[str, str], sign: Signer, api_key: ApiKey) -> dict[str, str]:
    """Return the headers of a call that the gateway accepts."""
    named = {name: known[name] for name in ("x-saas-id", "x-mp-merchant-id")}
    return {**sign(api_key.api_key), **named, "Accept-Encoding": "identity"}


def test_good_calls_are_answered_as_described(known: dict[str, str], headers: dict[str, str]) -> None:
    answered = {
        name: send_all(operation, GenerationMode.POSITIVE, headers=headers, path_parameters=path_of(operation, known))
        for name, operation in OPERATIONS.items()
    }
    assert {name: statuses for name, statuses in answered.items() if not statuses & {200, 201, 409, 501}} == {}


def test_bad_bodies_and_queries_are_answered_as_described(known: dict[str, str], headers: dict[str, str]) -> None:
    answered = {
        status
        for operation in OPERATIONS.values()
        if operation.body or operation.query
        for status in send_all(
            operation, GenerationMode.NEGATIVE, headers=headers, path_parameters=path_of(operation, known)
        )
    }
    # A feed takes in what it can read, and keeps other rows apart.
    assert answered >= {200, 400}


def test_calls_that_name_what_is_not_there_are_answered_as_described(headers: dict[str, str]) -> None:
    answered = {
        status
        for operation in OPERATIONS.values()
        # A made-up path counts as one of the checkout, which answers 501.
        if operation.path_parameters and "501" not in operation.definition.raw["responses"]
        for status in send_all(operation, GenerationMode.NEGATIVE, headers=headers)
    }
    assert 404 in answered


def test_calls_without_keys_are_refused_as_described(known: dict[str, str], sign: Signer) -> None:
    for named in ({}, sign("0" * 32)):
        headers = {"Accept-Encoding": "identity", "x-api-key": "", "magento-api-key": "", "x-gw-signature": "", **named}
        for name, operation in OPERATIONS.items():
            assert send_all(operation, GenerationMode.POSITIVE, 1, headers=headers) == {403}, name
