"""Servers of a test's own, which can be frozen: Redis and PostgreSQL."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import redis

from tests.certificates import Certificate
from tests.operations.processes import PATIENCE_S, children, eventually, free_port, listens, program


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
    for child in children(pid):
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
