"""Who may read the metrics: programs on this host, and programs that have the token."""

import secrets

import pytest
from django.contrib.auth.models import User
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from tests.conftest import signed_in

pytestmark = pytest.mark.django_db
TOKEN = secrets.token_urlsafe(32)
ELSEWHERE = "192.0.2.7"


def status(address: str, **headers: str) -> int:
    return Client(REMOTE_ADDR=address).get("/metrics", headers=headers).status_code


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.2", "::1", "::ffff:127.0.0.1"])
def test_a_program_on_this_host_may_read_them(address: str) -> None:
    assert status(address) == 200


@pytest.mark.parametrize("address", [ELSEWHERE, "10.0.0.1", "2001:db8::1", "", "unix:"])
def test_for_others_nothing_is_there(address: str) -> None:
    answer = Client(REMOTE_ADDR=address).get("/metrics")
    assert (answer.status_code, answer.content) == (404, b"")


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1:8000", 200),
        ("127.0.0.2", 200),
        ("[::1]:8000", 200),
        ("localhost", 200),
        ("admin.example.com", 200),
        ("rebound.example.net:8000", 404),
        ("localhost.example.net", 404),
        ("192.0.2.7", 404),
        ("not a host", 404),
    ],
)
def test_a_site_whose_name_leads_to_this_host_does_not_get_them_through_a_browser_here(
    settings: Settings, host: str, expected: int
) -> None:
    settings.ALLOWED_HOSTS = ["admin.example.com"]
    assert status("127.0.0.1", host=host) == expected


@pytest.mark.parametrize("header", ["Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP"])
@pytest.mark.parametrize("proxies", [0, 1])
def test_what_came_through_a_proxy_on_this_host_did_not_come_from_it(
    settings: Settings, header: str, proxies: int
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    assert status("127.0.0.1", **{header: "127.0.0.1"}) == 404


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (f"Bearer {TOKEN}", 200),
        (f"bearer {TOKEN}", 200),
        (f"Bearer {TOKEN[:-1]}", 404),
        ("Bearer ", 404),
        (f"Basic {TOKEN}", 404),
        (TOKEN, 404),
        ("Bearer é", 404),
    ],
    ids=["token", "small letters", "cut", "empty", "another scheme", "no scheme", "not ASCII"],
)
def test_a_program_that_has_the_token_may_read_them_from_anywhere(settings: Settings, sent: str, expected: int) -> None:
    settings.METRICS_TOKEN = TOKEN
    assert status(ELSEWHERE, authorization=sent, **{"X-Forwarded-For": ELSEWHERE}) == expected


def test_without_a_token_in_the_settings_none_lets_anybody_in(settings: Settings) -> None:
    settings.METRICS_TOKEN = ""
    assert status(ELSEWHERE, authorization="Bearer ") == status(ELSEWHERE, authorization="Bearer x") == 404


def test_a_sign_in_is_neither_needed_nor_enough(alice: User) -> None:
    assert signed_in(alice, REMOTE_ADDR=ELSEWHERE).get("/metrics").status_code == 404
    browser = signed_in(alice)
    with CaptureQueriesContext(database) as queries:
        answer = browser.get("/metrics")
    assert (answer.status_code, answer.cookies) == (200, {})
    assert [query["sql"] for query in queries if "session_key" in query["sql"]] == []


def test_nothing_can_be_sent_to_them(client: Client) -> None:
    assert client.post("/metrics").status_code == 404
    assert client.head("/metrics").status_code == 200
