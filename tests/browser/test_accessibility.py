"""Every page and state: axe once in each theme and at each width, and no sideways scrolling on the narrowest screen."""

import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any, Literal

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from tests.browser.states import STATES
from tests.browser.store import Store, session_of
from tests.browser.visit import DESKTOP, PHONE, Visit

Theme = Literal["light", "dark"]
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
NARROWEST_PX = 320
# Each state is seen once in each theme and at each width. Every second one has them the other way round.
LOOKS: list[list[tuple[Theme, ViewportSize]]] = [
    [("light", DESKTOP), ("dark", PHONE)],
    [("dark", DESKTOP), ("light", PHONE)],
]
# They put the clock of a browser forward, and it cannot be put back.
NEED_A_BROWSER = {"session-ends-soon", "session-ended"}


@pytest.fixture
def visit(name: str, browser: Browser, store: Store, kept_open: Visit) -> Iterator[Visit]:
    own = Visit(browser, store.url) if name in NEED_A_BROWSER else kept_open
    own.complaints.clear()
    yield own
    own.close_tabs()
    if own is not kept_open:
        own.close()
    assert own.complaints == []


@pytest.fixture
def page(visit: Visit) -> Page:
    page = visit.next_tab(session_of("admin"))
    assert abs(page.evaluate("Date.now()") / 1000 - time.time()) < 60
    return page


def violations(page: Page) -> list[str]:
    # The policy of the page blocks a script tag; what the test driver evaluates is not the page's.
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE)
    found: list[dict[str, Any]] = page.evaluate(
        "axe.run({ resultTypes: ['violations'] }).then((result) => result.violations)"
    )
    return [f"{rule['id']}: {node['html']}" for rule in found for node in rule["nodes"]]


@pytest.mark.parametrize("name", STATES)
def test_nobody_is_shut_out_of_a_page(name: str, store: Store, visit: Visit, page: Page, shots: Path | None) -> None:
    STATES[name](store, page)
    found = []
    for theme, viewport in chain(*LOOKS) if shots else LOOKS[[*STATES].index(name) % 2]:
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        page.set_viewport_size(viewport)
        visit.settle(page)
        found += [f"{theme} {viewport['width']}: {violation}" for violation in violations(page)]
        if shots:
            is_page = page.locator("dialog:modal").count() == 0
            page.screenshot(path=shots / f"{name}-{viewport['width']}-{theme}.png", full_page=is_page)
    assert found == []
    page.set_viewport_size({"width": NARROWEST_PX, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROWEST_PX
