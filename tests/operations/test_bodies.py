"""What the servers do with a body that they should not read, and with requests that are none."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings

from tests.addresses import LOGIN
from tests.operations.gunicorn import database_url, gunicorn
from tests.operations.processes import PATIENCE_S, eventually, free_port, listens

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
# A body so long never comes. The answer does not wait for it.
HUGE = str(10**12)
REFUSED = {
    "-1": {400},
    "abc": {400},
    "5, 5": {400},
    "+5": {400},
    "1_0": {400},
    "9" * 6000: {400},
    "9" * 20: {400},
    HUGE: {413},
}
OTHERS = {
    "a chunked form": ("POST", LOGIN, "Transfer-Encoding: chunked\r\n", b"5\r\nlogin\r\n0\r\n\r\n", {411}),
    "two lengths": ("POST", LOGIN, "Content-Length: 5\r\nContent-Length: 6\r\n", b"login", {400, 403}),
    "a length and chunks": (
        "POST",
        LOGIN,
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"0\r\n\r\n",
        {400},
    ),
    "a long header": ("GET", LOGIN, f"X-Long: {'x' * 20_000}\r\n", b"", {200, 400, 431}),
    "a long cookie": ("GET", LOGIN, f"Cookie: sessionid={'x' * 7_000}\r\n", b"", {200, 400, 431}),
    "many headers": ("GET", LOGIN, "".join(f"X-{number}: x\r\n" for number in range(150)), b"", {200, 400, 431}),
    "a long address": ("GET", f"{LOGIN}?q={'x' * 9_000}", "", b"", {200, 400, 414}),
    "a NUL in the address": ("GET", "/admin/%00/", "", b"", {302, 400, 404}),
    "no UTF-8 in the address": ("GET", "/admin/%ff%fe/?q=%ff", "", b"", {302, 400, 404}),
    "TRACE": ("TRACE", LOGIN, "X-Secret: told-nobody\r\n", b"", {302, 400, 405, 501}),
}


@contextmanager
def development_server(folder: Path) -> Iterator[int]:
    port = free_port()
    with (folder / "runserver.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603  (our own command)
            [sys.executable, "manage.py", "runserver", "--noreload", f"127.0.0.1:{port}"],
            cwd=settings.BASE_DIR,
            env=os.environ | {"DATABASE_URL": database_url(), "PORT": str(port)},
            stdout=log,
            stderr=log,
        )
    try:
        eventually(lambda: listens(port), "the development server answers")
        yield port
    finally:
        process.kill()
        process.wait()


@pytest.fixture(params=["gunicorn", "runserver"])
def port(transactional_db: None, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[int]:
    log = tmp_path / f"{request.param}.log"
    if request.param == "gunicorn":
        with gunicorn(tmp_path) as server:
            yield server.port
    else:
        with development_server(tmp_path) as port:
            yield port
    said = log.read_text(encoding="utf-8")
    assert "told-nobody" not in said
    # The development server still wants to read what was refused, and fails where it could never hold so much.
    assert request.param == "runserver" or "Traceback" not in said


def answer(port: int, head: str, body: bytes | None = b"") -> tuple[int, bytes]:
    """Return the status and the answer to a request that is complete, of one without its `body` the first bytes."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as client:
        client.sendall(f"{head}\r\n".encode() + (body or b""))
        said = b""
        if body is None:
            said = client.recv(100)
            return int(said.split(b" ", 2)[1]), said
        client.shutdown(socket.SHUT_WR)
        while (more := client.recv(65_536)) and len(said) < 200_000:
            said += more
        return int(said.split(b" ", 2)[1]), said


def test_no_server_waits_for_a_body_that_is_refused(port: int) -> None:
    begin = f"POST {LOGIN} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: "
    found = {length: answer(port, f"{begin}{length}\r\n", None)[0] for length in REFUSED}
    assert {length[:20]: status for length, status in found.items() if status not in REFUSED[length]} == {}


def test_no_request_is_a_failure_or_comes_back(port: int) -> None:
    wrong = {}
    for name, (method, path, headers, body, statuses) in OTHERS.items():
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{headers}"
        status, said = answer(port, head, body)
        if status not in statuses or b"told-nobody" in said:
            wrong[name] = status
    assert wrong == {}
