"""Every page and state: axe in both themes and two widths, and no sideways scrolling on the narrowest screen."""

from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Page

from tests.browser.states import STATES
from tests.browser.store import Store
from tests.browser.visit import DESKTOP, PHONE, Visit

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
NARROWEST_PX = 320


def violations(page: Page) -> list[str]:
    # The policy of the page blocks a script tag; what the test driver evaluates is not the page's.
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE)
    found: list[dict[str, Any]] = page.evaluate("axe.run().then((result) => result.violations)")
    return [f"{rule['id']}: {node['html']}" for rule in found for node in rule["nodes"]]


@pytest.mark.parametrize("name", STATES)
def test_nobody_is_shut_out_of_a_page(name: str, store: Store, visit: Visit, page: Page, shots: Path | None) -> None:
    STATES[name](store, page)
    found = []
    for theme in ("light", "dark"):
        for viewport in (DESKTOP, PHONE):
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
