"""The client of the gateway of Commerce Services; no other module speaks HTTP to the outside.

Source: the protocol that the client modules `magento/services-connector` and `magento/services-id` speak.
"""

import hashlib
import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPException
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urljoin, urlsplit

import jwt
import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3 import ProxyManager
from urllib3.exceptions import HTTPError, ProtocolError, ReadTimeoutError

from connector.environment import Environment
from connector.errors import GatewayError, Reason
from connector.gateway.connections import POOLS, Line
from connector.gateway.identity import Identity
from connector.gateway.responses import Answer, DataSpace, LastInstance, Listed, checked, listed, refusal, word
from connector.keys.pem import PrivateKey

MAX_BODY_BYTES = 5 * 1024 * 1024
MAX_EXCHANGES = 32
TOKEN_LIFETIME_S = 300
TOKEN_MARGIN_S = 60

__all__ = ["Client", "Credentials", "DataSpace", "Deadline", "Identity", "LastInstance", "Listed", "connect"]

REGISTRY = "merchant-registry/v1/registry"
# The one host whose ping is a page of its own; it is the sandbox gateway of Adobe.
INDEX_PING_HOST = "commerce-beta.adobe.io"

# Source: magento/services-connector sends these very values for every merchant.
_CLAIMS: Mapping[str, Any] = {
    "iss": "8E6307BF5D775FA00A495EF9@AdobeOrg",
    "sub": "3181519E5E2714990A495E2E@techacct.adobe.com",
    "https://ims-na1.adobelogin.com/s/ent_reactor_sdk": True,
    "https://ims-na1.adobelogin.com/s/asset_compute_meta": True,
    "https://ims-na1.adobelogin.com/s/ent_adobeio_sdk": True,
    "https://ims-na1.adobelogin.com/s/event_receiver_api": True,
    "aud": "https://ims-na1.adobelogin.com/c/9ec9d05f79eb443e8f76ce477b1e413c",
}
_CHUNK_BYTES = 64 * 1024
EXCHANGE = "gateway exchange"
# What an exchange may raise. Below the named errors of the libraries, an answer that they did not expect ends as one of
# Python's own: a number out of range, a code that does not exist, bytes that are no text.
_FAILURES = (requests.RequestException, HTTPError, HTTPException, OSError, ValueError, LookupError, ArithmeticError)
_MIN_TIMEOUT_S = 0.001
_SEGMENT = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


@dataclass(frozen=True)
class Credentials:
    """Both halves of a key pair, opened; neither shows in its `repr`."""

    api_key: str = field(repr=False)
    private_key: PrivateKey = field(repr=False)

    @property
    def digest(self) -> str:
        """64 hex digits that tell one pair from another without holding either half."""
        return hashlib.sha256(f"{self.api_key}|{self.private_key.fingerprint}".encode()).hexdigest()


