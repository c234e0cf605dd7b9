"""A person at a browser, who reaches a machine over TLS and trusts its certificate."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from tests.addresses import LOGIN
from tests.deploy.machine import Machine
from tests.markup import shown_value

HOST = "admin.example.com"


class _ByItsName(HTTPAdapter):
    """Ask 127.0.0.1 for the certificate of HOST: no name server knows that name."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, server_hostname=HOST, assert_hostname=HOST, **options)


class Visitor:
    """Sends what a browser would."""

    def __init__(self, certificate: Path) -> None:
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = str(certificate)
        self.session.mount("https://", _ByItsName())
        self.session.headers.update({"Host": HOST, "Origin": f"https://{HOST}"})

    def get(self, path: str, scheme: str = "https") -> requests.Response:
        return self.session.get(f"{scheme}://127.0.0.1{path}", allow_redirects=False, timeout=30)

    def send(self, path: str, body: bytes | dict[str, str]) -> requests.Response:
        return self.session.post(f"https://127.0.0.1{path}", data=body, allow_redirects=False, timeout=30)

    def post(self, path: str, page: requests.Response, **fields: str) -> requests.Response:
        """Send the form that `page` has for `path`."""
        return self.send(path, {"csrfmiddlewaretoken": shown_value(page, "csrfmiddlewaretoken"), **fields})

    def sign_in(self, name: str, password: str) -> requests.Response:
        return self.post(LOGIN, self.get(LOGIN), login=name, password=password)


@contextmanager
def visiting(machine: Machine) -> Iterator[Visitor]:
    """Yield somebody who opens the Admin of a machine."""
    with machine.network():
        yield Visitor(machine.path("/etc/ssl/commerce-admin/fullchain.pem"))
