"""PgBouncer in transaction mode: it is noticed, everything works through it, and probes do not need it."""

import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from tests.operations.gunicorn import gunicorn
from tests.operations.processes import eventually, free_port, listens, program

POSTGRESQL = "postgres://postgres@127.0.0.1:5432"
# Two connections for all clients, so that they share them all the time.
CONFIGURATION = """
[databases]
* = host=127.0.0.1 port=5432 user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 2
"""
EXPORTS = """
from concurrent.futures import ThreadPoolExecutor
from backend.audit.models import LoggedAction
from backend.frame.csv_export import rows_of
from django.db import connection
from django.utils import timezone

now = timezone.now()
LoggedAction.objects.bulk_create(LoggedAction(at=now, action="signed_in", result="done") for _row in range(5000))

def count(_number):
    try:
        return sum(1 for _row in rows_of(LoggedAction.objects.order_by("-at", "-pk")))
    finally:
        connection.close()

with ThreadPoolExecutor(8) as pool:
    print(*pool.map(count, range(8)))
"""
Manage = Callable[..., "subprocess.CompletedProcess[str]"]


@dataclass
class Pooler:
    """A PgBouncer that runs, and the address of an empty database behind it."""

    process: "subprocess.Popen[bytes]"
    url: str


@pytest.fixture
def pooler(tmp_path: Path) -> Iterator[Pooler]:
    name = f"pooled_{secrets.token_hex(4)}"
    with psycopg.connect(f"{POSTGRESQL}/postgres", autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
    port = free_port()
    written = tmp_path / "pgbouncer.ini"
    written.write_text(CONFIGURATION.format(port=port), encoding="utf-8")
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    with subprocess.Popen([program("pgbouncer"), "-q", *user, str(written)]) as process:  # noqa: S603  (our own command)
        try:
            eventually(lambda: listens(port), "PgBouncer answers")
            yield Pooler(process, f"postgres://postgres@127.0.0.1:{port}/{name}")
        finally:
            process.kill()
    with psycopg.connect(f"{POSTGRESQL}/postgres", autocommit=True) as server:
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def manage(pooler: Pooler) -> Manage:
    """Return a function that runs a command of manage.py behind PgBouncer."""

    def run(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(  # noqa: S603  (our own command)
            [sys.executable, "manage.py", *arguments],
            cwd=settings.BASE_DIR,
            env=os.environ | {"DATABASE_URL": pooler.url} | environment,
            capture_output=True,
            text=True,
            check=True,
        )

    return run


@pytest.mark.slow
def test_eight_exports_share_two_connections(manage: Manage) -> None:
    manage("migrate", "--verbosity=0")
    assert manage("shell", "--verbosity=0", "--command", EXPORTS).stdout.split() == 8 * ["5000"]


@pytest.mark.slow
def test_the_check_notices_it_where_connections_are_kept(manage: Manage) -> None:
    manage("migrate", "--verbosity=0")
    assert "dashboard.W001" in manage("check").stderr
    assert "dashboard.W001" not in manage("check", CONN_MAX_AGE="0").stderr


@pytest.mark.slow
def test_a_probe_does_not_wait_for_a_database_that_hangs(manage: Manage, pooler: Pooler, tmp_path: Path) -> None:
    manage("migrate", "--verbosity=0")
    with gunicorn(tmp_path, DATABASE_URL=pooler.url) as server, ThreadPoolExecutor(1) as pool:
        pooler.process.send_signal(signal.SIGSTOP)
        waiting = pool.submit(server.get, "/readyz")
        assert [server.get("/healthz") for _time in range(5)] == 5 * [200]
        pooler.process.send_signal(signal.SIGCONT)
        assert waiting.result() in {200, 503}
        eventually(lambda: server.get("/readyz") == 200, "the server is ready again")
