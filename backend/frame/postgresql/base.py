"""The framework's backend for PostgreSQL, for a server that stops answering: docs/decisions/0016 has the reasons.

The kernel of a frozen server still confirms what it receives, so neither TCP nor the driver notices.
"""

import threading
import time
from collections.abc import Generator
from types import SimpleNamespace
from typing import Any, Self

import psycopg
from django.db.backends.postgresql import base

# A statement of a page may take so long, and a test whether a connection still works.
LONGEST_S, LONGEST_TEST_S = 10, 3
# A server that gives this process no answer at all for so long is silent. Then only so many requests wait for it, and
# the other threads stay free for what needs no database.
SILENT_S, MOST_WAITING = 1, 4


class UnansweredError(psycopg.OperationalError):
    """The server did not answer in time. What it was asked last may be done or not."""


class _Server:
    """When the server was asked and answered, and the places of the requests that may wait for it."""

    def __init__(self) -> None:
        # When the first question since the last answer was asked; the last answer; the last question let through.
        self.asked_at = self.answered_at = self.tried_at = 0.0
        self.places = threading.BoundedSemaphore(MOST_WAITING)
        # Who has it connects without a place, to find out whether the server answers again.
        self.finding_out = threading.Lock()

    def is_silent(self) -> bool:
        """Return whether questions wait for an answer, and none was given for some time."""
        return self.answered_at < self.asked_at < time.monotonic() - SILENT_S

    def ask(self) -> bool:
        """Note a question, and return whether it is to find out if a silent server answers again.

        Now and then a question may: the requests in the places may only wait for a lock. Raises UnansweredError for
        the others if no place is left.
        """
        now = time.monotonic()
        if self.asked_at <= self.answered_at:
            self.asked_at = now
            return False
        is_silent = self.is_silent()
        if is_silent and now - self.tried_at < SILENT_S and self.take_place():
            self.places.release()
            return False
        self.tried_at = now
        return is_silent

    def take_place(self) -> bool:
        """Return whether there was a place. Raises UnansweredError if there was none and the server is silent."""
        if self.places.acquire(blocking=False):
            return True
        if self.is_silent():
            message = f"PostgreSQL does not answer, and {MOST_WAITING} other requests wait for it already"
            raise UnansweredError(message)
        return False


_server = _Server()


class Connection(psycopg.Connection[Any]):
    """A connection on which a request does not wait for ever. A command has the main thread, and waits."""

    longest_s = LONGEST_S

    @classmethod
    def connect(cls, *args: Any, **options: Any) -> Self:
        """Connect. The option `connect_timeout` limits how long that takes."""
        finds_out = _server.ask() and _server.finding_out.acquire(blocking=False)
        while not finds_out and not _server.take_place():
            time.sleep(SILENT_S / 100)
        try:
            connection = super().connect(*args, **options)
            _server.answered_at = time.monotonic()
        finally:
            (_server.finding_out if finds_out else _server.places).release()
        return connection

    def wait(self, gen: Generator[Any, Any, Any], *args: Any, **options: Any) -> Any:
        """Return what the server answers; the driver asks for every answer here."""
        if threading.current_thread() is threading.main_thread():
            return super().wait(gen, *args, **options)
        try:
            return super().wait(_in_time(gen, self.longest_s), *args, **options)
        except UnansweredError:
            # The answer may still come, and would be taken for that of the next statement.
            self.close()
            raise


def _in_time(gen: Generator[Any, Any, Any], longest_s: float) -> Generator[Any, Any, Any]:
    """Do what `gen` does. While there is no answer, the driver sends it nothing, ten times a second."""
    began, has_place = time.monotonic(), False
    try:
        _server.ask()
        wanted = next(gen)
        while True:
            ready = yield wanted
            waited_s = 0 if ready else time.monotonic() - began
            has_place = has_place or (waited_s > SILENT_S and _server.take_place())
            if waited_s > longest_s:
                message = f"PostgreSQL did not answer within {longest_s} seconds"
                raise UnansweredError(message)
            wanted = gen.send(ready)
    except StopIteration as end:
        _server.answered_at = time.monotonic()
        return end.value
    finally:
        if has_place:
            _server.places.release()


class DatabaseWrapper(base.DatabaseWrapper):
    """The framework's, with connections of ours."""

    Database = SimpleNamespace(**vars(psycopg) | {"connect": Connection.connect})  # type: ignore[assignment]  # a module

    def is_usable(self) -> bool:
        """Return whether the connection still works. The framework tests it before a request uses it."""
        if self.connection:
            self.connection.longest_s = LONGEST_TEST_S
        is_usable = super().is_usable()
        if self.connection:
            self.connection.longest_s = LONGEST_S
        return is_usable
