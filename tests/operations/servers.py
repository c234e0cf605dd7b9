"""Servers of a test's own: Redis, PostgreSQL, and the Admin as docs/operations.md starts it. All can be frozen."""

import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import redis
import requests
from django.conf import settings

from connector.keys import keyring
from tests.addresses import DASHBOARD, LOGIN
from tests.certificates import Certificate
from tests.factories import PASSWORD

# The machine may be busy. Nothing here is expected to take so long.
PATIENCE_S = 60


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def eventually(holds: Callable[[], bool], what: str) -> None:
    """Wait until `holds` returns True. Fails if that takes too long."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, f"In {PATIENCE_S} seconds it did not happen that {what}."
        time.sleep(0.05)


def listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def program(name: str) -> str:
    """Return the path of a program; Debian keeps those of PostgreSQL out of the way."""
    places = sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True)
    found = shutil.which(name, path=os.pathsep.join([os.environ["PATH"], *places]))
    assert found, f"{name} is missing: install Debian's packages postgresql and redis-server."
    return found


class Server:
    """A process that listens on a port of its own, and what is below it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.folder, self.port = folder, free_port()
        self.certificate: Certificate | None = None
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        raise NotImplementedError

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.thaw()
        self.stop()
        if error:
            sys.stderr.write(self.log())

    def start(self, **options: Any) -> None:
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(self.command(), stdout=log, stderr=log, **options)  # noqa: S603  (our own)
        eventually(lambda: listens(self.port), f"{type(self).__name__} answers\n{self.log()}")

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(PATIENCE_S)
            self.process = None

    def restart(self, certificate: Certificate) -> None:
        """Come back with TLS and this certificate."""
        self.stop()
        self.certificate = certificate
        self.start()

    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    def freeze(self) -> None:
        """Stop every process in its tracks. The kernel still accepts connections for them."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        if self.process:
            for pid in (self.process.pid, *_below(self.process.pid)):
                with suppress(ProcessLookupError):
                    os.kill(pid, number)


def _below(pid: int) -> Iterator[int]:
    for child in map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()):
        yield child
        yield from _below(child)


class Redis(Server):
    """A Redis with a password, and with TLS if it gets a certificate. It keeps its keys when it is stopped."""

    def __init__(self, folder: Path, certificate: Certificate | None = None) -> None:
        super().__init__(folder)
        self.password, self.certificate = secrets.token_urlsafe(), certificate
        self.url = f"redis{'s' if certificate else ''}://:{self.password}@127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        options = {"dir": self.folder, "bind": "127.0.0.1", "requirepass": self.password, "appendonly": "yes"}
        if self.certificate:
            options |= {"port": 0, "tls-port": self.port, "tls-auth-clients": "no"}
            options |= {"tls-cert-file": self.certificate.path, "tls-key-file": self.certificate.key_path}
        else:
            options |= {"port": self.port}
        return [
            program("redis-server"),
            *(text for name, value in options.items() for text in (f"--{name}", str(value))),
        ]

    def fill(self) -> None:
        """Have no memory left for any key."""
        self._limit(1)

    def empty(self) -> None:
        self._limit(0)

    def _limit(self, size: int) -> None:
        with self.client() as client:
            client.config_set("maxmemory", size)

    def client(self) -> redis.Redis:
        """Return a client, which has to be closed."""
        return redis.Redis.from_url(self.url)


class Postgres(Server):
    """A PostgreSQL with one role that has a password, and one database. It refuses to run as root."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.password = secrets.token_urlsafe()
        self.url = f"postgres://admin:{self.password}@127.0.0.1:{self.port}/postgres"
        self.user: dict[str, Any] = {}
        if os.getuid() == 0:
            self.user = {"user": "nobody", "group": "nogroup", "extra_groups": []}
        if self.user:
            shutil.chown(folder, "nobody", "nogroup")
        secret = folder / "password"
        secret.write_text(self.password, encoding="ascii")
        made = ["--username=admin", f"--pwfile={secret}", "--auth=scram-sha-256", "--no-sync", str(folder / "data")]
        subprocess.run([program("initdb"), *made], check=True, capture_output=True, **self.user)  # noqa: S603

    def command(self) -> list[str]:
        options = {"port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off"}
        if self.certificate:
            options |= {"ssl": "on", "ssl_cert_file": "server.crt", "ssl_key_file": "server.key"}
        settings = (text for name, value in options.items() for text in ("-c", f"{name}={value}"))
        return [program("postgres"), "-D", str(self.folder / "data"), *settings]

    def start(self, **options: Any) -> None:
        if self.certificate:
            for path, name in ((self.certificate.path, "server.crt"), (self.certificate.key_path, "server.key")):
                copy = shutil.copy(path, self.folder / "data" / name)
                if self.user:
                    shutil.chown(copy, "nobody", "nogroup")
        super().start(**options, **self.user)

    def stop(self) -> None:
        if self.process:
            # SIGTERM would wait until every client leaves.
            self.process.send_signal(signal.SIGINT)
        super().stop()

    def kill(self) -> None:
        """Let every process end at once, as when the machine fails."""
        self._signal(signal.SIGKILL)
        super().stop()