class Deadline:
    """A point in time, `seconds` from now, that everything done under it shares."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._ends_at = clock() + seconds

    def remaining_s(self) -> float:
        """Return the seconds that are left, 0 when it has passed."""
        return max(0.0, self._ends_at - self._clock())


class Client:
    """The gateway at `base_url`, as the owner of `credentials` sees it.

    Every call ends by `deadline`, each wait for the network being bounded by what is left of it. Every method raises
    `GatewayError`, and nothing else, when the gateway does not do as asked. `identity` is the instance that calls: it
    names itself in every call, but for those about a data space that it does not work in.
    """

    def __init__(
        self,
        base_url: str,
        credentials: Credentials,
        *,
        deadline: Deadline,
        identity: Identity | None = None,
        session: "Session | None" = None,
    ) -> None:
        self._base_url = base_url.rstrip("/") + "/"
        self._credentials = credentials
        self._deadline = deadline
        self._identity = identity
        self._session = session or _session(self._base_url, settings.GATEWAY_PROXY, settings.GATEWAY_CA_BUNDLE)
        self._token = ""
        self._token_expires_at = 0
        self.host = host_of(self._base_url)

    def __repr__(self) -> str:
        return f"<Client of {self.host}>"

    def ping(self) -> None:
        """Return when the gateway accepts the pair, always with a fresh signature."""
        is_index = urlsplit(self._base_url).hostname == INDEX_PING_HOST
        path = "merchant-registry/index.html" if is_index else "merchant-registry/v1/ping"
        self._token = ""
        answer = self._send("GET", path, headers=self._instance_headers())
        if answer.status != HTTPStatus.OK:
            raise refusal(answer)

    def data_spaces(self) -> Listed:
        """Return every data space of every project of the account."""
        return listed(self._call("GET", REGISTRY))

    def data_space(self, data_space_id: str) -> DataSpace:
        """Return one data space, with its features."""
        path = f"{REGISTRY}/environments/{_segment(data_space_id)}"
        row = self._call("GET", path, data_space_id=data_space_id)
        return DataSpace.from_row(row | {"environmentId": data_space_id})

    def create_project(self, name: str) -> tuple[DataSpace, ...]:
        """Create a project and return its data spaces, at least one."""
        spaces = listed(self._call("POST", f"{REGISTRY}/initialize", {"projectName": name})).spaces
        if not spaces:
            raise GatewayError(Reason.MALFORMED)
        return spaces

    def rename_project(self, project_id: str, name: str) -> tuple[DataSpace, ...]:
        """Change a project's label and return its data spaces; its id stays."""
        path = f"{REGISTRY}/projects/{_segment(project_id)}"
        return listed(self._call("PATCH", path, {"projectName": name})).spaces

    def rename_data_space(self, data_space_id: str, name: str) -> DataSpace:
        """Change a data space's label and return it; its id stays."""
        path = f"{REGISTRY}/environments/{_segment(data_space_id)}"
        return DataSpace.from_row(self._call("PATCH", path, {"environmentName": name}, data_space_id=data_space_id))

    def onboarding_status(self, data_space_id: str) -> str:
        """Return how far PayPal onboarding of a data space has come; `COMPLETED` is the one value with a meaning."""
        answer = self._call("GET", "payments/onboarding/paypal", data_space_id=data_space_id)
        result = answer.get("result")
        status = word(result.get("status")) if isinstance(result, dict) else ""
        if not status:
            raise GatewayError(Reason.MALFORMED)
        return status

    def _call(
        self, method: str, path: str, body: Mapping[str, str] | None = None, *, data_space_id: str = ""
    ) -> dict[str, Any]:
        """Return the answer's object; where the token was refused, sign a fresh one once."""
        headers = {"Content-Type": "application/json"} | self._instance_headers(data_space_id)
        if data_space_id:
            headers |= {"Magento-Environment-Id": data_space_id, "x-saas-id": data_space_id}
        try:
            return checked(self._send(method, path, body, headers=headers))
        except GatewayError as error:
            if error.reason != Reason.JWT_INVALID:
                raise
        self._token = ""
        return checked(self._send(method, path, body, headers=headers))

    def _send(
        self, method: str, path: str, body: Mapping[str, str] | None = None, *, headers: Mapping[str, str]
    ) -> Answer:
        request = self._session.prepare_request(
            requests.Request(
                method,
                urljoin(self._base_url, path),
                headers={**self._signed_headers(), **headers},
                data=None if body is None else json.dumps(body),
            )
        )
        try:
            return self._transmit(request)
        except requests.ConnectionError as exc:
            # A server may close a pooled connection just when we use it. A call that changes nothing is repeated once,
            # within the same deadline, which urllib3's own `Retry` knows nothing of.
            if method != "GET" or not _was_dropped(exc):
                raise _transport_error(exc) from exc
        except _FAILURES as exc:
            raise _transport_error(exc) from exc
        try:
            return self._transmit(request)
        except _FAILURES as exc:
            raise _transport_error(exc) from exc

    def _transmit(self, request: requests.PreparedRequest) -> Answer:
        """Return the answer by the deadline, whatever the network does.

        A socket's timeout bounds one wait only: neither a name look-up nor a server that drips its head byte by byte.
        So the request has a thread of its own, whose connection is cut when time is up, and which ends with it.
        """
        if not self._deadline.remaining_s():
            raise GatewayError(Reason.TIMEOUT)
        if not self._session.exchanges.acquire(blocking=False):
            # So many are waiting for this very gateway that one more would wait for nothing.
            raise GatewayError(Reason.TIMEOUT)
        future: Future[Answer] = Future()
        line = Line()
        threading.Thread(target=self._exchange, args=(request, future, line), name=EXCHANGE, daemon=True).start()
        done, _pending = wait([future], timeout=self._deadline.remaining_s())
        if not done:
            line.cut()
            raise GatewayError(Reason.TIMEOUT)
        return future.result()

    def _exchange(self, request: requests.PreparedRequest, future: Future[Answer], line: Line) -> None:
        timeout_s = max(self._deadline.remaining_s(), _MIN_TIMEOUT_S)
        line.use_here()
        try:
            with self._session.send(request, timeout=timeout_s, stream=True, allow_redirects=False) as response:
                body = _read(response, self._deadline)
            future.set_result(Answer(response.status_code, response.headers, body))
        except Exception as exc:  # noqa: BLE001  (it is raised again in the thread that waits)
            future.set_exception(exc)
        finally:
            self._session.exchanges.release()

    def _signed_headers(self) -> dict[str, str]:
        return {
            "User-Agent": f"Commerce Admin/{settings.VERSION}",
            "Accept": "application/json",
            # A body that is not compressed cannot unfold into a huge one.
            "Accept-Encoding": "identity",
            "magento-api-key": self._credentials.api_key,
            "x-api-key": self._credentials.api_key,
            "x-gw-signature": self._signature(),
        }

    def _instance_headers(self, data_space_id: str = "") -> dict[str, str]:
        return self._identity.headers(data_space_id) if self._identity else {}

    def _signature(self) -> str:
        now = int(time.time())
        if not self._token or now > self._token_expires_at - TOKEN_MARGIN_S:
            self._token_expires_at = now + TOKEN_LIFETIME_S
            claims = {"exp": self._token_expires_at, **_CLAIMS}
            key = self._credentials.private_key.key
            self._token = jwt.encode(claims, key, algorithm="RS256", sort_headers=False)
        return self._token


