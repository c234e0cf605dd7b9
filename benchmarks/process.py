"""Measure a process: its start, its memory, and many connections to it behind nginx. README.md says how."""

import argparse
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPConnection
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from crowd import watch
from server import ROOT, database, free_port, running, set_up

# As docs/operations.md and the unit of deploy/ start it.
GUNICORN = [
    *("-m", "gunicorn", "config.wsgi", "--worker-class=gthread", "--threads=8", "--reuse-port", "--keep-alive=75"),
    *("--forwarder-headers=", "--no-control-socket", "--log-level=error"),
]
CLIENTS = 8
START_WITHIN_S = 60
POLL_S = 0.005
ORDERS = 1_000
PACKAGES = 12
SALES, SYSTEM = "/admin/sales/payment-services/", "/admin/system/"
PAGES = [
    *("/admin/", "/admin/stores/configuration/commerce-services-connector/", "/admin/help/", "/admin/search/?q=key"),
    *(SALES, f"{SALES}settings/", f"{SALES}orders/", f"{SALES}orders/?order_id=1", f"{SALES}orders/export/"),
    *(f"{SYSTEM}action-logs/", f"{SYSTEM}permissions/users/", f"{SYSTEM}permissions/roles/"),
]


def main() -> None:
    """Print what each part of a process costs."""
    asked = arguments()
    url = os.environ.get("DATABASE_URL", "sqlite:")
    with database(url) as own_url, TemporaryDirectory() as folder:
        set_up(own_url)
        cookie = fill()
        environment = production(own_url, folder)
        run = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity=0"]
        subprocess.run(run, cwd=ROOT, env=environment, check=True)  # noqa: S603  (our own)
        print(f"{url.partition(':')[0]}, Python {sys.version.split()[0]}", flush=True)
        print_start(environment, asked.starts)
        print_imports(environment)
        print_memory(environment, cookie, asked.requests)
        if asked.connections:
            print_crowd(environment, cookie, folder, asked)


