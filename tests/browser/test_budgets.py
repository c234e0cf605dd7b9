"""What a first visit costs, measured on the wire with the static files as production serves them."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.core.servers.basehttp import WSGIServer
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.test import override_settings
from django.test.testcases import LiveServerThread, QuietWSGIRequestHandler
from playwright.sync_api import Browser, Page, ViewportSize
from pytest_django import Settings

from tests.browser.store import Store, session_of
from tests.browser.visit import (
    ACCOUNT,
    ACTION_LOG,
    CONFIGURATION,
    DASHBOARD,
    DESKTOP,
    ENCRYPTION_KEY,
    FAULTS,
    GUIDE,
    LOGIN,
    NOTIFICATIONS,
    PAYMENTS,
    PHONE,
    PORTAL,
    ROLES,
    SETTINGS,
    USERS,
    Visit,
)

ALL_AT_MOST = 60_000
SCRIPTS_AT_MOST = 12_000
REQUESTS_AT_MOST = 16
CAUSES = f"{GUIDE}verification-result/"
PAINT_AT_MOST_MS = 1_000
# Another program may hold the processor meanwhile; a page that is slow by itself is slow every time.
TRIES = 8
AS_IN_PRODUCTION = {"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}
PAGES = [
    LOGIN,
    DASHBOARD,
    PAYMENTS,
    CONFIGURATION,
    "/admin/search/?q=s",
    "/admin/nothing-here/",
    "/admin/logout/",
    ACCOUNT,
    "/account/create/",
    PORTAL,
    FAULTS,
    SETTINGS,
    CAUSES,
    f"{GUIDE}get-a-key-pair/",
    NOTIFICATIONS,
    ACTION_LOG,
    ENCRYPTION_KEY,
    USERS,
    f"{USERS}add/",
    ROLES,
    f"{ROLES}add/",
]
PAINT = """() => new Promise((resolve) => {
  const seen = { painted: 0, shifts: [] };
  const watch = (type, note) =>
    new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type, buffered: true });
  watch("largest-contentful-paint", (entry) => (seen.painted = entry.startTime));
  watch("layout-shift", (entry) => seen.shifts.push(entry.sources.map(({ node }) => node?.outerHTML?.slice(0, 200))));
  setTimeout(() => resolve(seen), 200);
})"""


class PlainFiles(WSGIHandler):
    """The application itself, where the framework's test server would put its own handler of static files."""

    def __init__(self, application: WSGIHandler) -> None:  # noqa: ARG002  (made anew, with the settings of now)
        super().__init__()


class InPieces(PlainFiles):
    """The application over a slow line: the header of a page comes without its last part, the rest a while later."""

    def get_response(self, request: HttpRequest) -> HttpResponseBase:
        request.META.pop("HTTP_ACCEPT_ENCODING", None)  # So that the text can be cut where the test wants it.
        response = super().get_response(request)
        if b'<div class="account">' not in getattr(response, "content", b""):
            return response
        pieces = StreamingHttpResponse(self._pieces(response.getvalue()), response.status_code)
        pieces.headers = response.headers
        del pieces.headers["Content-Length"]
        return pieces

    def _pieces(self, content: bytes) -> Iterator[bytes]:
        first, mark, rest = content.partition(b'<div class="account">')
        yield first
        time.sleep(1)
        yield mark + rest


class PlainServer(LiveServerThread):
    """Serves static files through the middleware alone, as a production process does."""

    def _create_server(self, connections_override: Any = None) -> WSGIServer:  # noqa: ARG002  (SQLite in a file)
        return self.server_class((self.host, self.port), QuietWSGIRequestHandler, allow_reuse_address=False)