def connect(
    environment: Environment, credentials: Credentials, deadline: Deadline, identity: Identity | None = None
) -> Client:
    """Return a client, for the instance `identity`, of the gateway that the settings name for `environment`."""
    return Client(settings.GATEWAY_URLS[environment.value], credentials, deadline=deadline, identity=identity)


class _Adapter(HTTPAdapter):
    """Speaks over connections that a deadline can cut."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> ProxyManager:
        manager: ProxyManager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = POOLS
        return manager


class Session(requests.Session):
    """The pooled connections of one gateway. They are kept between calls, cookies are not."""

    def __init__(self, proxy: str = "", ca_bundle: str = "") -> None:
        super().__init__()
        # How many requests may be under way: a gateway that hangs takes no other one's place.
        self.exchanges = threading.BoundedSemaphore(MAX_EXCHANGES)
        self.trust_env = False
        self.verify = ca_bundle or True
        self.proxies = {"http": proxy, "https": proxy} if proxy else {}
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("http://", "https://"):
            self.mount(scheme, _Adapter())

    def get_redirect_target(self, resp: requests.Response) -> None:  # noqa: ARG002  (wherever it leads)
        """Return nothing: redirects are refused.

        Where there is a target, `requests` reads the whole body and the address before anybody asks for either.
        """
        return


_sessions: dict[tuple[str, str, str], Session] = {}
_sessions_lock = threading.Lock()


def _session(base_url: str, proxy: str, ca_bundle: str) -> Session:
    with _sessions_lock:
        key = base_url, proxy, ca_bundle
        if key not in _sessions:
            _sessions[key] = Session(proxy, ca_bundle)
        return _sessions[key]


def host_of(base_url: str) -> str:
    """Return host and port of `base_url`, as people are told it."""
    parts = urlsplit(base_url)
    # What may stand before an @ is a secret, so the network location is put together anew.
    return f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname or ""


def _segment(value: str) -> str:
    # An id with a slash or dots would name another path: no such row can exist.
    if not _SEGMENT.fullmatch(value):
        raise GatewayError(Reason.NOT_FOUND)
    return value


def _read(response: requests.Response, deadline: Deadline) -> bytes:
    """Return the body; reads what has arrived, time after time, so that a dripping server cannot outlast `deadline`."""
    body = bytearray()
    while chunk := response.raw.read1(_CHUNK_BYTES, decode_content=True):
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise GatewayError(Reason.MALFORMED, status=response.status_code)
        if not deadline.remaining_s():
            raise GatewayError(Reason.TIMEOUT)
    return bytes(body)


def _was_dropped(exc: requests.ConnectionError) -> bool:
    # A refused connection, a failed look-up and a timeout have other classes or other reasons.
    return type(exc) is requests.ConnectionError and any(isinstance(reason, ProtocolError) for reason in exc.args)


def _was_unreadable(exc: requests.ConnectionError) -> bool:
    # What urllib3 calls a protocol error is the system's word about the connection, or an answer that is no HTTP.
    parts = [part for reason in exc.args if isinstance(reason, ProtocolError) for part in reason.args]
    return any(isinstance(part, HTTPException) and not isinstance(part, OSError) for part in parts)


def _transport_error(exc: Exception) -> GatewayError:
    if isinstance(exc, OSError) and not isinstance(exc, requests.RequestException | HTTPError):
        # The file of certificates to trust is not there.
        return GatewayError(Reason.TLS_FAILED)
    if isinstance(exc, requests.exceptions.SSLError):
        return GatewayError(Reason.TLS_FAILED)
    if isinstance(exc, requests.Timeout | ReadTimeoutError):
        return GatewayError(Reason.TIMEOUT)
    if isinstance(exc, requests.ConnectionError) and not _was_unreadable(exc):
        return GatewayError(Reason.UNREACHABLE)
    # The answer began, and broke off or could not be read.
    return GatewayError(Reason.MALFORMED)
