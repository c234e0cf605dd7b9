"""A gateway on this machine that misbehaves at the level of the socket."""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator

Talk = Callable[[socket.socket], None]
# A caller that is still there after this waits for ever.
PATIENCE_S = 20


def turns(pause_s: float) -> Iterator[None]:
    """Yield, with a pause after each turn, for longer than a caller with a deadline stays."""
    for _turn in range(int(PATIENCE_S / pause_s)):
        yield
        time.sleep(pause_s)


def drip_head(connection: socket.socket) -> None:
    """Send a head that never ends, one byte at a time."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    for _turn in turns(0.02):
        connection.sendall(b"x")


def drip_body(connection: socket.socket) -> None:
    """Send a body that never ends, one byte at a time."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    for _turn in turns(0.02):
        connection.sendall(b"x")


def drip_status(connection: socket.socket) -> None:
    """Send a status line that never ends, one byte at a time."""
    connection.recv(65536)
    for _turn in turns(0.02):
        connection.sendall(b"H")


def continue_for_ever(connection: socket.socket) -> None:
    """Say without end that the answer is still to come."""
    connection.recv(65536)
    for _turn in turns(0.001):
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")


class Redirect:
    """Redirects, with a body that never ends; counts how much of it was taken."""

    def __init__(self, head: bytes = b"", chunk: bytes = b"x" * 65536, pause_s: float = 1e-6) -> None:
        self.head = b"HTTP/1.1 302 Found\r\nLocation: /x\r\n%b\r\n" % head
        self.chunk = chunk
        self.pause_s = pause_s
        self.sent = 0

    def __call__(self, connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(self.head)
        for _turn in turns(self.pause_s):
            self.sent += connection.send(self.chunk)


def say(answer: bytes) -> Talk:
    """Return a talk that answers every request with the bytes of `answer`."""

    def talk(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(answer)

    return talk


def say_nothing(connection: socket.socket) -> None:
    """Accept the request and answer nothing."""
    connection.settimeout(PATIENCE_S)
    with contextlib.suppress(TimeoutError):
        while connection.recv(65536):
            pass
        raise ConnectionResetError


def to_the_end(talk: Talk) -> tuple[Talk, threading.Event]:
    """Return `talk`, and an event that is set if it ends before the other side leaves."""
    ended = threading.Event()

    def talk_and_note(connection: socket.socket) -> None:
        talk(connection)
        ended.set()

    return talk_and_note, ended


def say_no_http(connection: socket.socket) -> None:
    """Answer with something that is not HTTP."""
    connection.recv(65536)
    connection.sendall(b"x" * 300 + b"\r\n\r\n")


def over_tls(context: ssl.SSLContext, talk: Talk) -> Talk:
    """Return a talk that shakes hands first."""

    def talk_over_tls(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as wrapped:
            talk(wrapped)

    return talk_over_tls


def drop(times: int) -> Talk:
    """Return a talk that closes the first `times` connections without an answer, and answers the later ones."""
    left = iter(range(times))

    def talk(connection: socket.socket) -> None:
        connection.recv(65536)
        if next(left, None) is None:
            connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n{"results":[]}')

    return talk


@contextlib.contextmanager
def serve(talk: Talk) -> Iterator[str]:
    """Serve every connection with `talk`, and yield the base URL."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_accept, args=(server, talk), daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        # Closing alone would leave the other thread listening.
        server.shutdown(socket.SHUT_RDWR)


def _accept(server: socket.socket, talk: Talk) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _address = server.accept()
            threading.Thread(target=_talk, args=(connection, talk), daemon=True).start()


def _talk(connection: socket.socket, talk: Talk) -> None:
    with connection, contextlib.suppress(OSError):
        talk(connection)
