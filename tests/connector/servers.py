"""A gateway on this machine that behaves badly on the level of the socket."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator

Talk = Callable[[socket.socket], None]


def drip_head(connection: socket.socket) -> None:
    """Send a head that never ends, one byte at a time."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while True:
        connection.sendall(b"x")
        time.sleep(0.02)


def drip_body(connection: socket.socket) -> None:
    """Send a body that never ends, one byte at a time."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while True:
        connection.sendall(b"x")
        time.sleep(0.02)


def say_nothing(connection: socket.socket) -> None:
    """Accept the request and answer nothing."""
    while connection.recv(65536):
        pass


def say_no_http(connection: socket.socket) -> None:
    """Answer what is no HTTP."""
    connection.recv(65536)
    connection.sendall(b"x" * 300 + b"\r\n\r\n")


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
