"""Tabs of one visitor, and what the browser complained about meanwhile."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, ViewportSize

from tests.addresses import HEALTH

# A busy machine is slow; a page that fails is not there after this either.
PATIENCE_MS = 15_000
DESKTOP: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}

# What moves has come to rest, what was drawn is there, and nothing is left to do. A colour that is half faded in has no
# contrast to judge. What turns for ever is waited for by nobody.
REST = """() => Promise.allSettled(document.getAnimations()
  .filter(({ effect }) => effect.getComputedTiming().endTime < Infinity)
  .map((animation) => animation.finished)).then(() =>
  new Promise((resolve) =>
    requestAnimationFrame(() => requestAnimationFrame(() => requestIdleCallback(resolve, { timeout: 1000 })))))"""

# What load.js fetches has run: importing it again waits for that.
SCRIPTS = """() => Promise.all([...document.querySelectorAll('meta[name="module"]:not([data-when])')]
  .filter(({ dataset }) => document.querySelector(dataset.for))
  .map(({ content }) => import(content))).then(() => {})"""


def wait_for_scripts(page: Page) -> None:
    """Wait until the scripts of the page have run: its load event does not wait for them."""
    page.evaluate(SCRIPTS)


def paste_private_key(page: Page, environment: str, text: str) -> Locator:
    """Fill the field of a private key, which *Replace* opens once a key is stored, and return it."""
    field, section = page.get_by_label(f"{environment} private key"), page.locator(f"#{environment.lower()}-keys")
    if not section.locator(".section-body").is_visible():
        section.locator("> summary").click()
    if not field.is_visible():
        section.get_by_text("Replace", exact=True).click()
    field.fill(text)
    return field


class Visit:
    """Opens tabs; `complaints` collects console errors, script errors and requests to another host."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.browser = browser
        self.url = url
        self.complaints: list[str] = []
        self._open: set[Request] = set()
        self._begun = 0
        self._contexts: list[BrowserContext] = []

    def tab(self, session: str = "", **options: Any) -> Page:
        """Open a tab of a browser of its own, signed in by the cookie `session` where one is given."""
        context = self.browser.new_context(base_url=self.url, viewport=DESKTOP, **options)
        context.set_default_timeout(PATIENCE_MS)
        if session:
            context.add_cookies([{"name": "sessionid", "value": session, "url": self.url}])
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("request", self._watch)
        context.on("requestfinished", self._arrive)
        context.on("requestfailed", self._arrive)
        self._contexts.append(context)
        return context.new_page()

    def next_tab(self, session: str) -> Page:
        """Open a tab of the browser that is open; it knows nothing of those before it but their static files."""
        if not self._contexts:
            # Its process goes on serving the tabs after it, with the style sheets and scripts that it has read.
            self.tab().goto(HEALTH)
        context = self._contexts[0]
        context.clear_cookies()
        if session:
            context.add_cookies([{"name": "sessionid", "value": session, "url": self.url}])
        page = context.new_page()
        wire = context.new_cdp_session(page)
        wire.send("Storage.clearDataForOrigin", {"origin": self.url, "storageTypes": "local_storage"})
        wire.detach()
        return page

    def settle(self, page: Page, is_complete: Callable[[], bool] = lambda: True) -> None:
        """Wait until the page rests, nothing is on the way to it or began meanwhile, and `is_complete` says so.

        Fail if that takes too long. The state "networkidle" would mean half a second more for every page.
        """
        page.wait_for_load_state()
        deadline = time.monotonic() + PATIENCE_MS / 1000
        begun = -1
        while self._open or begun < self._begun or not is_complete():
            assert time.monotonic() < deadline, f"not at rest; on the way: {[request.url for request in self._open]}"
            begun = self._begun
            page.evaluate(REST)  # Events arrive meanwhile.

    def close_tabs(self) -> None:
        """Close every tab but the first one of each browser, which keeps it open, and take back what was permitted."""
        for context in self._contexts:
            context.clear_permissions()
            for page in context.pages[1:]:
                page.close()
        self._open.clear()

    def close(self) -> None:
        """Close every browser."""
        for context in self._contexts:
            context.close()

    def _hear(self, message: ConsoleMessage) -> None:
        # A page that answers 403 or 404 on purpose is an error for the console, not for us.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def _arrive(self, request: Request) -> None:
        self._open.discard(request)

    def _watch(self, request: Request) -> None:
        self._open.add(request)
        self._begun += 1
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https"} and parts.netloc != urlsplit(self.url).netloc:
            self.complaints.append(f"request to another host: {request.url}")
