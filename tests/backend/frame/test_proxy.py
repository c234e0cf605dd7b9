"""Reverse proxies: whose address counts, and which setting is named where a proxy misleads the server."""

import logging
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from pytest_django import Settings

from backend.audit.models import LoggedAction
from backend.frame import proxy
from tests.addresses import DASHBOARD, LOGIN
from tests.conftest import signed_in
from tests.factories import MANAGE_KEY, PASSWORD, person
from tests.markup import text

RIGHT = {"login": "alice", "password": PASSWORD}
THROUGH_A_PROXY = {"X-Forwarded-For": "203.0.113.1", "X-Forwarded-Proto": "https"}


@pytest.fixture(autouse=True)
def _nothing_was_logged() -> Iterator[None]:
    proxy.warn_once.cache_clear()
    yield
    proxy.warn_once.cache_clear()


@pytest.mark.parametrize(
    ("proxies", "header", "expected"),
    [
        (0, "203.0.113.1", "192.0.2.1"),
        (1, "", "192.0.2.1"),
        (1, "198.51.100.1, 203.0.113.1", "203.0.113.1"),
        (2, "198.51.100.1, 203.0.113.1", "198.51.100.1"),
        (3, "198.51.100.1, 203.0.113.1, 203.0.113.2, 203.0.113.3", "203.0.113.1"),
        (2, "198.51.100.1", "192.0.2.1"),
        (1, "203.0.113.1:4711", "203.0.113.1"),
        (1, "[2001:db8::1]:4711", "2001:db8::1"),
        (1, "[2001:db8::1]", "2001:db8::1"),
        (1, "2001:DB8::1", "2001:db8::1"),
        (1, "fe80::1%eth0", "fe80::1"),
        (1, "::ffff:203.0.113.1", "203.0.113.1"),
        (1, 'for="[2001:db8::1]:4711"', "2001:db8::1"),
        (1, "For=203.0.113.1", "203.0.113.1"),
        (1, "unknown", "192.0.2.1"),
        (1, "unix:", "192.0.2.1"),
        (1, ",", "192.0.2.1"),
        (1, "<script>", "192.0.2.1"),
        (1, "[", "192.0.2.1"),
    ],
)
def test_the_address_is_the_one_that_the_trusted_proxies_saw(
    proxies: int, header: str, expected: str, settings: Settings
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", headers={"X-Forwarded-For": header})
    assert proxy.client_address(request) == expected


@pytest.mark.parametrize("header", ["unknown", "", ",", "x" * 5000, "203.0.113.1", "[2001:db8::1]:1", 'for="_hidden"'])
@pytest.mark.parametrize("proxies", [0, 1, 2])
def test_people_sign_in_whatever_the_header_holds(known: User, settings: Settings, proxies: int, header: str) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    response = Client().post(LOGIN, RIGHT, headers={"X-Forwarded-For": header})
    assert response["Location"] == DASHBOARD
    assert LoggedAction.objects.get(action="signed_in").address in {"127.0.0.1", "203.0.113.1", "2001:db8::1"}


@pytest.mark.parametrize("proxies", [0, 1])
def test_on_a_unix_socket_without_an_address_nobody_signs_in_and_the_setting_is_named(
    known: User, client: Client, settings: Settings, all_logs: pytest.LogCaptureFixture, proxies: int
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    response = client.post(LOGIN, RIGHT, REMOTE_ADDR="")
    assert response.status_code == 503
    assert "set TRUSTED_PROXIES to the number of" in text(response)
    assert "sessionid" not in response.cookies
    (said,) = [
        record.getMessage()
        for record in all_logs.records
        if "access" not in record.name and record.levelno >= logging.ERROR
    ]
    assert said.startswith("A sign-in came without a network address: check TRUSTED_PROXIES")
    assert "Traceback" not in all_logs.text


def test_on_a_unix_socket_the_proxy_names_the_address(known: User, client: Client, settings: Settings) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert client.post(LOGIN, RIGHT, REMOTE_ADDR="", headers=THROUGH_A_PROXY)["Location"] == DASHBOARD
    assert LoggedAction.objects.get(action="signed_in").address == "203.0.113.1"


@pytest.mark.parametrize("name", proxy.HEADERS)
def test_headers_of_a_proxy_that_nobody_trusts_are_logged_once(
    client: Client, db: None, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    for _time in range(2):
        client.get(LOGIN, headers={name: "203.0.113.1"})
    (said,) = caplog.messages
    assert said.startswith("Requests come through a reverse proxy, but TRUSTED_PROXIES is 0")


@pytest.mark.parametrize(
    ("proxies", "header", "said"),
    [
        (0, "203.0.113.1", "but TRUSTED_PROXIES is 0"),
        (2, "203.0.113.1", "fewer addresses in X-Forwarded-For than TRUSTED_PROXIES says"),
        (1, "unknown", "gives no IP address in X-Forwarded-For"),
    ],
)
def test_the_dashboard_tells_an_administrator_what_to_set(
    db: None, settings: Settings, proxies: int, header: str, said: str
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    headers = {"X-Forwarded-For": header}
    assert said in text(signed_in(person("olga", MANAGE_KEY)).get(DASHBOARD, headers=headers))
    assert "X-Forwarded-For" not in text(signed_in(person("charlie")).get(DASHBOARD, headers=headers))


def test_the_dashboard_is_silent_where_proxies_and_settings_agree(as_alice: Client, settings: Settings) -> None:
    assert "TRUSTED_PROXIES" not in text(as_alice.get(DASHBOARD))
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert "TRUSTED_PROXIES" not in text(as_alice.get(DASHBOARD, headers=THROUGH_A_PROXY))


@pytest.mark.parametrize(
    ("proxies", "headers", "said"),
    [
        (0, {"X-Forwarded-Proto": "https"}, "set TRUSTED_PROXIES to the number"),
        (0, {"Forwarded": 'for=203.0.113.1;proto="https"'}, "set TRUSTED_PROXIES to the number"),
        (0, {"X-Forwarded-Ssl": "on"}, "set TRUSTED_PROXIES to the number"),
        (1, {"X-Forwarded-For": "203.0.113.1"}, "proxy_set_header X-Forwarded-Proto $scheme"),
        (1, {"X-Forwarded-Proto": "HTTPS"}, "proxy_set_header X-Forwarded-Proto $scheme"),
    ],
)
def test_a_redirect_that_would_never_end_is_a_page_that_says_what_to_set(
    client: Client, settings: Settings, proxies: int, headers: dict[str, str], said: str
) -> None:
    settings.SECURE_SSL_REDIRECT, settings.ALLAUTH_TRUSTED_PROXY_COUNT = True, proxies
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if proxies else None
    response = client.get(LOGIN, headers=headers)
    assert response.status_code == 503
    assert said in text(response)
    assert response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("headers", [{}, THROUGH_A_PROXY | {"X-Forwarded-Proto": "http"}])
def test_a_browser_that_used_plain_http_is_redirected(
    client: Client, settings: Settings, headers: dict[str, str]
) -> None:
    settings.SECURE_SSL_REDIRECT, settings.ALLAUTH_TRUSTED_PROXY_COUNT = True, 1
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert client.get(LOGIN, headers=headers)["Location"] == f"https://testserver{LOGIN}"


@pytest.mark.parametrize("debug", [False, True])
def test_an_unknown_host_is_a_page_and_a_line_that_name_the_setting(
    client: Client, settings: Settings, all_logs: pytest.LogCaptureFixture, *, debug: bool
) -> None:
    settings.DEBUG = debug
    response = client.get(LOGIN, headers={"host": "<b>elsewhere</b>.test"})
    assert response.status_code == 400
    assert "add the host name to ALLOWED_HOSTS" in text(response)
    assert "&lt;b&gt;elsewhere&lt;/b&gt;.test" in response.content.decode()
    assert f"Commerce Admin {settings.VERSION}" in text(response)
    (said,) = [
        record for record in all_logs.records if "access" not in record.name and record.levelno >= logging.WARNING
    ]
    assert said.getMessage().startswith("Refused a request for the host '<b>elsewhere</b>.test'")
    assert said.exc_info is None


def test_the_page_of_an_unknown_host_speaks_the_language_of_the_browser(client: Client) -> None:
    response = client.get(LOGIN, headers={"host": "elsewhere.test", "accept-language": "fr"})
    assert '<html lang="fr"' in response.content.decode()
    assert "ajoutez le nom d’hôte à ALLOWED_HOSTS" in text(response)


def refused_form(user: User, **headers: str) -> str:
    """Return the page that refuses a form of `user` for its token or its origin."""
    response = signed_in(user, enforce_csrf_checks=True).post("/admin/language/", {"language": "fr"}, headers=headers)
    assert response.status_code == 403
    return text(response)


@pytest.mark.parametrize(
    ("proxies", "origin", "said"),
    [
        (1, "https://admin.example.com", "proxy_set_header Host $http_host, or add https://admin.example.com to CSRF"),
        (0, "https://testserver", "set TRUSTED_PROXIES to the number of reverse proxies"),
        (1, "https://testserver", "proxy_set_header X-Forwarded-Proto $scheme"),
    ],
)
def test_a_form_whose_address_a_proxy_changed_is_not_called_out_of_date(
    alice: User, settings: Settings, proxies: int, origin: str, said: str
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    page = refused_form(alice, origin=origin)
    assert f"Your browser sent the form to {origin}, but it reached this server as a form for http://testserver" in page
    assert said in page
    assert "out of date" not in page


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "null"},
        {"origin": "http://testserver"},
        {"origin": "https://elsewhere.test", "sec-fetch-site": "cross-site"},
        {"origin": "https://elsewhere.test/<script>"},
    ],
)
def test_a_form_without_its_token_or_of_another_site_is_no_fault_of_a_proxy(
    alice: User, headers: dict[str, str]
) -> None:
    page = refused_form(alice, **headers)
    assert "The form was out of date" in page
    assert "proxy" not in page
