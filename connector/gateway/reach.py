"""How far the way to a gateway is open: the name, the connection, the proxy, the certificate, the answer."""

import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from urllib.parse import SplitResult, urljoin, urlsplit

import requests
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from connector.errors import GatewayError, Reason
from connector.gateway import transport
from connector.gateway.client import host_of
from connector.gateway.responses import parse_date
from connector.gateway.transport import Deadline

_PORTS = {"http": 80, "https": 443}


class Step(StrEnum):
    """A step of the way, in the order in which they are taken."""

    NAME = "name"
    CONNECTION = "connection"
    PROXY = "proxy"
    SECURITY = "security"
    CERTIFICATE = "certificate"
    ANSWER = "answer"


@dataclass(frozen=True)
class Way:
    """How far the way to `host` is open. `first_stop` is the proxy, or the host itself; both have a port.

    `failed_at` is the step that failed, for `reason`; neither has a secret.
    """

    host: str
    first_stop: str
    addresses: tuple[str, ...] = ()
    failed_at: Step | None = None
    reason: str = ""
    server_date: datetime | None = None


def find(base_url: str, proxy: str, ca_bundle: str, deadline: Deadline) -> Way:
    """Go to the gateway at `base_url` without a key, by `deadline`, as the calls do.

    Raises ValueError where an address has no host or an impossible port.
    """
    target = urlsplit(base_url)
    first = urlsplit(proxy if "://" in proxy else f"http://{proxy}") if proxy else target
    host, port = first.hostname, first.port or _PORTS.get(first.scheme)
    if not host or not port or not target.hostname:
        message = "The address has no host, or no port."
        raise ValueError(message)
    way = Way(_place(target), _place(first))
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        return replace(way, failed_at=Step.NAME, reason=getattr(error, "strerror", None) or "not a possible name")
    way = replace(way, addresses=tuple(dict.fromkeys(str(address[0]) for *_kind, address in found)))
    try:
        socket.create_connection((host, port), timeout=max(0.1, deadline.remaining_s() / 2)).close()
    except OSError as error:
        return replace(way, failed_at=Step.CONNECTION, reason=error.strerror or "timed out")
    request = requests.Request("GET", urljoin(base_url.rstrip("/") + "/", "merchant-registry/v1/ping"))
    try:
        answer = transport.session(base_url, proxy, ca_bundle).ask(request, deadline)
    except GatewayError as error:
        failed_at, reason = _failure(error, has_proxy=bool(proxy))
        return replace(way, failed_at=failed_at, reason=reason)
    return replace(way, server_date=parse_date(answer.headers.get("Date", "")))


def count_trusted(ca_bundle: str) -> int:
    """Return how many certificates the calls trust: those of `ca_bundle`, or those that come with the client.

    Raises OSError where there is no such file, or it holds none.
    """
    place = ca_bundle or DEFAULT_CA_BUNDLE_PATH
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if Path(place).is_dir():
        # A folder is read when it is needed.
        return len(list(Path(place).iterdir()))
    context.load_verify_locations(cafile=place)
    return context.cert_store_stats()["x509"]


def _place(parts: SplitResult) -> str:
    """Return host and port of an address, without a user and a password."""
    host = host_of(parts.geturl())
    return host if parts.port else f"{host}:{_PORTS.get(parts.scheme, 0)}"


def _failure(error: GatewayError, *, has_proxy: bool) -> tuple[Step, str]:
    """Return which step failed after the connection was there, and why."""
    if error.reason is Reason.TLS_FAILED:
        found = [part for part in _reasons(error) if isinstance(part, ssl.SSLError)]
        refused = next((part for part in found if isinstance(part, ssl.SSLCertVerificationError)), None)
        if refused:
            return Step.CERTIFICATE, refused.verify_message
        return Step.SECURITY, next((part.reason for part in found if part.reason), "the handshake was broken off")
    if error.reason is Reason.UNREACHABLE and has_proxy:
        return Step.PROXY, "it does not connect to the gateway"
    return Step.ANSWER, "it did not come in time" if error.reason is Reason.TIMEOUT else "it is not HTTP"


def _reasons(error: BaseException) -> Iterator[BaseException]:
    """Yield every error that `error` comes from; the libraries put them into causes, reasons and arguments."""
    waiting, seen = [error], set[int]()
    while waiting:
        current = waiting.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        parts = (current.__cause__, current.__context__, getattr(current, "reason", None), *current.args)
        waiting += [part for part in parts if isinstance(part, BaseException)]
