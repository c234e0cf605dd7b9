"""The body of a feed, and what anything else gets for an answer."""

import json
from io import BytesIO
from typing import Any

import pytest
from django.test import Client

from saas.gateway.feeds import MAX_BYTES
from saas.models import ApiKey, DataSpace, FeedRow, FeedSource
from tests.saas.conftest import Signer
from tests.saas.gateway.conftest import Call
from tests.saas.gateway.feeds import (
    address,
    feed,
    order,
)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE"])
def test_a_feed_is_posted(client: Client, api_key: ApiKey, sign: Signer, space: DataSpace, method: str) -> None:
    response = client.generic(method, address(space), headers=sign(api_key.api_key))
    assert (response.status_code, response["Allow"]) == (405, "POST")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "null",
        "7",
        "[" * 100_000,
        '{"feed": "orders"}',
        '{"feed": "orders", "data": null}',
        '{"feed": "orders", "data": {}}',
        '{"feed": "orders", "data": "rows"}',
        '{"feed": "stores", "data": []}',
        '{"feed": ["orders"], "data": []}',
        '{"data": []}',
        '{"feed": "orders", "data": [{"id": "1", "grand_total": NaN}]}',
        '{"feed": "orders", "data": [{"id": "1", "grand_total": -Infinity}]}',
        b'{"feed": "orders", "data": ["\xff"]}',
        '{"feed": "orders", "data": []}'.encode("utf-16"),
    ],
    ids=lambda body: str(body)[:40],
)
def test_a_body_that_is_no_feed_is_told_what_to_send(
    client: Client, api_key: ApiKey, sign: Signer, space: DataSpace, body: str | bytes
) -> None:
    response = client.generic("POST", address(space), body, "application/json", headers=sign(api_key.api_key))
    answer = response.json()
    assert (response.status_code, answer["status"], answer["statusText"]) == (400, 400, "Bad Request")
    assert 'Send {"feed": "orders", "data": […]}.' in answer["message"]
    assert not FeedSource.objects.exists()


def test_a_feed_without_rows_is_received(call: Call, space: DataSpace) -> None:
    assert call("POST", address(space), feed()) == (200, {"status": 200, "read": 0, "unread": 0})
    assert FeedSource.objects.exists()


def test_it_takes_a_thousand_rows_and_no_more(call: Call, space: DataSpace) -> None:
    rows = [{"id": number} for number in range(1001)]
    status, answer = call("POST", address(space), feed(*rows))
    assert (status, answer["message"]) == (413, "The feed has 1001 rows. Send at most 1000.")
    assert not FeedRow.objects.exists()
    assert call("POST", address(space), feed(*rows[1:]))[1]["read"] == 1000


def test_it_takes_five_megabytes_and_no_more(call: Call, space: DataSpace) -> None:
    fitting = json.dumps(feed(order("1"))).ljust(5 * 1024 * 1024)
    assert call("POST", address(space), fitting)[0] == 200
    status, answer = call("POST", address(space), fitting + " ")
    assert (status, answer["status"]) == (413, 413)


@pytest.mark.parametrize("value", ["{}", "[]", "0.1"])
def test_it_takes_no_more_values_than_the_memory_has_room_for(call: Call, space: DataSpace, value: str) -> None:
    many = ",".join([value] * 400_002)
    status, answer = call("POST", address(space), f'{{"feed": "orders", "data": [{{"id": "1", "items": [{many}]}}]}}')
    assert (status, answer["message"]) == (413, "The feed has more than 400000 values. Send it in several parts.")
    assert not FeedSource.objects.exists()


def test_a_body_that_is_sent_as_a_form_is_read_all_the_same(
    client: Client, api_key: ApiKey, sign: Signer, space: DataSpace
) -> None:
    sent_as = "application/x-www-form-urlencoded"
    response = client.post(address(space), json.dumps(feed(order("1"))), sent_as, headers=sign(api_key.api_key))
    assert response.status_code == 200


@pytest.mark.parametrize("length", ["", "-1", "10", "many"])
def test_a_wrong_length_is_no_error_of_ours(call: Call, space: DataSpace, length: str) -> None:
    assert call("POST", address(space), feed(order("1")), **{"Content-Length": length})[0] == 400


@pytest.mark.parametrize(("size", "status"), [(0, 200), (6_000_000, 413)])
def test_a_body_in_chunks_is_read_where_the_server_says_its_end(
    client: Client, api_key: ApiKey, sign: Signer, space: DataSpace, size: int, status: int
) -> None:
    chunks = BytesIO(json.dumps(feed(order("1"))).encode().ljust(size))
    environ: dict[str, Any] = {"wsgi.input": chunks, "wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
    response = client.generic("POST", address(space), headers=sign(api_key.api_key), **environ)
    assert (response.status_code, response.json()["status"]) == (status, status)
    assert chunks.tell() <= MAX_BYTES + 1


def test_wrong_keys_are_refused_before_anything_is_read(
    client: Client, sign: Signer, api_key: ApiKey, space: DataSpace
) -> None:
    refused = {"x-gw-signature": "forged"}
    for headers, status in ((sign(api_key.api_key) | refused, 401), (sign("f" * 32), 403), ({}, 403)):
        response = client.post(address(space), "{", "application/json", headers=headers)
        assert response.status_code == status
    assert not FeedSource.objects.exists()
