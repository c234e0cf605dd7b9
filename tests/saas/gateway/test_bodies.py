"""The body of a call is a JSON object in UTF-8 that holds a name; anything else is refused in JSON."""

from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from saas.models import ApiKey, Project
from tests.saas.conftest import Signer
from tests.saas.gateway.conftest import REGISTRY, Call


@pytest.mark.parametrize("name", ["", "   ", "x" * 256, "a\nb", "a\x00b", "\ud800", 7, None, ["x"]])
def test_it_refuses_what_is_no_name(call: Call, name: Any) -> None:
    status, body = call("POST", f"{REGISTRY}/initialize", {"projectName": name})
    assert (status, body["status"], body["statusText"]) == (400, 400, "Bad Request")
    assert not Project.objects.exists()


def test_a_name_may_be_255_characters_long(call: Call) -> None:
    assert call("POST", f"{REGISTRY}/initialize", {"projectName": "ü" * 255})[0] == 200


@pytest.mark.parametrize(
    "body", ["", "[]", "null", "7", "{", pytest.param("[" * 100_000, id="deep"), '{"projectname": "x"}']
)
def test_it_refuses_a_body_that_is_no_object(call: Call, body: str | bytes) -> None:
    status, answer = call("POST", f"{REGISTRY}/initialize", body)
    assert (status, answer["status"]) == (400, 400)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32-le", "utf-8-sig", "latin-1"])
def test_a_body_is_utf_8_only(client: Client, api_key: ApiKey, sign: Signer, encoding: str) -> None:
    body = '{"projectName": "Zürich"}'.encode(encoding)
    response = client.post(f"{REGISTRY}/initialize", body, "application/json", headers=sign(api_key.api_key))
    assert response.status_code == 400
    assert "UTF-8" in response.json()["message"]


def test_it_refuses_a_huge_body(call: Call) -> None:
    assert call("POST", f"{REGISTRY}/initialize", "x" * 3_000_000)[0] == 413


@pytest.mark.parametrize("sent_as", ["multipart/form-data; boundary=x", "application/x-www-form-urlencoded"])
@pytest.mark.parametrize("body", ["--x--", "&".join(f"a{number}=1" for number in range(2000))])
def test_a_body_that_is_sent_as_a_form_is_refused_in_json(
    client: Client, api_key: ApiKey, sign: Signer, sent_as: str, body: str
) -> None:
    response = client.post(f"{REGISTRY}/initialize", body, sent_as, headers=sign(api_key.api_key))
    assert (response.status_code, response.json()["status"]) == (400, 400)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=60) | st.just(b"\xff\xfe") | st.just(b"\xef\xbb\xbf{}"))
def test_no_body_is_an_error_of_ours(client: Client, api_key: ApiKey, sign: Signer, body: bytes) -> None:
    response = client.post(f"{REGISTRY}/initialize", body, "application/json", headers=sign(api_key.api_key))
    assert response.status_code == 400
