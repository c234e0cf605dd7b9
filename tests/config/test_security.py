"""What holds for every address: closed by default, strict headers, CSRF, and a sign-in that cannot be guessed at."""

import re
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import Settings

from tests.addresses import CONFIGURATION, FORGOT_PASSWORD, LOGIN, PAYMENT_SERVICES
from tests.conftest import signed_in
from tests.factories import PASSWORD
from tests.markup import text

pytestmark = pytest.mark.django_db
RIGHT = {"login": "alice", "password": PASSWORD}
# Those that need no sign-in, and the page of a link that leads nowhere.
FORMS = {LOGIN, f"{LOGIN}passkey/", f"{LOGIN}two-factor/", FORGOT_PASSWORD, f"{FORGOT_PASSWORD}key/sandbox-sandbox/"}
ID = "00000000-0000-4000-8000-000000000000"
# The gateway's callers sign instead of signing in; probes carry no secret, and browsers report without one.
OPEN = re.compile(
    r"^(healthz|readyz|metrics|admin/login/.*|admin/csp-report/|admin/password/reset/.*|merchant-registry/.*|gateway/.*"
    r"|payments/.*|paypal/.*)$"
)


def addresses(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[str]:
    for entry in patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from addresses(entry.url_patterns, path)
        elif not path.endswith("/|$)"):  # Whatever is below some prefixes of the gateway.
            path = re.sub(r"<(?:str|slug|base36):\w+>", "sandbox", path)
            yield re.sub(r"<uuid:\w+>", ID, re.sub(r"<int:\w+>", "1", path)).lstrip("^")


ALL = sorted(set(addresses(get_resolver().url_patterns)))


def test_the_walk_finds_the_fixed_addresses() -> None:
    assert {"admin/login/", "account/api-portal/", CONFIGURATION[1:], PAYMENT_SERVICES[1:], "healthz"} <= set(ALL)


def test_every_page_asks_for_a_sign_in_and_comes_back(client: Client) -> None:
    closed = [f"/{path}" for path in ALL if not OPEN.match(path)]
    asked = {path: client.get(path).get("Location") for path in closed}
    assert asked == {path: f"{LOGIN}?next={path}" for path in closed} | {"/admin/logout/": LOGIN}
    sent = {path: client.post(path).get("Location") for path in closed}
    assert sent == dict.fromkeys(closed, f"{LOGIN}?next=/admin/") | {"/admin/logout/": LOGIN}


def test_every_form_needs_a_token(alice: User) -> None:
    browser = signed_in(alice, enforce_csrf_checks=True)
    answers = {path: browser.post(f"/{path}") for path in ALL if not OPEN.match(path) or f"/{path}" in FORMS}
    assert {path: answer.status_code for path, answer in answers.items() if answer.status_code != 403} == {}
    assert [path for path, answer in answers.items() if "nothing was saved" not in text(answer)] == []


@pytest.mark.parametrize("path", ["/admin/", CONFIGURATION, "/account/api-portal/", LOGIN, "/healthz", "/nowhere/"])
def test_every_answer_has_strict_headers(alice: User, path: str) -> None:
    response = (Client() if path == LOGIN else signed_in(alice)).get(path)
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert not re.search(r"unsafe|nonce|\*|https?:|data:", policy)
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cache-Control"] == "no-store"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert {"camera=()", "microphone=()", "payment=()"} <= {*response["Permissions-Policy"].split(", ")}


@pytest.mark.parametrize("path", ["/static/icons.svg", "/static/js/load.js", "/static/css/joined.css"])
@pytest.mark.parametrize("headers", [{}, {"Range": "bytes=0-9"}, {"Range": "bytes=9-0"}], ids=["all", "part", "none"])
def test_a_static_file_that_is_opened_like_a_page_does_nothing(
    client: Client, path: str, headers: dict[str, str]
) -> None:
    response = client.get(path, headers=headers)
    response.close()
    assert response.status_code in {200, 206, 416}
    assert response["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"


def test_cookies_are_out_of_reach_of_scripts(known: User, client: Client) -> None:
    client.get(LOGIN)
    cookies = client.post(LOGIN, RIGHT).cookies
    flags = {name: (cookies[name]["httponly"], cookies[name]["samesite"]) for name in ("sessionid", "csrftoken")}
    assert flags == dict.fromkeys(flags, (True, "Lax"))


def failed(client: Client, login: str, password: str) -> str:
    response = client.post(LOGIN, {"login": login, "password": password})
    assert response.status_code == 200
    page = re.search(r'id="sign-in-error">(.*?)</div>', response.content.decode(), re.DOTALL)
    return " ".join(page[1].split()) if page else ""


@pytest.mark.parametrize("elsewhere", ["https://elsewhere.test/", "//elsewhere.test/"])
def test_signing_in_does_not_lead_to_another_host(known: User, client: Client, elsewhere: str) -> None:
    assert client.post(LOGIN, RIGHT | {"next": elsewhere})["Location"] == "/admin/"


def test_every_failure_says_the_same(client: Client, known: User) -> None:
    User.objects.create_user("left", password="another pass phrase", is_active=False)
    tries = [
        (known.username, "wrong"),
        ("nobody", "wrong"),
        ("left", "another pass phrase"),
        ("", ""),
        ("x" * 500, "x"),
    ]
    texts = {failed(client, login, password) for login, password in tries}
    assert len(texts) == 1
    assert texts.pop()


def test_after_five_failures_the_right_password_is_refused_with_the_same_text(client: Client, known: User) -> None:
    texts = {failed(client, known.username, "wrong") for _try in range(5)}
    texts.add(failed(client, known.username, PASSWORD))
    assert len(texts) == 1


def test_a_stranger_locks_nobody_out_of_their_name(client: Client, known: User) -> None:
    for _try in range(6):
        failed(client, known.username, "wrong")
    assert "sessionid" not in client.post(LOGIN, RIGHT).cookies
    assert "sessionid" in client.post(LOGIN, RIGHT, REMOTE_ADDR="192.0.2.8").cookies


def test_a_name_is_not_guessed_at_from_many_addresses(client: Client, known: User, settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "login_failed_name": "20/h/key"}
    for number in range(20):
        client.post(LOGIN, {"login": known.username, "password": "wrong"}, REMOTE_ADDR=f"192.0.2.{number}")
    assert "sessionid" not in client.post(LOGIN, RIGHT, REMOTE_ADDR="192.0.2.99").cookies


@pytest.mark.parametrize("host", ["localhost:{}", "{}.localhost"])
def test_the_host_that_a_browser_names_begins_no_new_count(
    client: Client, known: User, settings: Settings, host: str
) -> None:
    settings.ALLOWED_HOSTS = [".localhost"]
    for number in range(5):
        client.post(LOGIN, {"login": known.username, "password": "wrong"}, headers={"Host": host.format(8000 + number)})
    assert "sessionid" not in client.post(LOGIN, RIGHT, headers={"Host": host.format(9000)}).cookies


def test_tries_at_other_names_do_not_push_out_the_count_of_one(client: Client, known: User) -> None:
    for _try in range(5):
        failed(client, known.username, "wrong")
    for number in range(150):
        sent = {"login": f"other{number}", "password": "wrong"}
        client.post(LOGIN, sent, REMOTE_ADDR=f"198.51.100.{number}")
    assert "sessionid" not in client.post(LOGIN, RIGHT).cookies


def test_who_signs_in_often_is_not_taken_for_somebody_who_guesses(known: User, client: Client) -> None:
    for _time in range(7):
        assert "sessionid" in client.post(LOGIN, RIGHT).cookies
        client.post("/admin/logout/")


def test_many_tries_from_one_address_are_stopped(known: User, client: Client) -> None:
    codes = [client.post(LOGIN, {"login": f"guess{number}", "password": "x"}).status_code for number in range(31)]
    assert codes == 30 * [200] + [429]
    response = client.post(LOGIN, RIGHT)
    assert "sessionid" not in response.cookies


def test_nobody_signs_up(client: Client) -> None:
    assert client.get("/admin/signup/").status_code == 404
    assert client.get("/accounts/signup/").status_code == 404


def test_signing_out_is_posted_and_ends_the_session(as_alice: Client) -> None:
    as_alice.get("/admin/logout/")
    assert as_alice.get("/admin/").status_code == 200
    ended = as_alice.post("/admin/logout/")
    assert ended["Clear-Site-Data"] == '"cache", "storage"'
    assert as_alice.cookies["sessionid"].value == ""
    assert as_alice.get("/admin/").status_code == 302


def test_below_a_path_signing_out_leaves_the_storage_to_the_other_programs(
    as_alice: Client, settings: Settings
) -> None:
    settings.URL_PREFIX = "/commerce"
    assert as_alice.post("/admin/logout/")["Clear-Site-Data"] == '"cache"'


def test_the_redirect_to_https_has_the_policy_of_every_page(client: Client, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    response = client.get(LOGIN)
    assert (response.status_code, response["Location"]) == (301, f"https://testserver{LOGIN}")
    assert response["Content-Security-Policy"] == settings.CONTENT_SECURITY_POLICY
    assert response["X-Frame-Options"] == "DENY"
    assert response["Cache-Control"] == "no-store"
