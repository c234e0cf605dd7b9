"""The pages that people see when something failed, and what an error report may contain."""

import sys
from collections.abc import Callable, Iterator
from typing import Any, NoReturn
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from django.db import connection as database
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import Client, RequestFactory
from django.views.debug import ExceptionReporter
from pytest_django import Settings

from backend.frame import error_pages
from backend.frame.error_pages import SecretsFilter
from backend.frame.middleware import readable_refusals
from connector.gateway.client import Credentials
from tests.addresses import CONFIGURATION, DASHBOARD, LOGIN, PAYMENT_SERVICES, PORTAL
from tests.factories import PASSWORD, lock
from tests.gateways import SANDBOX, Outside
from tests.markup import links, sent, text

CANARY = "canary-5e0c1d7f"
LOGOUT = "/admin/logout/"


@pytest.fixture
def database_down() -> Iterator[None]:
    def down(*_args: object) -> NoReturn:
        raise OperationalError(CANARY)

    with database.execute_wrapper(down):
        yield


def ways(response: HttpResponse | Any) -> dict[str, str]:
    """Return the ways on that a page of a failure offers, by their labels."""
    _before, _nav, after = response.content.decode().partition('aria-label="Ways on"')
    return links(HttpResponse(after.partition("</nav>")[0]))


@pytest.fixture
def quiet(as_alice: Client) -> Client:
    """Return a browser that gets the error page instead of the exception."""
    as_alice.raise_request_exception = False
    return as_alice


@pytest.mark.django_db
@pytest.mark.parametrize("path", [DASHBOARD, CONFIGURATION, PAYMENT_SERVICES, PORTAL])
def test_a_database_that_is_down_gives_a_plain_503(quiet: Client, path: str, database_down: None) -> None:
    response = quiet.get(path)
    assert response.status_code == 503
    assert response["Retry-After"]
    assert "does not reach its database" in text(response)
    assert "sidebar" in response.content.decode()
    assert CANARY not in text(response)
    assert response["Content-Security-Policy"]


@pytest.mark.django_db
def test_a_failure_of_ours_is_a_500_that_says_nothing_inside(
    quiet: Client, outside: Outside, pair: Credentials
) -> None:
    outside.answer_all(SANDBOX, body=RuntimeError(CANARY))
    response = quiet.post(CONFIGURATION, sent(pair))
    assert response.status_code == 500
    assert CANARY not in response.content.decode()
    assert "Traceback" not in response.content.decode()
    assert response["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_what_is_not_there_is_a_404_of_ours(as_alice: Client) -> None:
    response = as_alice.get("/admin/nowhere/", headers={"referer": f"http://testserver{PORTAL}?q=shop"})
    assert response.status_code == 404
    assert "sidebar" in response.content.decode()
    assert ways(response) == {
        "Search the Admin": "/admin/search/",
        "Back to where you came from": PORTAL,
        "Go to the Dashboard": DASHBOARD,
    }


@pytest.mark.django_db
def test_somebody_who_is_not_signed_in_is_led_to_the_sign_in(client: Client) -> None:
    response = client.get("/admin/nowhere/", headers={"referer": "https://elsewhere.example/links/"})
    assert response.status_code == 404
    assert ways(response) == {"Sign in to the Commerce Admin": DASHBOARD, "Sign in to My Account": PORTAL}


@pytest.mark.django_db
def test_what_is_not_allowed_is_a_403_of_ours(as_charlie: Client) -> None:
    response = as_charlie.get(CONFIGURATION)
    assert response.status_code == 403
    assert list(ways(response)) == ["Go to the Dashboard", "Sign in as somebody else"]


@pytest.mark.django_db
def test_signing_in_as_somebody_else_leads_to_the_page_that_was_not_allowed(as_charlie: Client, known: User) -> None:
    address = ways(as_charlie.get(CONFIGURATION))["Sign in as somebody else"]
    signed_out = as_charlie.post(LOGOUT, {"next": parse_qs(urlsplit(address).query)["next"][0]})
    sent_on = parse_qs(urlsplit(signed_out["Location"]).query)["next"][0]
    sign_in = {"login": known.username, "password": PASSWORD, "next": sent_on}
    assert as_charlie.post(LOGIN, sign_in)["Location"] == CONFIGURATION


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "above"),
    [
        (f"{CONFIGURATION}move-pair/", CONFIGURATION),
        (f"{PAYMENT_SERVICES}verify/", PAYMENT_SERVICES),
        (f"{PORTAL}5738cf7d-bcdd-453f-87fa-d444b785a44b/keep/", PORTAL),
    ],
)
def test_an_address_that_only_a_button_uses_leads_a_person_to_its_page(as_alice: Client, path: str, above: str) -> None:
    response = as_alice.get(path, headers={"accept": "text/html,*/*"})
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert "nothing was changed" in text(response)
    assert ways(response) == {"Go to the page that it belongs to": above, "Go to the Dashboard": DASHBOARD}


@pytest.mark.django_db
def test_a_program_gets_the_bare_refusal(as_alice: Client) -> None:
    assert as_alice.get(f"{CONFIGURATION}move-pair/", headers={"accept": "*/*"}).content == b""
    answer = JsonResponse({"error": "wrong method"}, status=405)
    assert readable_refusals(lambda _request: answer)(RequestFactory().get("/", HTTP_ACCEPT="text/html")) is answer


@pytest.mark.parametrize(
    "answer", [error_pages.server_error, lambda request: error_pages.bad_request(request, ValueError())]
)
def test_a_failure_asks_neither_the_request_nor_the_database(answer: Callable[[HttpRequest], HttpResponse]) -> None:
    # Without the mark a test cannot use the database, and an empty request has no session and no user.
    response = answer(HttpRequest())
    assert "sidebar" in response.content.decode()
    assert "Go to the Dashboard" in text(response)


@pytest.mark.django_db
def test_the_pages_for_debugging_keep_their_styles(client: Client, settings: Settings) -> None:
    settings.DEBUG = True
    response = client.get("/nowhere/")
    assert response.status_code == 404
    assert "<style" in response.content.decode()
    assert "Content-Security-Policy" not in response
    settings.DEBUG = False
    assert client.get("/nowhere/")["Content-Security-Policy"]


def fail(innocent_name: str) -> NoReturn:
    raise ValueError(len(innocent_name))


def report(settings: Settings, *, debug: bool) -> str:
    """Return both forms of a report about a request that carries secrets in every place."""
    settings.DEBUG = debug
    request = RequestFactory().post("/x/", dict.fromkeys(("sandbox_private_key", "password", "project_id"), CANARY))
    request.COOKIES["sessionid"] = request.COOKIES["anything"] = CANARY
    request.META["SHELL_GREETING"] = CANARY
    request.META["HTTP_AUTHORIZATION"] = request.META["HTTP_X_GW_SIGNATURE"] = CANARY
    try:
        fail(CANARY)
    except ValueError:
        made = ExceptionReporter(request, *sys.exc_info())
    return str(made.get_traceback_html() + made.get_traceback_text())


@pytest.mark.parametrize("debug", [True, False])
def test_no_report_shows_a_secret_of_the_request_or_the_settings(settings: Settings, *, debug: bool) -> None:
    lock(settings, sandbox_private_key=CANARY)
    made = report(settings, debug=debug)
    assert CANARY not in made
    assert settings.SECRET_KEY not in made
    assert not any(key in made for key in settings.ENCRYPTION_KEYS)


def test_a_report_without_a_request_shows_no_parameters() -> None:
    assert SecretsFilter().get_post_parameters(None) == {}
