"""The Admin as docs/operations.md starts it, with a database of its own, and people who use it."""

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import requests
from django.conf import settings

from connector.keys import keyring
from tests.addresses import DASHBOARD, LOGIN
from tests.factories import PASSWORD
from tests.operations.processes import PATIENCE_S, eventually
from tests.operations.servers import Server


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
