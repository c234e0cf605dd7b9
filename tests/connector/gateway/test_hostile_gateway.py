"""A gateway that misbehaves at the level of the socket wastes no time or memory, and does not block the other one."""

import gzip
import logging
import socket
import threading
import time
import tracemalloc

import pytest

from connector.errors import Reason
from connector.gateway import transport
from connector.gateway.client import Client, Credentials, Deadline
from tests.connector.gateway.conftest import failure
from tests.connector.gateway.servers import (
    Redirect,
    Talk,
    continue_for_ever,
    drip_body,
    drip_head,
    drip_status,
    say,
    say_no_http,
    say_nothing,
    serve,
    to_the_end,
)


def test_an_answer_that_is_no_http_is_malformed(pair: Credentials) -> None:
    with serve(say_no_http) as url:
        assert failure(Client(url, pair, deadline=Deadline(5)).data_spaces).reason == Reason.MALFORMED


def is_left_alone(within_s: float = 10) -> bool:
    """Return whether every exchange has ended, or ends soon."""
    ends_at = time.monotonic() + within_s
    while any(thread.name == transport.EXCHANGE for thread in threading.enumerate()):
        if time.monotonic() > ends_at:
            return False
        time.sleep(0.01)
    return True


@pytest.mark.parametrize("talk", [drip_status, drip_head, drip_body, continue_for_ever, say_nothing])
def test_no_server_and_no_thread_outlasts_the_deadline(pair: Credentials, talk: Talk) -> None:
    talk, ended = to_the_end(talk)
    with serve(talk) as url:
        assert failure(Client(url, pair, deadline=Deadline(0.2)).ping).reason == Reason.TIMEOUT
        assert is_left_alone()
    assert not ended.is_set()


def wait_for(talk: Talk) -> tuple[Talk, threading.Event]:
    """Return `talk`, and an event that is set once it has begun."""
    begun = threading.Event()

    def talk_and_note(connection: socket.socket) -> None:
        begun.set()
        talk(connection)

    return talk_and_note, begun


def test_a_gateway_that_drips_cannot_gather_threads(pair: Credentials, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "MAX_EXCHANGES", 1)
    talk, begun = wait_for(drip_status)
    with serve(talk) as url:
        waiting = threading.Thread(target=failure, args=(Client(url, pair, deadline=Deadline(6)).ping,))
        waiting.start()
        assert begun.wait(5)
        assert failure(Client(url, pair, deadline=Deadline(60)).ping).reason == Reason.TIMEOUT
        assert waiting.is_alive()  # The second call waited neither for this one nor until its own deadline.
        waiting.join()


def test_one_gateway_cannot_block_the_other(pair: Credentials, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "MAX_EXCHANGES", 1)
    talk, begun = wait_for(drip_status)
    with serve(talk) as hanging, serve(say(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) as other:
        waiting = threading.Thread(target=failure, args=(Client(hanging, pair, deadline=Deadline(1)).ping,))
        waiting.start()
        assert begun.wait(5)
        Client(other, pair, deadline=Deadline(1)).ping()
        waiting.join()


def test_the_body_of_a_redirect_is_bounded_in_size(pair: Credentials) -> None:
    talk = Redirect()
    with serve(talk) as url:
        error = failure(Client(url, pair, deadline=Deadline(9)).ping)
    assert (error.reason, error.status) == (Reason.MALFORMED, 302)
    # What lies in the buffers of both sockets was sent, but never read.
    assert talk.sent < 4 * transport.MAX_BODY_BYTES


def test_a_redirect_that_is_packed_does_not_unfold(pair: Credentials) -> None:
    packed = gzip.compress(bytes(300_000_000), 1)
    talk = Redirect(head=b"Content-Encoding: gzip\r\nContent-Length: %d\r\n" % len(packed), chunk=packed)
    tracemalloc.start()
    with serve(talk) as url:
        assert failure(Client(url, pair, deadline=Deadline(9)).ping).reason == Reason.MALFORMED
    assert tracemalloc.get_traced_memory()[1] < 8 * transport.MAX_BODY_BYTES
    tracemalloc.stop()


def test_the_body_of_a_redirect_is_bounded_in_time(pair: Credentials) -> None:
    talk, ended = to_the_end(Redirect(chunk=b"x", pause_s=0.02))
    with serve(talk) as url:
        assert failure(Client(url, pair, deadline=Deadline(0.3)).ping).reason == Reason.TIMEOUT
        assert not ended.is_set()
        assert is_left_alone()


@pytest.mark.parametrize("location", [b"http://[bad", b"http://127.0.0.1/\xff", b"//", b"\xff", b"http://x:99999999/"])
def test_a_malformed_location_is_a_refused_redirect(pair: Credentials, location: bytes) -> None:
    answer = b"HTTP/1.1 302 Found\r\nLocation: %b\r\nContent-Length: 0\r\n\r\n" % location
    with serve(say(answer)) as url:
        error = failure(Client(url, pair, deadline=Deadline(5)).ping)
    assert (error.reason, error.status) == (Reason.MALFORMED, 302)


@pytest.mark.parametrize("line", [b"no colon", b": no name", b" folded: \xff", b"X-Key: a\r\n\tb\r\nbroken"])
def test_a_malformed_header_is_no_line_in_the_log(
    pair: Credentials, all_logs: pytest.LogCaptureFixture, line: bytes
) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n%b\r\n\r\n" % line
    with serve(say(answer)) as url:
        Client(url, pair, deadline=Deadline(5)).ping()
    assert [record for record in all_logs.records if record.levelno >= logging.INFO] == []