@dataclass
class Cost:
    """Bytes by request as they came over the wire, headers included; what the cache answers, costs nothing."""

    bytes_of: dict[str, int] = field(default_factory=dict)
    url_of: dict[str, str] = field(default_factory=dict)

    @property
    def all_bytes(self) -> int:
        """The sum of everything."""
        return sum(self.bytes_of.values())

    @property
    def script_bytes(self) -> int:
        """The sum of the scripts."""
        return sum(size for request, size in self.bytes_of.items() if self.url_of[request].endswith(".js"))


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the static files, collected, named by content and compressed."""
    folder = tmp_path_factory.mktemp("static")
    with override_settings(STATIC_ROOT=folder, STORAGES=settings.STORAGES | AS_IN_PRODUCTION):
        call_command("collectstatic", verbosity=0, interactive=False)
    return folder


@contextmanager
def served(application: type[WSGIHandler]) -> Iterator[str]:
    thread = PlainServer("127.0.0.1", application)
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    yield f"http://127.0.0.1:{thread.port}"
    thread.terminate()


@pytest.fixture
def files(store: Store, settings: Settings, collected: Path) -> None:  # noqa: ARG001  (there are people)
    """Serve the collected files, under the names that say what is in them."""
    settings.STATIC_ROOT = collected
    settings.WHITENOISE_USE_FINDERS = False
    settings.STORAGES = settings.STORAGES | AS_IN_PRODUCTION


@pytest.fixture
def production(files: None) -> Iterator[str]:  # noqa: ARG001  (what it serves)
    """Yield the address of a server of the collected files."""
    with served(PlainFiles) as url:
        yield url


@pytest.fixture
def slow_line(files: None) -> Iterator[str]:  # noqa: ARG001  (what it serves)
    """Yield the address of a server whose pages come in pieces."""
    with served(InPieces) as url:
        yield url


def tab_for(visit: Visit, path: str, viewport: ViewportSize = DESKTOP) -> Page:
    return visit.tab(viewport, session="" if path == LOGIN else session_of("admin"))


def cost_of(visit: Visit, path: str) -> Cost:
    cost = Cost()
    page = tab_for(visit, path)
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")

    def ask(event: dict[str, Any]) -> None:
        cost.url_of[event["requestId"]] = event["request"]["url"]

    def arrive(event: dict[str, Any]) -> None:
        if event["encodedDataLength"]:
            cost.bytes_of[event["requestId"]] = int(event["encodedDataLength"])

    wire.on("Network.requestWillBeSent", ask)
    wire.on("Network.loadingFinished", arrive)
    page.goto(path)
    visit.settle(page)
    page.wait_for_timeout(100)  # The sizes come a little later than what they are of.
    return cost


def painted(browser: Browser, url: str, path: str, viewport: ViewportSize) -> dict[str, Any]:
    """Open the page with nothing cached, and return when its largest part was painted and what moved meanwhile."""
    visit = Visit(browser, url)
    page = tab_for(visit, path, viewport)
    page.goto(path)
    visit.settle(page)
    seen: dict[str, Any] = page.evaluate(PAINT)
    visit.close()
    return seen


@pytest.mark.parametrize("path", PAGES)
def test_a_first_visit_stays_within_its_budget(path: str, browser: Browser, production: str, store: Store) -> None:
    store.connect()
    visit = Visit(browser, production)
    cost = cost_of(visit, path)
    visit.close()
    assert visit.complaints == []
    assert cost.all_bytes <= ALL_AT_MOST
    assert 0 < cost.script_bytes <= SCRIPTS_AT_MOST
    assert len(cost.bytes_of) <= REQUESTS_AT_MOST


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_there_within_a_second_and_stands_still(
    path: str, browser: Browser, production: str, store: Store
) -> None:
    store.connect()
    for viewport in (DESKTOP, PHONE):
        store.let_time_pass()  # What the page verifies anew must not move it either.
        seen = [painted(browser, production, path, viewport)]
        while seen[-1]["painted"] >= PAINT_AT_MOST_MS and len(seen) < TRIES:
            seen.append(painted(browser, production, path, viewport))
        assert [one["shifts"] for one in seen if one["shifts"]] == []
        assert 0 < min(one["painted"] for one in seen) < PAINT_AT_MOST_MS


@pytest.mark.parametrize("path", [DASHBOARD, PORTAL])
def test_a_header_that_comes_in_pieces_stands_still(path: str, browser: Browser, slow_line: str) -> None:
    assert painted(browser, slow_line, path, DESKTOP)["shifts"] == []
