"""The production server with two processes: what it writes, and what it counts."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from connector.keys.keyring import generate_key
from tests.operations.processes import PATIENCE_S, children, eventually, free_port

pytestmark = pytest.mark.slow
OPTIONS = ("--workers=2", "--worker-class=gthread", "--threads=4", "--no-control-socket", "--reuse-port")
FORWARDED = {"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "https", "Host": "a.test"}


class Server:
    """A running server, in the production checkout `folder`."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
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

    def boots(self) -> int:
        """Return how many processes it has started so far."""
        return sum("Booting worker" in line["message"] for line in self.lines())

    def answers(self) -> bool:
        with suppress(OSError):
            return self.get("/healthz")[0] == 200
        return False

    def workers(self) -> list[int]:
        """Return the ids of the processes that answer requests."""
        return children(self.process.pid)

    def kill_a_worker(self) -> None:
        """Kill a process that answers requests, and wait until another one has taken its place."""
        eventually(lambda: self.boots() >= 2, "both processes start")
        before = self.boots()
        os.kill(min(self.workers()), signal.SIGKILL)
        eventually(lambda: self.boots() > before, "another one starts")
        eventually(self.answers, "it answers again")

    def stop(self) -> None:
        self.process.terminate()
        assert self.process.wait(PATIENCE_S) == 0

    def folders(self) -> set[Path]:
        """Return the folders in which its processes have files for counting."""
        maps = "".join(Path(f"/proc/{worker}/maps").read_text(encoding="utf-8") for worker in self.workers())
        return {Path(line.split()[-1]).parent for line in maps.splitlines() if "commerce-admin-metrics-" in line}

    def visit(self, times: int) -> float:
        """Open the sign-in page, and return how many answers of it all processes have counted."""
        for _ in range(times):
            assert self.get("/admin/login/")[0] == 200
        _status, text = self.get("/metrics", Host="a.test")
        wanted = 'commerce_admin_responses_total{method="GET",status="2xx",view="account_login"} '
        return next(float(line.removeprefix(wanted)) for line in text.splitlines() if line.startswith(wanted))


def bare() -> dict[str, str]:
    """Return the environment variables that a service has: the settings are in `.env`."""
    return {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
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


@dataclass(frozen=True)
class Life:
    """What a server did until it was stopped: its lines, its counts at each time, and the folder with their files."""

    lines: list[dict[str, Any]]
    counts: list[float]
    files: set[str]
    mode: str
    folder: Path


@pytest.fixture(scope="module")
def life(checkout: Path) -> Iterator[Life]:
    """Ask a server, kill two of its processes meanwhile, and stop it."""
    server = Server(checkout)
    try:
        eventually(server.answers, "it answers")
        counts = [server.visit(20)]
        (folder,) = server.folders()
        mode = oct(folder.stat().st_mode)[-3:]
        for _ in range(2):
            server.kill_a_worker()
            counts.append(server.visit(5))
        assert server.get("/admin/", **FORWARDED | {"Host": "evil.test"})[0] == 400
        files = {path.name for path in folder.iterdir()}
        server.stop()
        yield Life(server.lines(), counts, files, mode, folder)
    finally:
        server.process.kill()
        server.process.wait()


def test_each_line_of_the_server_is_an_object_for_programs(life: Life) -> None:
    assert [line for line in life.lines if not {"time", "level", "logger", "message"} <= line.keys()] == []
    assert {"gunicorn.error", "backend.audit.access_log"} == {line["logger"] for line in life.lines}
    visited, *_others, refused = [line for line in life.lines if "status" in line]
    assert (visited["path"], visited["address"]) == ("/admin/login/", "192.0.2.7")
    assert (refused["status"], refused["level"]) == (400, "WARNING")
    assert any("SIGKILL" in line["message"] for line in life.lines)


def test_the_counts_of_all_processes_are_added_up_those_that_ended_too(life: Life) -> None:
    assert life.counts == [20, 25, 30]


def test_processes_that_ended_leave_one_file_of_each_kind(life: Life) -> None:
    assert {"counter_0.db", "histogram_0.db"} <= life.files
    # Those of the two that run.
    assert len([name for name in life.files if name.startswith("counter_")]) <= 3


def test_nobody_else_may_look_at_the_counts_and_nothing_is_left_of_them(life: Life) -> None:
    assert life.mode == "700"
    assert not life.folder.exists()
