"""What a first visit costs, measured on the wire with the static files as production serves them."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.core.servers.basehttp import WSGIServer
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.test import override_settings
from django.test.testcases import LiveServerThread, QuietWSGIRequestHandler
from playwright.sync_api import Browser, Page, ViewportSize, expect
from pytest_django import Settings

from backend.frame import templates
from tests.addresses import (
    ACCOUNT,
    CONFIGURATION,
    DASHBOARD,
    GUIDE,
    LOGIN,
    PAYMENT_SERVICES,
    PORTAL,
    ROLES,
    SEARCH,
    USERS,
)
from tests.backend.frame.pages import addresses, filled_in, link_to_paypal
from tests.backend.people.second_factors import give_passkey
from tests.browser.store import Store, session_of
from tests.browser.visit import DESKTOP, PHONE, Visit, paste_private_key
from tests.conftest import signed_in

ALL_AT_MOST = 60_000
SCRIPTS_AT_MOST = 12_000
REQUESTS_AT_MOST = 16
AS_IN_PRODUCTION = {"staticfiles": {"BACKEND": "backend.frame.static_files.CollectedFiles"}}
# The parts of the product by the beginnings of their addresses, and what else is asked for there.
PARTS = {
    "frame": "/",
    "sales": PAYMENT_SERVICES,
    "stores": CONFIGURATION,
    "guide": GUIDE,
    "system": "/admin/system/",
    "users": USERS,
    "roles": ROLES,
    "account": ACCOUNT,
}
MORE = {"frame": [LOGIN, f"{SEARCH}?q=s", "/admin/nothing-here/"]}
# What moved since the page began. The observer hears of it before the second frame from now is drawn.
SHIFTS = """() => new Promise((resolve) => {
  const shifts = [];
  const note = (entry) => shifts.push(entry.sources.map(({ node }) => node?.outerHTML?.slice(0, 200)));
  new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve, 0, shifts)));
})"""


class PlainFiles(WSGIHandler):
    """The application alone: the framework's test server would add its own handler of static files."""

    def __init__(self, application: WSGIHandler) -> None:  # noqa: ARG002  (made again, with the settings of now)
        super().__init__()


class InPieces(PlainFiles):
    """The application over a slow line: a page stops within a dialog or its header for a second."""

    MARKS = (b'<div class="dialog-body">', b'<div class="account">')

    def get_response(self, request: HttpRequest) -> HttpResponseBase:
        request.META.pop("HTTP_ACCEPT_ENCODING", None)  # So that the text can be cut where the test wants it.
        response = super().get_response(request)
        mark = next((mark for mark in self.MARKS if mark in getattr(response, "content", b"")), b"")
        if not mark:
            return response
        pieces = StreamingHttpResponse(self._pieces(response.getvalue(), mark), response.status_code)
        pieces.headers = response.headers
        del pieces.headers["Content-Length"]
        return pieces

    def _pieces(self, content: bytes, mark: bytes) -> Iterator[bytes]:
        first, mark, rest = content.partition(mark)
        yield first
        time.sleep(1)
        yield mark + rest


class PlainServer(LiveServerThread):
    """Serves static files through the middleware alone, as a production process does."""

    def _create_server(self, connections_override: Any = None) -> WSGIServer:  # noqa: ARG002  (SQLite in a file)
        return self.server_class((self.host, self.port), QuietWSGIRequestHandler, allow_reuse_address=False)


