"""A database, its tables, and servers that last as long as the benchmark."""

import logging
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import create_server
from tempfile import TemporaryDirectory, TemporaryFile
from urllib.parse import urlsplit

import django
import psycopg
import requests
from psycopg.sql import SQL, Identifier
from requests.adapters import HTTPAdapter
from urllib3 import Retry

ROOT = Path(__file__).resolve().parent.parent
OPTIONS = ("--worker-class=gthread", "--threads=8", "--reuse-port", "--no-control-socket", "--log-level=error")
# A server may take 30 seconds to start.
UNTIL_IT_STARTED = HTTPAdapter(max_retries=Retry(100, backoff_factor=0.1, backoff_max=0.3))


@contextmanager
def database(url: str) -> Iterator[str]:
    """Make an empty database on the server of `url`, yield its address, and drop it. SQLite gets a file of its own."""
    if not url or url.startswith("sqlite:"):
        with TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/benchmark.sqlite3"
        return
    name = f"benchmark_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        try:
            yield urlsplit(url)._replace(path=f"/{name}").geturl()
        finally:
            server.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


def set_up(url: str) -> None:
    """Make this process a stand-in on the empty database at `url`, with its tables."""
    os.environ |= {"DJANGO_SETTINGS_MODULE": "config.settings", "DATABASE_URL": url}
    os.environ |= {"MODE": "development", "DEBUG": "false", "STAND_IN": "true"}
    sys.path.append(str(ROOT))
    django.setup()
    logging.disable()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def serve(application: str, settings: str, port: int, workers: int) -> Iterator[int]:
    """Serve `application` under gunicorn until the block ends, and yield the id of the process above its workers."""
    command = [sys.executable, "-m", "gunicorn", application, "--pythonpath=benchmarks", *OPTIONS]
    place = [f"--env=DJANGO_SETTINGS_MODULE={settings}", f"--bind=127.0.0.1:{port}", f"--workers={workers}"]
    with running([*command, *place]) as pid:
        yield pid


@contextmanager
def running(command: list[str], environment: dict[str, str] | None = None) -> Iterator[int]:
    """Run `command` until the block ends, and yield its process id. Print what it logs only if something goes wrong."""
    with TemporaryFile("w+") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)  # noqa: S603  (our own)
        try:
            yield process.pid
        except BaseException:
            log.seek(0)
            sys.stderr.write(log.read())
            raise
        finally:
            process.terminate()
            process.wait()


def sign_in(port: int, **form: str) -> str:
    """Sign in once the server has started, and return the cookies as a browser sends them."""
    address = f"http://127.0.0.1:{port}/admin/login/"
    with requests.Session() as browser:
        browser.trust_env = False
        browser.mount("http://", UNTIL_IT_STARTED)
        browser.get(address, timeout=60).raise_for_status()
        token = browser.cookies["csrftoken"]
        browser.post(address, {"csrfmiddlewaretoken": token, **form}, timeout=60).raise_for_status()
        return "; ".join(f"{name}={value}" for name, value in browser.cookies.items())


def cpu_s(pid: int) -> float:
    """Return the seconds of processor time that the workers below the process `pid` have used, NaN if not on Linux."""
    processes = Path("/proc")
    try:
        workers = (processes / str(pid) / "task" / str(pid) / "children").read_text().split()
        spent = [path.read_text() for worker in workers for path in processes.glob(f"{worker}/task/*/schedstat")]
    except OSError:
        return math.nan
    return sum(int(text.split()[0]) for text in spent) / 1e9