def arguments() -> argparse.Namespace:
    """Return what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=5, help="how often it starts (default: %(default)s)")
    parser.add_argument("--requests", type=int, default=10_000, help="before the memory counts (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=2, help="processes behind nginx (default: %(default)s)")
    parser.add_argument(
        "--connections", type=int, default=1_000, help="to nginx; 0 leaves it out (default: %(default)s)"
    )
    parser.add_argument("--seconds", type=int, default=30, help="that they last (default: %(default)s)")
    parser.add_argument(
        "--pause", type=float, default=10, help="seconds between two requests of one (default: %(default)s)"
    )
    return parser.parse_args()


def fill() -> str:
    """Connect the instance, store orders, and return the cookie of somebody who may see everything."""
    import order_rows
    import reports
    from django.conf import settings
    from django.contrib.auth.models import User
    from django.test import Client

    from connector.environment import Environment
    from payments.models import OrderSource

    order_rows.fill(OrderSource.objects.create(data_space_id=reports.SPACE, environment=Environment.SANDBOX), ORDERS)
    reports.connect()
    client = Client()
    client.force_login(User.objects.create(username="benchmark", is_superuser=True))
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def production(url: str, folder: str) -> dict[str, str]:
    """Return the environment variables of a server in production mode. The keys are those that `fill` used."""
    from django.conf import settings

    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {
        "MODE": "production",
        "SECRET_KEY": settings.SECRET_KEY,
        "ENCRYPTION_KEYS": ",".join(settings.ENCRYPTION_KEYS),
        "ALLOWED_HOSTS": "127.0.0.1",
        "DATABASE_URL": url,
        "STATIC_ROOT": f"{folder}/static",
        "TRUSTED_PROXIES": "1",
    }


@contextmanager
def served(environment: dict[str, str], port: int, workers: int = 1) -> Iterator[int]:
    """Serve until the block ends, and yield the id of the process above the workers."""
    command = [sys.executable, *GUNICORN, f"--bind=127.0.0.1:{port}", f"--workers={workers}"]
    with running(command, environment) as pid:
        yield pid


def wait_for(port: int) -> None:
    """Return once the server answers."""
    give_up_at = time.monotonic() + START_WITHIN_S
    while time.monotonic() < give_up_at:
        try:
            if visit(port, [("/healthz", "")]) == 0:
                return
        except OSError:
            time.sleep(POLL_S)
    message = "The server does not answer."
    raise SystemExit(message)


def fetch(connection: HTTPConnection, path: str, cookie: str) -> tuple[int, bytes]:
    """Request a page as nginx passes it on, and return the status and the body of the response."""
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}
    connection.request("GET", path, headers=headers | ({"Cookie": cookie} if cookie else {}))
    response = connection.getresponse()
    return response.status, response.read()


def print_start(environment: dict[str, str], starts: int) -> None:
    """Print how long a server takes from its start to its first response, and how much processor time that is."""
    seconds, processor = [], []
    for _start in range(starts):
        port = free_port()
        started = time.perf_counter()
        with served(environment, port) as pid:
            wait_for(port)
            seconds.append(time.perf_counter() - started)
            processor.append(sum(map(processor_s, (pid, *children(pid)))))
    print(f"first response after {median(seconds):.2f} s (at most {max(seconds):.2f} s)", end=", ")
    print(f"{median(processor):.2f} s of processor time", flush=True)


def print_imports(environment: dict[str, str]) -> None:
    """Print how much of the start is imports, and the packages that take longest."""
    command = [sys.executable, "-X", "importtime", "-c", "import config.wsgi"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)  # noqa: S603  (our own)
    took: Counter[str] = Counter()
    for line in done.stderr.splitlines():
        own, _separator, rest = line.removeprefix("import time:").partition("|")
        if own.strip().isdigit():
            took[rest.rpartition("|")[2].strip().partition(".")[0]] += int(own)
    longest = ", ".join(f"{name} {microseconds / 1000:.0f}" for name, microseconds in took.most_common(PACKAGES))
    print(f"imports {sum(took.values()) / 1000:.0f} ms while they are traced: {longest}", flush=True)


def print_memory(environment: dict[str, str], cookie: str, requests: int) -> None:
    """Print the memory of a worker at its start, on the way, and after the last request."""
    port = free_port()
    with served(environment, port) as pid, ThreadPoolExecutor(CLIENTS) as pool:
        wait_for(port)
        [worker] = children(pid)
        found = [f"{memory_mb(worker):.0f} MB at the start"]
        paths = list(islice(cycle(mix(port, cookie)), requests))
        done = refused = 0
        for until in (requests // 10, requests // 2, requests):
            parts = [paths[done:until][client::CLIENTS] for client in range(CLIENTS)]
            refused += sum(pool.map(lambda part: visit(port, part), parts))
            found.append(f"{memory_mb(worker):.0f} MB after {until:,}")
            done = until
    print(f"resident memory of a worker: {', '.join(found)} requests; {refused} refused", flush=True)


def mix(port: int, cookie: str) -> list[tuple[str, str]]:
    """Return pages of somebody who is signed in, with the cookie, the sign-in, what both load, and a probe."""
    pages = [(path, cookie) for path in PAGES] + [("/admin/login/", "")]
    files: dict[str, None] = {}
    for path, needed in pages:
        body = fetch(HTTPConnection("127.0.0.1", port, timeout=START_WITHIN_S), path, needed)[1].decode()
        files |= dict.fromkeys(re.findall(r"/static/[\w./-]+", body))
    return [*pages, ("/healthz", ""), *((path, "") for path in [*files][::4])]


def visit(port: int, paths: list[tuple[str, str]]) -> int:
    """Request one page after the other over a connection, and return how many were not answered with 200."""
    connection = HTTPConnection("127.0.0.1", port, timeout=START_WITHIN_S)
    return sum(fetch(connection, path, cookie)[0] != HTTPStatus.OK for path, cookie in paths)


def print_crowd(environment: dict[str, str], cookie: str, folder: str, asked: argparse.Namespace) -> None:
    """Print how many connections go through nginx without an error, and how long /healthz takes meanwhile."""
    port = free_port()
    with served(environment, port, asked.workers):
        wait_for(port)
        pages = mix(port, cookie)
        for page in pages:
            # Once in each worker, or nearly so, as in a process that has run for a while.
            visit(port, [page])
            visit(port, [page])
        lines = watch(port, pages, Path(folder), asked.connections, asked.seconds, asked.pause)
        print("\n".join(lines), flush=True)


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def processor_s(pid: int) -> float:
    """Return the seconds of processor time that the threads of a process have used."""
    return sum(int(path.read_text().split()[0]) for path in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9


def memory_mb(pid: int) -> float:
    """Return the resident memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1000


if __name__ == "__main__":
    main()
