"""Requests that no browser sends are refused without a failure of ours, and nothing of them comes back."""

from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from django.contrib.auth.models import User
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from tests.addresses import ACTION_LOG, CONFIGURATION, DASHBOARD, LOGIN, ORDERS, PORTAL, SEARCH, USERS
from tests.conftest import signed_in
from tests.factories import stored

pytestmark = pytest.mark.django_db
PAGES = (
    LOGIN,
    DASHBOARD,
    SEARCH,
    ACTION_LOG,
    USERS,
    ORDERS,
    PORTAL,
    CONFIGURATION,
    "/gateway/apikeycheck",
    "/nowhere/",
)
CANARY = "c4n4ry.test"
ODD = [
    b"\0",
    b"%00",
    b"\xff\xfe",
    b"\xc0\xaf",
    b"\xed\xa0\x80",
    b"..",
    b"\\",
    b"\r\n",
    b"\x1b[31m",
    b"9" * 5000,
    b"x" * 9000,
]
BYTES = st.lists(st.sampled_from([*ODD, b"/", b"=", b"&", b"a", b"[", b"-1", b"'"]), max_size=5).map(b"".join)
FORM = "application/x-www-form-urlencoded"
TYPES = [FORM, f"{FORM}; charset=utf-16", f"{FORM}; charset=nonsense", "multipart/form-data; boundary=x", "\xff", ""]
NAMES = st.sampled_from(["q", "page", "sort", "next", "login", "username", "status", "from", "revision", "\0"])


@examples(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(page=st.sampled_from(PAGES), name=NAMES, value=BYTES, is_raw=st.booleans(), below=st.booleans())
def test_no_address_is_a_failure_of_ours(
    as_alice: Client, page: str, name: str, value: bytes, *, is_raw: bool, below: bool
) -> None:
    query = value.decode("latin-1") if is_raw else quote_from_bytes(value)
    path = page + (quote_from_bytes(value) if below else "")
    assert as_alice.get(path, QUERY_STRING=f"{name}={query}").status_code < 500


@examples(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(page=st.sampled_from(PAGES), body=BYTES, sent_as=st.sampled_from(TYPES), cookie=BYTES)
def test_no_body_and_no_cookie_is_a_failure_of_ours(
    known: User, page: str, body: bytes, sent_as: str, cookie: bytes
) -> None:
    headers = {"Cookie": f"sessionid={cookie.decode('latin-1')}; csrftoken=x"}
    for client in (Client(), signed_in(known)):
        assert client.generic("POST", page, body, sent_as, headers=headers).status_code < 500


@pytest.mark.parametrize("method", ["TRACE", "OPTIONS", "CONNECT", "FOO", "get", "HEAD"])
@pytest.mark.parametrize("page", [*PAGES, "/healthz", "/static/css/joined.css"])
def test_no_method_gives_back_what_was_sent(as_alice: Client, page: str, method: str) -> None:
    response = as_alice.generic(method, page, CANARY, "text/plain", headers={"X-Anything": CANARY, "X-Api-Key": CANARY})
    assert response.status_code < 500
    assert CANARY not in str(dict(response.headers))
    content = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    assert CANARY.encode() not in content


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"])
def test_no_header_changes_the_method(as_alice: Client, header: str) -> None:
    before = stored()
    for method in ("POST", "DELETE"):
        assert as_alice.get(f"{DASHBOARD}language/", headers={header: method}).status_code == 405
        assert as_alice.get(f"{DASHBOARD}logout/", headers={header: method}).status_code == 200
    assert stored() == before
    assert as_alice.get(DASHBOARD).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-Host": CANARY},
        {"X-Forwarded-Server": CANARY, "X-Original-URL": f"/{CANARY}/", "X-Rewrite-URL": f"/{CANARY}/"},
        {"Forwarded": f"for=192.0.2.1;host={CANARY};proto=https"},
        {"X-Forwarded-Prefix": f"/{CANARY}", "X-Script-Name": f"/{CANARY}"},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_a_proxy_that_nobody_trusts_names_no_host(as_alice: Client, headers: dict[str, str]) -> None:
    for page in ("/", LOGIN, DASHBOARD, PORTAL, "/nowhere/"):
        response: Any = as_alice.get(page, headers=headers)
        assert CANARY not in response.get("Location", "") + response.content.decode()


@pytest.mark.parametrize(
    "host", [CANARY, f"testserver@{CANARY}", f"testserver:80@{CANARY}", "[::1", "a b", "x:y:z", ""]
)
def test_an_unknown_host_leads_nowhere(as_alice: Client, host: str) -> None:
    for page in ("/", LOGIN, DASHBOARD, "/gateway/apikeycheck"):
        response = as_alice.get(page, headers={"Host": host})
        assert (response.status_code, "Location" in response) == (400, False)
        assert f"//{host}" not in response.content.decode() or not host
