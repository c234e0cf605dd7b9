"""A database and servers that last as long as the benchmark."""

import math
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from socket import create_server
from tempfile import TemporaryDirectory, TemporaryFile
from urllib.parse import urlsplit

import psycopg
from psycopg.sql import SQL, Identifier

FOLDER = Path(__file__).resolve().parent
OPTIONS = ("--worker-class=gthread", "--threads=8", "--reuse-port", "--no-control-socket", "--log-level=error")
START_WITHIN_S = 60


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


def environment_for(url: str, port: int) -> dict[str, str]:
    """Return the environment variables of both sides: development mode, without DEBUG, on the database at `url`."""
    return os.environ | {
        "PYTHONPATH": os.pathsep.join(map(str, (FOLDER, FOLDER.parent))),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": url,
        "PORT": str(port),
        "MODE": "development",
        "DEBUG": "false",
        "STAND_IN": "true",
    }


def manage(environment: Mapping[str, str], command: str, *arguments: str) -> None:
    """Run a management command of the framework's side, whose settings know every table of both sides."""
    options = ["--settings=django_admin.settings", "--verbosity=0", *arguments]
    subprocess.run([sys.executable, "-m", "django", command, *options], env=environment, check=True)  # noqa: S603  (our own)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def serve(application: str, environment: Mapping[str, str], port: int, workers: int, probe: str) -> Iterator[int]:
    """Serve `application` under gunicorn until the block ends, and yield the id of the process above its workers.

    The server is ready when `probe` answers 200. What it logs is printed only if something goes wrong.
    """
    command = [sys.executable, "-m", "gunicorn", application, f"--bind=127.0.0.1:{port}", f"--workers={workers}"]
    with TemporaryFile("w+") as log:
        process = subprocess.Popen(  # noqa: S603  (our own)
            [*command, *OPTIONS], cwd=FOLDER.parent, env=environment, stdout=log, stderr=log
        )
        try:
            wait_for(process, port, probe)
            yield process.pid
        except BaseException:
            log.seek(0)
            sys.stderr.write(log.read())
            raise
        finally:
            process.terminate()
            process.wait()


def wait_for(process: subprocess.Popen[bytes], port: int, probe: str) -> None:
    """Return once `probe` answers 200. Raises SystemExit where the process ends first, or takes too long."""
    gives_up_at = time.monotonic() + START_WITHIN_S
    while not is_up(port, probe):
        if process.poll() is not None or time.monotonic() > gives_up_at:
            message = f"The server that should answer {probe} did not start."
            raise SystemExit(message)
        time.sleep(0.1)


def is_up(port: int, path: str) -> bool:
    """Return whether `path` answers 200."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def cpu_s(pid: int) -> float:
    """Return the seconds of processor time that the workers below the process `pid` have used; not known off Linux."""
    processes = Path("/proc")
    try:
        workers = (processes / str(pid) / "task" / str(pid) / "children").read_text().split()
        spent = [path.read_text() for worker in workers for path in processes.glob(f"{worker}/task/*/schedstat")]
    except OSError:
        return math.nan
    return sum(int(text.split()[0]) for text in spent) / 1e9