class Admin(Server):
    """The Admin under gunicorn, with a database and settings of its own."""

    def __init__(self, folder: Path, **environment: str) -> None:
        super().__init__(folder)
        inherited = {name: os.environ[name] for name in ("PATH", "LANG", "HOME") if name in os.environ}
        own = {
            "SECRET_KEY": keyring.generate_key() * 2,
            "ENCRYPTION_KEYS": keyring.generate_key(),
            "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
            "PORT": str(self.port),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self.environment = inherited | own | environment

    def command(self) -> list[str]:
        # The options are those of docs/operations.md.
        options = ["--worker-class=gthread", "--threads=8", "--no-control-socket"]
        return [sys.executable, "-m", "gunicorn", "config.wsgi", *options, f"--bind=127.0.0.1:{self.port}"]

    def start(self, **options: Any) -> None:
        super().start(cwd=settings.BASE_DIR, env=self.environment, **options)
        eventually(lambda: self.get("/healthz").status_code == 200, f"the Admin answers\n{self.log()}")

    def set_up(self) -> Self:
        """Make the tables, and Alice."""
        self.manage("migrate", "--verbosity=0")
        alice = {"DJANGO_SUPERUSER_PASSWORD": PASSWORD}
        self.manage("createsuperuser", "--no-input", "--username=alice", "--email=a@example.com", **alice)
        return self

    def manage(self, *arguments: str, **environment: str) -> str:
        done = subprocess.run(  # noqa: S603  (our own code)
            [sys.executable, "manage.py", *arguments],
            cwd=settings.BASE_DIR,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_S,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def get(self, path: str, **options: Any) -> requests.Response:
        return requests.get(f"http://127.0.0.1:{self.port}{path}", timeout=PATIENCE_S, **options)

    def failed(self) -> list[str]:
        """Return what `/readyz` names."""
        answer = self.get("/readyz")
        named: list[str] = answer.json()["failed"]
        assert answer.status_code == (503 if named else 200)
        return named

    def browser(self) -> "Browser":
        """Return a browser in which nobody is signed in."""
        return Browser(f"http://127.0.0.1:{self.port}")

    def signed_in(self) -> "Browser":
        browser = self.browser()
        assert browser.sign_in().url.endswith(DASHBOARD)
        return browser


class Browser(requests.Session):
    """A browser of the Admin. Its answers have the seconds that they took."""

    def __init__(self, origin: str) -> None:
        super().__init__()
        self.origin, self.trust_env = origin, False

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **options: Any) -> requests.Response:
        return super().request(method, f"{self.origin}{url!s}", *args, **options | {"timeout": PATIENCE_S})

    def sign_in(self, password: str = PASSWORD) -> requests.Response:
        return self.send_form(LOGIN, login="alice", password=password)

    def send_form(self, path: str, **fields: str) -> requests.Response:
        """Open a page, and send its form with `fields`."""
        page = self.get(path)
        assert page.status_code == 200, page.text
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
        assert token
        return self.post(path, {"csrfmiddlewaretoken": token[1], **fields}, headers={"Referer": self.origin + path})


@contextmanager
def probed(admin: Admin) -> Iterator[None]:
    """Ask for `/healthz` all the time. Print the slowest answer, and fail if one did not come or came very late."""
    ended, seconds = threading.Event(), [0.0]

    def probe() -> None:
        while not ended.wait(0.02):
            began = time.monotonic()
            status = admin.get("/healthz").status_code
            seconds.append(time.monotonic() - began if status == 200 else PATIENCE_S)

    prober = threading.Thread(target=probe)
    prober.start()
    try:
        yield
    finally:
        ended.set()
        prober.join()
    sys.stdout.write(f"/healthz: {len(seconds) - 1} answers, the slowest took {max(seconds) * 1000:.0f} ms\n")
    assert max(seconds) < PATIENCE_S / 12
