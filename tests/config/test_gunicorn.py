"""The production server with two processes: what it writes, and what it counts."""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from connector.keys.keyring import generate_key

pytestmark = pytest.mark.slow
# The machine may be busy.
PATIENCE_S = 60
OPTIONS = ("--workers=2", "--worker-class=gthread", "--threads=4", "--no-control-socket", "--reuse-port")
FORWARDED = {"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "https", "Host": "a.test"}


class Server:
    """A running server, in the production checkout `folder`."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.log = folder / f"log-{self.port}"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(  # noqa: S603  (our own command)
                [sys.executable, "-m", "gunicorn", "config.wsgi", f"--bind=127.0.0.1:{self.port}", *OPTIONS],
                cwd=folder,
                env=bare(),
                stdout=log,
                stderr=log,
            )

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)) as connection:
            connection.request("GET", path, headers=headers or FORWARDED)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()]

    def wait_for(self, count: int, message: str) -> list[dict[str, Any]]:
        """Wait until that many lines with `message` are there, and return them."""
        ends_at = time.monotonic() + PATIENCE_S
        while True:
            found = [line for line in self.lines() if message in line["message"]]
            if len(found) >= count or time.monotonic() > ends_at:
                assert len(found) >= count, self.lines()
                return found
            time.sleep(0.05)

    def wait_until_it_answers(self) -> None:
        ends_at = time.monotonic() + PATIENCE_S
        while time.monotonic() < ends_at:
            with suppress(OSError):
                self.get("/healthz")
                return
            time.sleep(0.05)
        pytest.fail(self.log.read_text(encoding="utf-8"))

    def workers(self) -> list[int]:
        """Return the ids of the processes that answer requests."""
        pid = self.process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]

    def kill_a_worker(self) -> None:
        """Kill a process that answers requests, and wait until another one has taken its place."""
        booted = len(self.wait_for(2, "Booting worker"))
        os.kill(min(self.workers()), signal.SIGKILL)
        self.wait_for(booted + 1, "Booting worker")
        self.wait_until_it_answers()

    def stop(self) -> None:
        self.process.terminate()
        assert self.process.wait(PATIENCE_S) == 0

    def counted(self) -> float:
        """Return how many answers of the sign-in page all processes have counted."""
        _status, text = self.get("/metrics", Host="a.test")
        wanted = 'commerce_admin_responses_total{method="GET",status="2xx",view="account_login"} '
        return next(float(line.removeprefix(wanted)) for line in text.splitlines() if line.startswith(wanted))


def bare() -> dict[str, str]:
    """Return the environment variables that a service has: the settings are in `.env`."""
    return {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a production checkout, with a database and static files of its own."""
    folder = tmp_path_factory.mktemp("checkout")
    # Where these two are is where a checkout is.
    shutil.copytree(settings.BASE_DIR / "config", folder / "config")
    shutil.copy(settings.BASE_DIR / "manage.py", folder)
    for path in settings.BASE_DIR.iterdir():
        if path.name not in {"config", "manage.py", "var", ".env", ".git"}:
            (folder / path.name).symlink_to(path)
    values = {
        "MODE": "production",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ENCRYPTION_KEYS": generate_key(),
        "ALLOWED_HOSTS": "a.test",
        "TRUSTED_PROXIES": "1",
        "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
    }
    (folder / ".env").write_text("\n".join(f"{name}={value}" for name, value in values.items()), encoding="utf-8")
    (folder / ".env").chmod(0o600)
    for command in (("migrate", "-v0"), ("collectstatic", "--no-input", "-v0")):
        subprocess.run([sys.executable, "manage.py", *command], cwd=folder, env=bare(), check=True)  # noqa: S603
    return folder


@pytest.fixture
def server(folder: Path) -> Iterator[Server]:
    running = Server(folder)
    try:
        running.wait_until_it_answers()
        yield running
    finally:
        running.process.kill()
        running.process.wait()


def test_each_line_of_the_server_is_an_object_for_programs(server: Server) -> None:
    assert server.get("/admin/login/")[0] == 200
    assert server.get("/admin/", **FORWARDED | {"Host": "evil.test"})[0] == 400
    server.kill_a_worker()
    server.stop()
    lines = server.lines()
    assert [line for line in lines if not {"time", "level", "logger", "message"} <= line.keys()] == []
    assert {"gunicorn.error", "backend.audit.access_log"} == {line["logger"] for line in lines}
    signed_in, refused = [line for line in lines if "status" in line]
    assert (signed_in["path"], signed_in["address"]) == ("/admin/login/", "192.0.2.7")
    assert (refused["status"], refused["level"]) == (400, "WARNING")
    assert any("SIGKILL" in line["message"] for line in lines)


def test_the_counts_of_all_processes_are_added_up(server: Server) -> None:
    for _ in range(20):
        server.get("/admin/login/")
    assert server.counted() == 20
    server.kill_a_worker()
    assert server.counted() == 20
    for _ in range(5):
        server.get("/admin/login/")
    server.kill_a_worker()
    assert server.counted() == 25


def test_processes_that_ended_leave_no_files_behind(server: Server) -> None:
    server.get("/admin/login/")
    (folder,) = folders_of(server)
    for _ in range(3):
        server.kill_a_worker()
    server.get("/admin/login/")
    assert server.counted() == 2
    of_ended = [path.name for path in folder.iterdir() if path.stem.endswith("_0")]
    assert sorted(of_ended) == ["counter_0.db", "histogram_0.db"]
    assert len(list(folder.glob("counter_*.db"))) <= 3


def test_nothing_of_the_counts_is_left_when_the_server_stops(server: Server) -> None:
    server.get("/admin/login/")
    (opened,) = folders_of(server)
    assert oct(opened.stat().st_mode)[-3:] == "700"
    server.stop()
    assert not opened.exists()


def folders_of(server: Server) -> set[Path]:
    """Return the folders in which the processes of a server have files for counting."""
    maps = "".join(Path(f"/proc/{worker}/maps").read_text(encoding="utf-8") for worker in server.workers())
    return {Path(line.split()[-1]).parent for line in maps.splitlines() if "commerce-admin-metrics-" in line}
