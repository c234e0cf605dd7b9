"""A real Chromium against a real server, whose stand-in is the gateway."""

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.signals import request_finished, request_started
from django.db import connection
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from dashboard import demo
from saas.new_pair import NewPair
from tests.addresses import CONFIGURATION
from tests.browser.states.my_account import new_key_dialog
from tests.browser.store import PairsInTurn, Store, session_of
from tests.browser.visit import PATIENCE_MS, Visit, wait_for_scripts
from tests.factories import PASSWORD

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A process per tab costs a tenth of the whole.
    "--process-per-site",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pictures", action="store_true", help="only take the pictures of docs/images")
    parser.addoption("--shots", type=Path, help="save a picture of every page and state to this folder")


def is_of_browser(item: pytest.Item) -> bool:
    return Path(__file__).parent in item.path.parents


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in filter(is_of_browser, items):
        item.add_marker(pytest.mark.browser)
    items.sort(key=is_of_browser)  # Last, and together: one browser serves them all.
    if config.getoption("--pictures", default=False):
        others = [item for item in items if item.path.name != "test_pictures.py"]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item not in others]


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the pictures out where nobody wants them: other tests meet the same states."""
    is_wanted = collection_path.name != "test_pictures.py" or config.getoption("--pictures", default=False)
    return None if is_wanted else True


@pytest.fixture(scope="session")
def chromium_path() -> str:
    # The same engine without the windows around it takes a third less of the processors.
    found = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if path := os.environ.get("PLAYWRIGHT_CHROMIUM") or found:
        return path
    reason = "No Chromium was found: install Debian's chromium-headless-shell, or name one in PLAYWRIGHT_CHROMIUM."
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


# Not per session: its event loop runs in this thread, and must not meet the tests that have no browser.
@pytest.fixture(scope="package")
def browser(chromium_path: str) -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        # Playwright turns off the back/forward cache, from which a press on Back shows a page.
        browser = playwright.chromium.launch(
            executable_path=chromium_path, args=ARGUMENTS, ignore_default_args=["--disable-back-forward-cache"]
        )
        yield browser
        browser.close()


class Requests:
    """Counts what the server is answering, so that nothing of a test is under way when its database is emptied."""

    PATIENCE_S = 60

    def __init__(self) -> None:
        self.running = 0
        self.changed = threading.Condition()

    def begin(self, **_kwargs: Any) -> None:
        with self.changed:
            self.running += 1

    def end(self, **_kwargs: Any) -> None:
        with self.changed:
            self.running -= 1
            self.changed.notify_all()

    def wait(self) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: self.running <= 0, self.PATIENCE_S)


@pytest.fixture
def server(live_server: LiveServer, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Yield the address of a server whose gateways are its own stand-in."""
    # Its threads outlive a test, and PostgreSQL drops no database that one of them still holds.
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)
    settings.GATEWAY_URLS = {name: f"{live_server.url}/gateway/{name}/" for name in ("sandbox", "production")}
    requests = Requests()
    request_started.connect(requests.begin)
    request_finished.connect(requests.end)
    yield live_server.url
    requests.wait()
    request_started.disconnect(requests.begin)
    request_finished.disconnect(requests.end)


@pytest.fixture(scope="session")
def pairs_in_turn() -> PairsInTurn:
    return PairsInTurn()


@pytest.fixture
def store(server: str, settings: Settings, pairs_in_turn: PairsInTurn, monkeypatch: pytest.MonkeyPatch) -> Store:
    pairs_in_turn.begin()
    monkeypatch.setattr(NewPair, "generate", pairs_in_turn.generate)
    demo.make_people(PASSWORD)
    return Store(User.objects.get(username="admin"), server, settings)


@pytest.fixture(scope="package")
def kept_open(browser: Browser, live_server: LiveServer) -> Iterator[Visit]:
    """Yield a visitor whose browser stays open: opening one costs more than most of what is checked in it."""
    visit = Visit(browser, live_server.url)
    yield visit
    visit.close()


@pytest.fixture
def visit(browser: Browser, server: str, store: Store) -> Iterator[Visit]:
    """Yield a visitor who opens browsers of their own."""
    visit = Visit(browser, server)
    yield visit
    visit.close()
    assert visit.complaints == []


@pytest.fixture
def shots(request: pytest.FixtureRequest) -> Path | None:
    """Return where pictures of every state are wanted, if they are."""
    folder: Path | None = request.config.getoption("--shots", default=None)
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def page(kept_open: Visit, store: Store) -> Iterator[Page]:
    """Yield a tab in which the administrator, who is the license owner too, is signed in."""
    kept_open.complaints.clear()
    yield kept_open.next_tab(session_of("admin"))
    kept_open.close_tabs()
    assert kept_open.complaints == []


@pytest.fixture
def configuration(page: Page, store: Store) -> Page:
    """Open the configuration of a connected instance, and return its tab once the scripts are there."""
    store.connect()
    page.goto(CONFIGURATION)
    wait_for_scripts(page)
    return page


@pytest.fixture
def new_key(page: Page, store: Store) -> Page:
    """Make a key in the API Portal and return the tab, where its dialog is above the page and guarded by its script."""
    new_key_dialog(store, page)
    expect(page.locator("#new-key:modal")).to_be_visible()
    return page
