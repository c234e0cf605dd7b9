"""How a request reaches a gateway: over pooled connections, with an answer by the deadline or an error.

The deadline is enforced here and nowhere else: whatever the network does, `Session.ask` returns or raises by then.
"""

import io
import socket
import threading
import time
from concurrent.futures import Future, wait
from contextvars import ContextVar
from functools import cache
from http.client import HTTPException, HTTPResponse
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, ProtocolError, ReadTimeoutError

from connector.errors import GatewayError, Reason
from connector.gateway.responses import Answer

# Every page, action and command gets its answer from the gateways by then.
DEADLINE_S = 9.0
EXCHANGE = "gateway exchange"
MAX_BODY_BYTES = 5 * 1024 * 1024
MAX_EXCHANGES = 32

# What an exchange may raise: the libraries' own errors, and Python's for an answer that they did not expect, such as a
# number out of range, an unknown code, or bytes that are no text.
_FAILURES = (requests.RequestException, HTTPError, HTTPException, OSError, ValueError, LookupError, ArithmeticError)


class Deadline:
    """A point in time that everything done under it shares: `seconds` from now, `DEADLINE_S` unless said otherwise."""

    def __init__(self, seconds: float | None = None) -> None:
        self._ends_at = time.monotonic() + (DEADLINE_S if seconds is None else seconds)

    def remaining_s(self) -> float:
        """Return the seconds that are left, 0 when it has passed."""
        return max(0.0, self._ends_at - time.monotonic())


class Session:
    """The pooled connections of one gateway.

    It uses no session of `requests`, so there are no redirects, no cookies and no settings from environment variables.
    """

    def __init__(self, proxy: str = "", ca_bundle: str = "") -> None:
        # Counted per gateway, so that one that hangs cannot block the other.
        self._exchanges = threading.BoundedSemaphore(MAX_EXCHANGES)
        self._adapter = _Adapter()
        self._verify = ca_bundle or True
        self._proxies = {"http": proxy, "https": proxy} if proxy else {}

    def ask(self, request: requests.Request, deadline: Deadline) -> Answer:
        """Send `request` and return the answer, both by `deadline`. Raises GatewayError."""
        prepared = request.prepare()
        try:
            return self._answer(prepared, deadline)
        except _FAILURES as exc:
            # A server may close a pooled connection just when we use it. A call that changes nothing is repeated once,
            # within the same deadline, which urllib3's own `Retry` knows nothing of.
            if request.method != "GET" or not _was_dropped(exc):
                raise _failure(exc) from exc
        try:
            return self._answer(prepared, deadline)
        except _FAILURES as exc:
            raise _failure(exc) from exc

    def _answer(self, request: requests.PreparedRequest, deadline: Deadline) -> Answer:
        """Exchange request and answer in a thread of its own: nothing else bounds the time of a name look-up."""
        timeout_s = deadline.remaining_s()
        # With so many exchanges waiting for this gateway, one more would only wait too.
        if not timeout_s or not self._exchanges.acquire(blocking=False):
            raise GatewayError(Reason.TIMEOUT)
        future: Future[Answer] = Future()

        def exchange() -> None:
            _deadline.set(deadline)
            try:
                with self._adapter.send(
                    request, stream=True, timeout=timeout_s, verify=self._verify, proxies=self._proxies
                ) as response:
                    body = response.raw.read(MAX_BODY_BYTES + 1, decode_content=True)
                if len(body) > MAX_BODY_BYTES:
                    raise GatewayError(Reason.MALFORMED, status=response.status_code)  # noqa: TRY301
                future.set_result(Answer(response.status_code, response.headers, body))
            except Exception as exc:  # noqa: BLE001  (it is raised again in the thread that waits)
                future.set_exception(exc)
            finally:
                self._exchanges.release()

        threading.Thread(target=exchange, name=EXCHANGE, daemon=True).start()
        done, _pending = wait([future], timeout=deadline.remaining_s())
        if not done:
            raise GatewayError(Reason.TIMEOUT)
        return future.result()


@cache
def session(_base_url: str, proxy: str, ca_bundle: str) -> Session:
    """Return the session of the gateway at that address, which every thread shares."""
    return Session(proxy, ca_bundle)


# The deadline of the exchange that runs in this thread.
_deadline: ContextVar[Deadline] = ContextVar("deadline")


class _Reader(io.RawIOBase):
    """Reads a socket until the deadline; its own timeout bounds one wait, and a server may send byte by byte."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket) -> None:
        self._raw = raw
        self._socket = sock
        self._deadline = _deadline.get()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        remaining_s = self._deadline.remaining_s()
        if not remaining_s:
            raise TimeoutError
        self._socket.settimeout(remaining_s)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_Reader(self.fp.detach(), sock))


class _Connection(HTTPConnection):
    response_class = _Response


class _TLSConnection(HTTPSConnection):
    response_class = _Response


class _Adapter(HTTPAdapter):
    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        """Return the pool of a request, with our connections in it."""
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        pool.ConnectionCls = _TLSConnection if pool.scheme == "https" else _Connection
        return pool


def _was_dropped(exc: Exception) -> bool:
    # A refused connection, a failed look-up and a timeout have other classes or other reasons.
    return type(exc) is requests.ConnectionError and any(isinstance(reason, ProtocolError) for reason in exc.args)


def _was_unreadable(exc: requests.ConnectionError) -> bool:
    # What urllib3 calls a protocol error is the system's word about the connection, or an answer that is no HTTP.
    parts = [part for reason in exc.args if isinstance(reason, ProtocolError) for part in reason.args]
    return any(isinstance(part, HTTPException) and not isinstance(part, OSError) for part in parts)


def _failure(exc: Exception) -> GatewayError:
    # Python's own error means that the file of certificates to trust is not there.
    is_own = isinstance(exc, OSError) and not isinstance(exc, requests.RequestException | HTTPError)
    if is_own or isinstance(exc, requests.exceptions.SSLError):
        return GatewayError(Reason.TLS_FAILED)
    if isinstance(exc, requests.Timeout | ReadTimeoutError):
        return GatewayError(Reason.TIMEOUT)
    if isinstance(exc, requests.ConnectionError) and not _was_unreadable(exc):
        return GatewayError(Reason.UNREACHABLE)
    # The answer began, and broke off or could not be read.
    return GatewayError(Reason.MALFORMED)
