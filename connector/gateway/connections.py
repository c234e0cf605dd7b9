"""Connections to a gateway that can be cut while another thread still waits for them."""

import contextlib
import socket
import threading
from contextvars import ContextVar
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

_lock = threading.Lock()


class Line:
    """What one exchange speaks over. A pooled connection passes from one line to the next."""

    def __init__(self) -> None:
        self._connection: CuttableConnection | None = None
        self._is_cut = False

    def use_here(self) -> None:
        """Let every connection that this thread uses from now on belong to this line."""
        _line.set(self)

    def take(self, connection: "CuttableConnection") -> None:
        """Take over `connection`, and cut it at once where the line is cut already."""
        with _lock:
            connection.line, self._connection = self, connection
            if self._is_cut:
                connection.shut()

    def cut(self) -> None:
        """End whatever waits for the connection, unless it serves another exchange by now."""
        with _lock:
            self._is_cut = True
            if self._connection and self._connection.line is self:
                self._connection.shut()


_line: ContextVar[Line | None] = ContextVar("line", default=None)


class CuttableConnection(HTTPConnection):
    """Tells the line of its thread when it is used."""

    line: Line | None = None
    # An answer that ends with its connection is read after urllib3 forgot the socket.
    _last_socket: Any = None

    def connect(self) -> None:
        """Connect, for the line of this thread."""
        super().connect()
        self._tell_line()

    def request(self, *args: Any, **kwargs: Any) -> None:
        """Send a request, for the line of this thread."""
        self._tell_line()
        super().request(*args, **kwargs)

    def _tell_line(self) -> None:
        self._last_socket = self.sock or self._last_socket
        if line := _line.get():
            line.take(self)

    def shut(self) -> None:
        """Make every wait for this connection return. Closing alone would leave the other thread waiting."""
        # What wraps a socket keeps it under this name; its own `shutdown` would take the encryption off first.
        wire = getattr(self._last_socket, "socket", self._last_socket)
        if isinstance(wire, socket.socket):
            with contextlib.suppress(OSError):
                socket.socket.shutdown(wire, socket.SHUT_RDWR)


class CuttableTLSConnection(CuttableConnection, HTTPSConnection):
    """The same, encrypted."""


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = CuttableConnection


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = CuttableTLSConnection


POOLS: dict[str, type[HTTPConnectionPool]] = {"http": _HTTPPool, "https": _HTTPSPool}
