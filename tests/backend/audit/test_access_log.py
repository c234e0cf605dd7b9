"""The server's log has one line for each request, and one more with a traceback where the server failed."""

import json
import logging
import re
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any, NoReturn

import pytest
from django.conf import settings as configured
from django.contrib.auth.models import User
from django.db import OperationalError
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from backend.frame.log_lines import Json, OneLineARefusal, Text
from backend.frame.request_facts import HEADER
from connector.gateway import silence
from connector.gateway.client import Credentials
from tests.addresses import CONFIGURATION, DASHBOARD, HEALTH, LOGIN, SEARCH
from tests.conftest import signed_in
from tests.factories import PASSWORD
from tests.gateways import SANDBOX, Outside
from tests.markup import sent

SECRET_PATHS = configured.LOGGING["formatters"]["json"]["secret_paths"]


class Log(StringIO):
    """What the server writes in production mode."""

    def lines(self, logger: str = "") -> list[dict[str, Any]]:
        found = [json.loads(line) for line in self.getvalue().splitlines()]
        return [line for line in found if line["logger"].startswith(logger)]


@pytest.fixture
def log() -> Iterator[Log]:
    written = Log()
    handler = logging.StreamHandler(written)
    handler.setFormatter(Json(SECRET_PATHS))
    handler.addFilter(OneLineARefusal())
    access = logging.getLogger("backend.audit.access_log")
    usual = access.level
    access.setLevel(logging.INFO)
    for name in ("", "django"):
        logging.getLogger(name).addHandler(handler)
    yield written
    access.setLevel(usual)
    for name in ("", "django"):
        logging.getLogger(name).removeHandler(handler)


@pytest.fixture
def text_log() -> Iterator[StringIO]:
    """Return the lines of requests as the server writes them in development mode."""
    written = StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(Text(SECRET_PATHS, fmt="{levelname} {message}", style="{"))
    logger = logging.getLogger("backend.audit.access_log")
    logger.addHandler(handler)
    yield written
    logger.removeHandler(handler)


@pytest.mark.django_db
def test_a_page_has_one_line_that_says_who_asked_for_what_from_where(log: Log, bob: User) -> None:
    answer = signed_in(bob, REMOTE_ADDR="192.0.2.7").get(f"{SEARCH}?q=shop")
    (line,) = log.lines()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d", line.pop("time"))
    assert line.pop("duration_ms") > 0
    assert line == {
        "level": "INFO",
        "logger": "backend.audit.access_log",
        "message": f"GET {SEARCH} 200",
        "request_id": answer[HEADER],
        "person": "bob",
        "address": "192.0.2.7",
        "method": "GET",
        "path": SEARCH,
        "status": 200,
        "view": "search",
    }


@pytest.mark.django_db
def test_signing_in_and_out_names_the_person(log: Log, client: Client, known: User) -> None:
    client.post(LOGIN, {"login": known.username, "password": PASSWORD})
    client.post("/admin/logout/")
    assert [(line["view"], line["person"]) for line in log.lines("backend")] == [
        ("account_login", "alice"),
        ("account_logout", "alice"),
    ]


@pytest.mark.django_db
def test_a_line_looks_nobody_up(log: Log, as_alice: Client) -> None:
    with CaptureQueriesContext(database) as queries:
        as_alice.get(DASHBOARD, headers={"host": "evil.test"})
    assert [line.get("person") for line in log.lines()] == [None]
    assert list(queries) == []


def test_an_address_cannot_begin_another_line(text_log: StringIO, client: Client) -> None:
    client.get("/static/%0AWARNING%20forged%1B[31m")
    assert text_log.getvalue().startswith(r"WARNING GET /static/\nWARNING forged\x1b[31m 404")


def test_a_stranger_has_no_name(log: Log, client: Client) -> None:
    client.get("/")
    (line,) = log.lines()
    assert "person" not in line


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("ask", "status", "reason"),
    [
        (lambda me: me.get(LOGIN, headers={"host": "evil.test"}), 400, "the host 'evil.test'"),
        (lambda _me: Client(enforce_csrf_checks=True).post(LOGIN), 403, "CSRF cookie not set"),
        (lambda me: me.get(CONFIGURATION), 403, "Permission denied"),
        (lambda me: me.get("/admin/stay/"), 405, "Method Not Allowed"),
        (
            lambda me: me.post(LOGIN, {"login": "x" * 3_000_000}, "application/x-www-form-urlencoded"),
            413,
            "has more than",
        ),
        (lambda me: me.post(LOGIN, dict.fromkeys(map(str, range(1001)), "x")), 400, "exceeded"),
        (lambda me: me.generic("POST", LOGIN, b"x", "multipart/form-data; boundary="), 400, "Unable to parse"),
        (lambda me: me.get("/admin/nowhere/"), 404, ""),
    ],
    ids=["host", "csrf", "permission", "method", "too large", "too many fields", "malformed", "not found"],
)
def test_a_refusal_is_one_line_without_a_traceback(
    log: Log, as_charlie: Client, ask: Callable[[Client], Any], status: int, reason: str
) -> None:
    answer = ask(as_charlie)
    (line,) = log.lines()
    assert answer.status_code == line["status"] == status
    assert (line["level"], line["request_id"]) == ("WARNING", answer[HEADER])
    assert reason in line.get("reason", "")
    assert line.get("reason", "") in line["message"]
    assert "Traceback" not in log.getvalue()


