"""A gateway that reports orders, and an instance that is connected to it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from connector import connection
from connector.connection import Connection
from connector.environment import Environment
from connector.gateway.client import Credentials, host_of
from connector.keys import pem
from connector.models import Instance, KeyPair, Verification
from saas.new_pair import NewPair

PAGE_ROWS = 500
SPACE = "benchmark"
CHANGED_AT = datetime(2026, 11, 1, tzinfo=UTC)


@contextmanager
def gateway(rows: list[dict[str, Any]]) -> Iterator[None]:
    """Report `rows` as if each had changed a millisecond after the one before, until the block ends."""
    pages = [_page(rows, start).encode() for start in range(0, len(rows), PAGE_ROWS)]

    class Pages(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            cursor = parse_qs(urlsplit(self.path).query).get("cursor", ["0"])[0]
            body = pages[int(cursor) // PAGE_ROWS]
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/"
        settings.GATEWAY_URLS = {environment.value: address for environment in Environment}
        # Only a gateway that said so itself is asked for orders.
        Verification.objects.update(host=host_of(address), offers_reports=True)
        yield
        server.shutdown()


def _page(rows: list[dict[str, Any]], start: int) -> str:
    end = start + PAGE_ROWS
    results = [
        {"updatedAt": (CHANGED_AT + timedelta(milliseconds=start + place)).isoformat(), "order": row}
        for place, row in enumerate(rows[start:end])
    ]
    facts = {"updatedAt": CHANGED_AT.isoformat(), "unread": 0, "statuses": {}, "stores": []}
    return json.dumps({"results": results, "next": str(end) if end < len(rows) else None, **facts})


def connect() -> Connection:
    """Connect the instance with a verified pair for the sandbox, and return the connection."""
    credentials = Credentials("a" * 32, pem.parse(NewPair.generate().private_key))
    found = Verification(host="127.0.0.1", checked_at=timezone.now(), mage_id="MAG000000001")
    Instance.objects.current()
    with transaction.atomic():
        KeyPair.objects.store(Environment.SANDBOX, credentials, None, timezone.now())
        Verification.objects.record(Environment.SANDBOX, found, credentials.digest, credentials.digest)
    Instance.objects.filter(pk=1).update(project_id=SPACE, data_space_id=SPACE)
    return connection.load()