@dataclass
class Cost:
    """Bytes by request as they came over the wire, headers included; an answer of the cache costs nothing.

    Only GET counts. The one other request of a page refreshes what is on it, and is no part of the visit.
    """

    bytes_of: dict[str, int] = field(default_factory=dict)
    url_of: dict[str, str] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)

    @property
    def is_complete(self) -> bool:
        """Whether the size of everything is known: it comes a little later than what it is of."""
        return self.url_of.keys() <= self.ended

    @property
    def all_bytes(self) -> int:
        """The sum of everything."""
        return sum(self.bytes_of.values())

    @property
    def script_bytes(self) -> int:
        """The sum of the scripts."""
        return sum(size for request, size in self.bytes_of.items() if self.url_of[request].endswith(".js"))

    def excess(self) -> dict[str, int]:
        """Return what is more than a page may cost."""
        limits = {
            "bytes": (self.all_bytes, ALL_AT_MOST),
            "bytes of scripts": (self.script_bytes, SCRIPTS_AT_MOST),
            "requests": (len(self.bytes_of), REQUESTS_AT_MOST),
        }
        return {what: cost for what, (cost, most) in limits.items() if not 0 < cost <= most}


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the static files, collected, named by content and compressed."""
    folder = tmp_path_factory.mktemp("static")
    with override_settings(STATIC_ROOT=folder, STORAGES=settings.STORAGES | AS_IN_PRODUCTION):
        call_command("collectstatic", verbosity=0, interactive=False)
    return folder


@contextmanager
def served(application: type[WSGIHandler], browser: Browser) -> Iterator[Visit]:
    thread = PlainServer("127.0.0.1", application)
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    visit = Visit(browser, f"http://127.0.0.1:{thread.port}")
    yield visit
    visit.close()
    thread.terminate()
    assert visit.complaints == []


@pytest.fixture
def files(store: Store, settings: Settings, collected: Path) -> Iterator[None]:
    """Serve the collected files, under the names that say what is in them."""
    settings.STATIC_ROOT = collected
    settings.WHITENOISE_USE_FINDERS = False
    settings.STORAGES = settings.STORAGES | AS_IN_PRODUCTION
    # Parts of pages that are kept have these names too.
    for kept in (templates.static, templates._fixed):
        kept.cache_clear()
    yield
    for kept in (templates.static, templates._fixed):
        kept.cache_clear()


@pytest.fixture
def production(files: None, browser: Browser) -> Iterator[Visit]:
    """Yield a visitor of a server of the collected files."""
    with served(PlainFiles, browser) as visit:
        yield visit


@pytest.fixture
def slow_line(files: None, browser: Browser) -> Iterator[Visit]:
    """Yield a visitor of a server whose pages come in pieces."""
    with served(InPieces, browser) as visit:
        yield visit


def watched_tab(visit: Visit, path: str) -> tuple[Page, Cost]:
    """Open a tab for `path` with nothing cached, and count what comes over the wire to it."""
    page, cost = visit.next_tab(session="" if path == LOGIN else session_of("admin")), Cost()
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.send("Network.clearBrowserCache")

    def ask(event: dict[str, Any]) -> None:
        if event["request"]["method"] == "GET":
            cost.url_of[event["requestId"]] = event["request"]["url"]

    def arrive(event: dict[str, Any]) -> None:
        cost.ended.add(event["requestId"])
        if event.get("encodedDataLength") and event["requestId"] in cost.url_of:
            cost.bytes_of[event["requestId"]] = int(event["encodedDataLength"])

    wire.on("Network.requestWillBeSent", ask)
    wire.on("Network.loadingFinished", arrive)
    wire.on("Network.loadingFailed", arrive)
    return page, cost


def first_visit(visit: Visit, path: str, viewport: ViewportSize = DESKTOP) -> tuple[Cost, list[Any]]:
    """Return what comes over the wire for a person with nothing cached, and what moves on the page."""
    page, cost = watched_tab(visit, path)
    page.set_viewport_size(viewport)
    page.goto(path)
    visit.settle(page, lambda: cost.is_complete)
    shifts: list[Any] = page.evaluate(SHIFTS)
    if shifts:
        # On a busy machine the font comes after the first frame, and a line breaks elsewhere. Now it is in the cache.
        cost = replace(cost, bytes_of=dict(cost.bytes_of))  # The second visit is not counted.
        page.reload()
        visit.settle(page)
        shifts = page.evaluate(SHIFTS)
    visit.close_tabs()
    return cost, shifts


def pages_of(part: str) -> list[str]:
    """Return the addresses of the pages of a part, and of its dialogs as they open without scripts."""
    asked = [address for address in addresses() if part == max(begins(address), key=lambda name: len(PARTS[name]))]
    client = signed_in(User.objects.get(username="admin"))
    answers = {path: client.get(path) for address in asked for path in filled_in(address, "developer", "Merchant")}
    for answer in answers.values():
        answer.close()
    assert {path for path, answer in answers.items() if answer.status_code not in {200, 302, 405}} == set()
    is_page = {path: answer.status_code == 200 and "html" in answer["Content-Type"] for path, answer in answers.items()}
    return [path for path in answers if is_page[path]] + MORE.get(part, [])


def begins(address: str) -> list[str]:
    return [part for part, beginning in PARTS.items() if address.startswith(beginning)]


@pytest.mark.parametrize("part", PARTS)
def test_a_first_visit_stays_within_its_budget(part: str, production: Visit, store: Store) -> None:
    """Check weight and standstill of the same visit: a browser with nothing cached takes longest to open a page."""
    store.connect()
    link_to_paypal(store.onboard("STARTED"))
    store.take_orders()
    give_passkey(User.objects.get(username="admin"))
    if part == "stores":
        store.move()  # Everything that can be on this page is on it now.
    pages = pages_of(part)
    assert len(pages) > 1
    offenders: dict[tuple[str, int], object] = {}
    for address, viewport in product(pages, (DESKTOP, PHONE)):
        store.let_time_pass()  # What the page verifies again must not move it either.
        cost, shifts = first_visit(production, address, viewport)
        if shifts or cost.excess():
            offenders[address, viewport["width"]] = shifts, cost.excess()
    assert offenders == {}


def test_the_configuration_with_all_its_scripts_stays_within_their_budget(production: Visit, store: Store) -> None:
    store.connect()
    store.move()
    page, cost = watched_tab(production, CONFIGURATION)
    page.goto(CONFIGURATION)
    paste_private_key(page, "Sandbox", "-----BEGIN PUBLIC KEY-----")  # Fetches the last of them.
    expect(page.locator("#sandbox-keys [data-check-key]")).not_to_be_empty()
    production.settle(page, lambda: cost.is_complete)
    loaded = {Path(url).name.partition(".")[0] for url in cost.url_of.values() if url.endswith(".js")}
    assert {"load", "frame", "dialog", "form", "check", "impact", "sections", "session", "refresh"} <= loaded
    assert cost.script_bytes <= SCRIPTS_AT_MOST


@pytest.mark.parametrize("address", [DASHBOARD, PORTAL, f"{USERS}<int:pk>/delete/"])
def test_what_comes_in_pieces_stands_still(address: str, slow_line: Visit, store: Store) -> None:
    store.connect()
    [path] = filled_in(address, "developer", "Merchant")
    _cost, shifts = first_visit(slow_line, path)
    assert shifts == []