@pytest.mark.django_db
def test_a_failure_of_ours_is_one_line_with_its_traceback(
    log: Log, as_alice: Client, outside: Outside, pair: Credentials
) -> None:
    as_alice.raise_request_exception = False
    outside.answer_all(SANDBOX, body=RuntimeError(f"a failure of ours with {pair.private_key.pem}"))
    as_alice.post(CONFIGURATION, sent(pair))
    failure, answer = log.lines()
    assert "a failure of ours with" in failure["traceback"]
    assert "Traceback (most recent call last)" in failure["traceback"]
    assert (failure["level"], failure["person"], failure["path"]) == ("ERROR", "alice", CONFIGURATION)
    assert failure["request_id"] == answer["request_id"]
    assert (answer["status"], answer["level"]) == (500, "ERROR")
    assert pair.private_key.pem.splitlines()[3] not in log.getvalue()


def test_what_programs_ask_for_all_the_time_has_a_line_only_if_it_fails(log: Log, client: Client) -> None:
    client.get(HEALTH)
    client.get("/static/css/tokens.css").getvalue()
    assert log.lines() == []
    client.get("/static/css/nowhere.css")
    assert [line["path"] for line in log.lines()] == ["/static/css/nowhere.css"]


def test_a_static_file_below_a_path_has_no_line_either(log: Log, client: Client, settings: Settings) -> None:
    settings.FORCE_SCRIPT_NAME, settings.STATIC_URL = "/commerce", "/commerce/static/"
    client.get("/static/css/tokens.css").getvalue()
    client.get("/static/css/nowhere.css")
    assert [(line["path"], line["view"]) for line in log.lines()] == [("/commerce/static/css/nowhere.css", "static")]


def down(*_args: object) -> NoReturn:
    message = "connection failed:\nthe password is wrong\nLINE 1: SELECT 'a name'"
    raise OperationalError(message)


@pytest.mark.django_db
def test_a_server_that_is_not_ready_has_one_line_that_says_why(log: Log, client: Client) -> None:
    with database.execute_wrapper(down):
        client.get("/readyz")
    (line,) = log.lines("backend")
    assert (line["path"], line["status"]) == ("/readyz", 503)
    assert line["reason"] == "database: connection failed: the password is wrong"
    assert log.lines("django") == []


@pytest.mark.django_db
def test_the_line_of_a_page_that_needs_the_database_says_why_it_failed(log: Log, as_alice: Client) -> None:
    as_alice.raise_request_exception = False
    with database.execute_wrapper(down):
        as_alice.get(DASHBOARD)
    (line,) = log.lines("backend.audit")
    assert line["status"] == 503
    assert line["message"].endswith(": database: connection failed: the password is wrong")


def test_a_gateway_that_does_not_answer_has_a_line_of_the_request_without_a_key(
    log: Log, outside: Outside, connected: None, as_alice: Client, pair: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silence, "_logged_at", {})
    answer = as_alice.post(f"{CONFIGURATION}verify/", {"environment": "sandbox"})
    (line,) = log.lines("connector")
    assert (line["level"], line["request_id"], line["reason"]) == ("WARNING", answer[HEADER], "unreachable")
    assert line["message"] == "No answer from the gateway sandbox.outside.test: unreachable."
    assert pair.api_key not in log.getvalue()
    assert "eyJ" not in log.getvalue()  # Every token begins so.


@pytest.mark.django_db
def test_no_line_holds_a_key_from_an_address(log: Log, as_alice: Client, pair: Credentials) -> None:
    part = pair.private_key.pem.splitlines()[3]
    as_alice.get(f"/admin/{part}/?q={part}")
    as_alice.get(f"{DASHBOARD}{part}/", headers={"host": "evil.test"})
    assert len(log.lines()) == 2
    assert part[8:40] not in log.getvalue()


@pytest.mark.django_db
def test_no_line_holds_the_token_of_a_link_to_paypal(log: Log, client: Client) -> None:
    token = "0123456789abcdef" * 4
    client.get(f"/paypal/onboarding/{token}/")
    assert [line["path"] for line in log.lines()] == ["/paypal/onboarding/…/"]
    assert token not in log.getvalue()


def test_the_line_of_the_development_server_holds_no_token_either() -> None:
    asked = "GET /paypal/onboarding/0123abcd/?x=1 HTTP/1.1"
    record = logging.LogRecord("django.server", logging.INFO, "", 0, '"%s" %s %s', (asked, 200, 7), None)
    written = Text(SECRET_PATHS, fmt="{name} {message}", style="{").format(record)
    assert written == 'django.server "GET /paypal/onboarding/…/?x=1 HTTP/1.1" 200 7'


def test_the_line_of_the_development_server_commands_no_terminal() -> None:
    asked = "GET /\x1b]0;forged\x07\u202e\x9b1m HTTP/1.1"
    record = logging.LogRecord("django.server", logging.INFO, "", 0, '"%s"\n\t%s', (asked, 404), None)
    written = Text(SECRET_PATHS, fmt="{message}", style="{").format(record)
    assert written == '"GET /\\x1b]0;forged\\x07\\u202e\\x9b1m HTTP/1.1"\n\t404'


def test_a_line_of_text_ends_with_the_id_of_its_request(text_log: StringIO, client: Client) -> None:
    answer = client.get("/static/css/nowhere.css")
    assert text_log.getvalue() == f"WARNING GET /static/css/nowhere.css 404 [{answer[HEADER]}]\n"


def test_a_line_outside_a_request_has_what_is_known_of_it(log: Log) -> None:
    logging.getLogger("connector").warning("Something\nof two lines.")
    (line,) = log.lines()
    assert list(line) == ["time", "level", "logger", "message"]
    assert line["message"] == "Something\nof two lines."


def test_a_line_has_only_characters_that_every_console_can_write(log: Log, client: Client) -> None:
    client.get("/static/é\N{RIGHT-TO-LEFT OVERRIDE}.css")
    assert log.getvalue().isascii()
    assert [line["path"] for line in log.lines()] == ["/static/é\N{RIGHT-TO-LEFT OVERRIDE}.css"]
