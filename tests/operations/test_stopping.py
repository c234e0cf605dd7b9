"""A server that is stopped or killed while it works: a request in flight is finished, or leaves nothing behind."""

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from connector.gateway.client import Credentials
from connector.models import Instance, KeyPair, Turn
from connector.models.turns import BUSY
from tests.addresses import CONFIGURATION
from tests.connector.gateway.servers import serve
from tests.markup import form_of, sent
from tests.operations.gunicorn import gunicorn
from tests.operations.processes import eventually

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
ANSWER = b'HTTP/1.1 200 OK\r\nContent-Length: 14\r\nConnection: close\r\n\r\n{"results":[]}'
VERIFYING_S = 3


@contextmanager
def slow_gateway() -> Iterator[tuple[dict[str, str], threading.Event]]:
    """Yield the settings of a gateway that takes its time for the first answer, and an event that it was asked."""
    asked = threading.Event()

    def answer(connection: socket.socket) -> None:
        connection.recv(65536)
        if not asked.is_set():
            asked.set()
            time.sleep(VERIFYING_S)
        connection.sendall(ANSWER)

    with serve(answer) as url:
        yield {"SANDBOX_GATEWAY_URL": url, "PRODUCTION_GATEWAY_URL": url}, asked


def test_a_save_that_is_verifying_is_finished_before_the_server_stops(
    as_alice: Client, pair: Credentials, tmp_path: Path
) -> None:
    form = form_of(as_alice.get(CONFIGURATION)) | sent(pair)
    with slow_gateway() as (gateway, asked), gunicorn(tmp_path, **gateway) as server, ThreadPoolExecutor(1) as pool:
        saving = pool.submit(server.post, as_alice, CONFIGURATION, form)
        assert asked.wait(VERIFYING_S)
        server.process.send_signal(signal.SIGTERM)
        assert not saving.done()
        assert saving.result() == 302
        assert server.process.wait(VERIFYING_S) == 0
        assert "Traceback" not in server.said
    assert KeyPair.objects.filter(environment="sandbox").exists()
    assert not Turn.objects.exists()


def test_a_save_whose_worker_was_killed_leaves_nothing_and_holds_nobody_up_for_long(
    as_alice: Client, pair: Credentials, tmp_path: Path
) -> None:
    form = form_of(as_alice.get(CONFIGURATION)) | sent(pair)
    before = Instance.objects.values().get()
    with slow_gateway() as (gateway, asked), gunicorn(tmp_path, **gateway) as server, ThreadPoolExecutor(1) as pool:
        saving = pool.submit(server.post, as_alice, CONFIGURATION, form)
        assert asked.wait(VERIFYING_S)
        (worker,) = server.workers
        os.kill(worker, signal.SIGKILL)
        with pytest.raises((OSError, HTTPException)):
            saving.result()
        assert not KeyPair.objects.exists()
        assert Instance.objects.values().get() == before
        eventually(server.is_healthy, "the server answers")
        assert server.workers != [worker]
        # The turn of the dead is over after a while, and then the same form is saved.
        assert Turn.objects.filter(until__lte=timezone.now() + BUSY).exists()
        eventually(
            lambda: server.post(as_alice, CONFIGURATION, form) == 302, "it is saved", within_s=2 * BUSY.total_seconds()
        )
    assert KeyPair.objects.filter(environment="sandbox").exists()
