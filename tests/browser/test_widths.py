"""What a page shows is whole at every width, and stays where it is."""

import pytest
from playwright.sync_api import Page

from tests.addresses import CONFIGURATION, USERS
from tests.browser.states import STATES
from tests.browser.store import Store
from tests.browser.visit import PHONE

WIDTHS = (1440, 1140, 1024, 900, 768, 390, 320)
IS_WHOLE = "(element) => element.scrollWidth <= element.clientWidth"


@pytest.mark.parametrize(
    ("state", "element"), [("configuration-connected", "#sandbox_api_key"), ("portal-on-their-way-out", ".grid-wrap")]
)
def test_nothing_of_a_key_is_cut(store: Store, page: Page, state: str, element: str) -> None:
    STATES[state](store, page)
    cut = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        if not page.locator(element).evaluate(IS_WHOLE):
            cut.append(width)
    assert cut == []


def test_the_button_of_the_filters_stays_under_the_pointer(page: Page) -> None:
    page.goto(USERS)
    button = page.get_by_text("Filters", exact=True)
    before = button.bounding_box()
    button.click()
    assert page.get_by_role("button", name="Apply Filters").is_visible()
    assert button.bounding_box() == before


def test_the_action_bar_of_a_phone_sticks_as_it_is(store: Store, page: Page) -> None:
    store.connect()
    page.set_viewport_size(PHONE)
    page.goto(CONFIGURATION)
    button, bar = page.get_by_role("button", name="Save Config"), page.locator(".actionbar")
    before, height = button.bounding_box(), bar.evaluate("(bar) => bar.offsetHeight")
    page.mouse.wheel(0, 600)
    page.locator(".actionbar.is-stuck").wait_for()
    after = button.bounding_box()
    assert before
    assert after
    assert (after["x"], after["width"]) == (before["x"], before["width"])
    assert bar.evaluate("(bar) => bar.offsetHeight") == height
