"""Sends each row of the action log elsewhere, as a line of JSON with its digest: to standard output or to syslog.

While nothing takes the lines, they wait in memory; too many of them are dropped and counted. No request ever waits for
them, or fails because of them.
"""

import logging
import os
import queue
import socket
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

LOGGER = "action_log"
logger = logging.getLogger(LOGGER)
trouble = logging.getLogger(__name__)

MOST_WAITING = 10_000
PATIENCE_S, PAUSE_S = 3, 5
# How long a process that ends waits for what is left.
AT_END_S = 2
LOST = "%d rows of the action log were not forwarded."
PORT = 514
# The facility `log audit` with the severity `informational`. Source: https://datatracker.ietf.org/doc/html/rfc5424
PRIORITY = 13 * 8 + 6


def send(linked: Iterable[tuple[str, str]], *, is_in_request: bool) -> None:
    """Send rows, each by its record and digest, to where the settings say. Call it once they are committed."""
    if logger.isEnabledFor(logging.INFO):
        for record, digest in linked:
            logger.info('%s,"digest":"%s"}', record[:-1], digest, extra={"is_in_request": is_in_request})


class StandardOutput(logging.Handler):
    """Writes the rows of requests to standard output, and others to standard error: commands print for people."""

    def emit(self, record: logging.LogRecord) -> None:
        stream = sys.stdout if getattr(record, "is_in_request", False) else sys.stderr
        try:
            stream.write(f"{record.getMessage()}\n")
            stream.flush()
        except OSError:
            self.handleError(record)


class Syslog(logging.Handler):
    """Sends lines to `syslog://host:port` (UDP), `syslog+tcp://host:port` or `syslog:///dev/log`, in a thread."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = urlsplit(url)
        self._waiting: queue.Queue[bytes] = queue.Queue(MOST_WAITING)
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._process = 0
        self._dropped = 0
        self._is_closed = False

    def emit(self, record: logging.LogRecord) -> None:
        """Let the thread send the line. A process that was forked needs a thread of its own."""
        if self._thread is None or self._process != os.getpid():
            self._process, self._socket = os.getpid(), None
            self._thread = threading.Thread(target=self._send_all, daemon=True, name=LOGGER)
            self._thread.start()
        try:
            self._waiting.put_nowait(_message(record))
        except queue.Full:
            self._dropped += 1

    def flush(self) -> None:
        """Give the thread a moment to send what is left."""
        end = time.monotonic() + AT_END_S
        while self._waiting.unfinished_tasks and self._thread and time.monotonic() < end:
            time.sleep(0.01)

    def close(self) -> None:
        """Log once how many lines are left: they are lost with the process. Python flushes before it closes."""
        if not self._is_closed and (count := self._waiting.unfinished_tasks + self._dropped):
            trouble.warning(LOST, count)
        self._is_closed = True
        super().close()

    def _send_all(self) -> None:
        while True:
            line = self._waiting.get()
            is_late = False
            while not self._sent(line, is_late=is_late):
                is_late = True
                time.sleep(PAUSE_S)
            if self._dropped and self._waiting.empty():
                count, self._dropped = self._dropped, 0
                trouble.warning(LOST, count)
            # Whatever waits for the thread waits for the warning too.
            self._waiting.task_done()

    def _sent(self, line: bytes, *, is_late: bool) -> bool:
        """Send a line and return whether that worked. If not, warn the first time."""
        try:
            self._socket = self._socket or self._connected()
            is_stream = self._socket.type == socket.SOCK_STREAM
            self._socket.sendall(b"%d %s" % (len(line), line) if is_stream else line)
        except OSError as error:
            if self._socket:
                self._socket.close()
                self._socket = None
            if not is_late:
                trouble.warning("The action log cannot be forwarded: %s. New rows wait.", error.strerror or error)
            return False
        return True

    def _connected(self) -> socket.socket:
        """Return a socket to the server. Raises OSError."""
        if self._url.scheme.endswith("+tcp"):
            return socket.create_connection((self._url.hostname, self._url.port or PORT), timeout=PATIENCE_S)
        family: int = socket.AF_UNIX
        address: Any = self._url.path
        if self._url.hostname:
            found = socket.getaddrinfo(self._url.hostname, self._url.port or PORT, type=socket.SOCK_DGRAM)
            family, _kind, _protocol, _name, address = found[0]
        with ExitStack() as on_error:
            place = on_error.enter_context(socket.socket(family, socket.SOCK_DGRAM))
            place.settimeout(PATIENCE_S)
            place.connect(address)
            on_error.pop_all()
        return place


def _message(record: logging.LogRecord) -> bytes:
    """Return the line as a message of RFC 5424. It is ASCII."""
    at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    head = f"<{PRIORITY}>1 {at} {socket.gethostname()} commerce-admin {os.getpid()} {LOGGER} -"
    return f"{head} {record.getMessage()}".encode()
