"""The documented server as processes of its own, on the database of the tests."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.db import connection as database
from django.test import Client

from tests.operations.processes import PATIENCE_S, children, eventually, free_port

OPTIONS = ("--worker-class=gthread", "--threads=4", "--no-control-socket", "--forwarder-headers=")


@dataclass
class Server:
    """A gunicorn that runs, and what it has written so far."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    @property
    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    @property
    def workers(self) -> list[int]:
        """Return the ids of the worker processes."""
        return children(self.process.pid)

    def get(self, path: str, within_s: float = PATIENCE_S) -> int:
        """Return the status of the answer to a stranger."""
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=within_s)) as server:
            server.request("GET", path)
            return server.getresponse().status

    def post(self, session: Client, path: str, fields: Mapping[str, str]) -> int:
        """Send a form as the person whose session it is, and return the status of the answer."""
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)) as server:
            server.request("POST", path, urlencode(fields), headers_of(session))
            return server.getresponse().status

    def is_healthy(self, within_s: float = PATIENCE_S) -> bool:
        """Return whether the server answers in time."""
        with suppress(OSError, HTTPException):
            return self.get("/healthz", within_s) == 200
        return False


def headers_of(session: Client) -> dict[str, str]:
    """Return the headers of a form of the person whose session it is, once they have opened a page."""
    return {
        "Cookie": "; ".join(f"{name}={cookie.value}" for name, cookie in session.cookies.items()),
        "Content-Type": "application/x-www-form-urlencoded",
        "X-CSRFToken": session.cookies["csrftoken"].value,
    }


def database_url() -> str:
    """Return the address of the database that the tests run on."""
    name = str(database.settings_dict["NAME"])
    if database.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


@contextmanager
def gunicorn(folder: Path, *options: str, **environment: str) -> Iterator[Server]:
    """Run gunicorn with `options` and `environment` on a free port, and yield it once it answers."""
    port = free_port()
    log = folder / "gunicorn.log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603  (our own command)
            [sys.executable, "-m", "gunicorn", "config.wsgi", *OPTIONS, f"--bind=127.0.0.1:{port}", *options],
            cwd=settings.BASE_DIR,
            env=os.environ | {"DATABASE_URL": database_url(), "PORT": str(port)} | environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    server = Server(process, port, log)
    try:
        eventually(server.is_healthy, "the server answers")
        yield server
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
