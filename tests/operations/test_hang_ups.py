"""Clients that hang up: nothing is saved, no thread is lost, and the log has neither an error nor a traceback."""

import socket
import struct
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from backend.audit.models import LoggedAction
from connector.models import Instance
from tests.addresses import ACTION_LOG, CONFIGURATION
from tests.markup import form_of
from tests.operations.gunicorn import Server, gunicorn, headers_of
from tests.operations.processes import eventually

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
# More than the server has threads.
TIMES = 6
ROWS = 20_000


@pytest.fixture
def server(transactional_db: None, tmp_path: Path) -> Iterator[Server]:
    with gunicorn(tmp_path) as server:
        yield server
        eventually(server.is_healthy, "the server answers")
        assert not [line for line in server.said.splitlines() if "ERROR" in line or "Traceback" in line]


def talk(server: Server, text: str, *, taken: int = 0, reset: bool = False) -> None:
    """Send `text`, take some bytes of the answer, and hang up."""
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(text.encode())
        if taken:
            assert client.recv(taken)
        if reset:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def head(method: str, path: str, **headers: str) -> str:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {text}" for name, text in headers.items())]
    return "".join(f"{line}\r\n" for line in lines) + "\r\n"


@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
def test_half_a_form_is_not_saved(server: Server, as_alice: Client, *, reset: bool) -> None:
    form = form_of(as_alice.get(CONFIGURATION)) | {"active_environment": "production"}
    body = urlencode(form)
    request = head("POST", CONFIGURATION, **headers_of(as_alice), **{"Content-Length": str(len(body) + 1)})
    for _time in range(TIMES):
        talk(server, request + body, reset=reset)
    assert server.is_healthy()
    assert Instance.objects.get().active_environment == "sandbox"
    assert server.post(as_alice, CONFIGURATION, form) == 302
    assert Instance.objects.get().active_environment == "production"


def test_an_export_that_nobody_waits_for_ends(server: Server, as_alice: Client) -> None:
    as_alice.get(CONFIGURATION)
    now = timezone.now()
    LoggedAction.objects.bulk_create(
        LoggedAction(at=now - timedelta(seconds=number), action="signed_in", result="done") for number in range(ROWS)
    )
    request = head("GET", f"{ACTION_LOG}export/", Cookie=headers_of(as_alice)["Cookie"])
    for _time in range(TIMES):
        talk(server, request, taken=10, reset=True)
    assert server.is_healthy()


@pytest.mark.parametrize("text", ["", "GET /admin/lo", head("GET", "/healthz"), head("HEAD", "/admin/login/")])
def test_half_a_request_and_an_answer_that_nobody_reads_are_no_errors(server: Server, text: str) -> None:
    for _time in range(TIMES):
        talk(server, text, reset=True)
    assert server.is_healthy()


def test_head_is_answered_without_a_warning(server: Server, as_alice: Client) -> None:
    as_alice.get(CONFIGURATION)
    for path in ("/healthz", "/admin/login/", f"{ACTION_LOG}export/", "/static/css/joined.css", "/nowhere/"):
        talk(server, head("HEAD", path, Cookie=headers_of(as_alice)["Cookie"]), taken=10)
    assert "no-body" not in server.said
