"""What a page shows is whole at every width, and stays where it is."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page

from tests.addresses import CONFIGURATION, USERS
from tests.browser.states import STATES
from tests.browser.store import Store
from tests.browser.visit import PHONE

WIDTHS = (1440, 1140, 1024, 900, 768, 390, 320)
# Every state with a table that is not like another one.
TABLES = [
    "users-long-names",
    "roles-long-names",
    "action-log-long-names",
    "encryption-key",
    "encryption-key-unopened",
    "sessions",
    "configuration-connected",
    "configuration-stale",
    "search",
    "guide-give-people-access",
    "home-orders-table",
    "portal-on-their-way-out",
    "shared-access",
]
# Words of a usual length that a column breaks, since another one took its room.
BROKEN_WORDS = """(grid) => {
  const broken = [], texts = document.createTreeWalker(grid, NodeFilter.SHOW_TEXT), range = document.createRange();
  while (texts.nextNode()) {
    const box = texts.currentNode.parentElement;
    if (box.scrollHeight > box.clientHeight && box.clientHeight) continue;  // It is cut wherever its last line ends.
    for (const { index, 0: word } of texts.currentNode.data.matchAll(/[^\\s-]+/g)) {
      range.setStart(texts.currentNode, index);
      range.setEnd(texts.currentNode, index + word.length);
      if (word.length < 15 && range.getClientRects().length > 1) broken.push(word);
    }
  }
  return broken;
}"""
# Values of a card without the title of their column.
UNNAMED = """(grid) => [...grid.querySelectorAll("tbody td:not(:empty)")].filter((cell) =>
  getComputedStyle(cell, "::before").content === "none").map((cell) => cell.outerHTML)"""
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


@pytest.mark.parametrize("width", [390, 320])
def test_on_a_phone_the_main_action_is_never_a_ragged_last_row(page: Page, width: int) -> None:
    page.set_extra_http_headers({"Accept-Language": "fr"})
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"{USERS}{User.objects.get(username='developer').pk}/change/")
    back, _delete, save = (action.bounding_box() for action in page.locator(".actionbar-actions > *").all())
    assert back
    assert save
    assert back["x"] == pytest.approx(10, abs=1)
    assert save["x"] == pytest.approx(10, abs=1)
    assert save["width"] == pytest.approx(width - 20, abs=1)


def test_the_button_of_the_filters_stays_under_the_pointer(page: Page) -> None:
    page.goto(USERS)
    button = page.get_by_text("Filters", exact=True)
    before = button.bounding_box()
    button.click()
    assert page.get_by_role("button", name="Apply Filters").is_visible()
    assert button.bounding_box() == before


def test_the_filters_of_a_phone_are_a_sheet_and_the_rest_of_the_page_closes_it(page: Page) -> None:
    page.set_viewport_size(PHONE)
    page.goto(USERS)
    page.get_by_text("Filters", exact=True).click()
    sheet = page.locator(".filters-body")
    box = sheet.bounding_box()
    assert box
    assert (box["x"], box["width"], box["y"] + box["height"]) == (0, PHONE["width"], PHONE["height"])
    page.mouse.click(PHONE["width"] / 2, 20)
    assert not sheet.is_visible()


def test_the_filters_of_a_phone_hide_nothing_where_the_page_opened_them(page: Page) -> None:
    page.set_viewport_size(PHONE)
    page.goto(f"{USERS}?active=yes")
    sheet = page.locator(".filters-body")
    assert sheet.is_visible()
    assert sheet.evaluate("(sheet) => getComputedStyle(sheet).position") == "static"


def test_the_filters_of_a_phone_hide_nothing_once_the_keyboard_leads_on(page: Page) -> None:
    page.set_viewport_size(PHONE)
    page.goto(USERS)
    page.get_by_text("Filters", exact=True).press("Enter")
    page.keyboard.press("Shift+Tab")
    assert page.get_by_role("button", name="Search").last.evaluate("(button) => button === document.activeElement")
    assert page.locator(".filters-body").evaluate("(sheet) => getComputedStyle(sheet).position") == "static"


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


@pytest.mark.parametrize("state", ["account-setting", "user-other", "role-other", "sessions", "two-factor-add-app"])
def test_the_action_bar_of_a_phone_is_one_row(store: Store, page: Page, state: str) -> None:
    STATES[state](store, page)
    page.set_viewport_size(PHONE)
    middles = "(all) => all.map((button) => Math.round(button.offsetTop + button.offsetHeight / 2))"
    assert len(set(page.locator(".actionbar .button").evaluate_all(middles))) == 1


@pytest.mark.parametrize("state", TABLES)
def test_a_table_fits_and_breaks_no_usual_word(store: Store, page: Page, state: str) -> None:
    STATES[state](store, page)
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for grid in page.locator(".grid-wrap").all():
            found += [(width, "too wide")] if not grid.evaluate(IS_WHOLE) else []
            found += [(width, word) for word in grid.evaluate(BROKEN_WORDS)]
    assert found == []


def test_a_report_of_many_columns_scrolls_in_its_own_box(store: Store, page: Page) -> None:
    STATES["orders"](store, page)
    page.set_viewport_size({"width": 1440, "height": 900})
    head, row = page.get_by_role("columnheader", name="Order ID"), page.get_by_role("rowheader").first
    at, beside = head.bounding_box(), row.bounding_box()
    page.locator(".grid-wide").evaluate("(grid) => grid.scrollTo(400, 100)")
    assert head.bounding_box() == at
    moved = row.bounding_box()
    assert beside
    assert moved
    assert (moved["x"], moved["y"]) == (beside["x"], beside["y"] - 100)
    assert page.evaluate("document.documentElement.scrollWidth") == 1440


@pytest.mark.parametrize("state", [*TABLES, "orders"])
def test_on_a_phone_a_row_is_a_card_and_still_a_row_of_a_table(store: Store, page: Page, state: str) -> None:
    STATES[state](store, page)
    page.set_viewport_size(PHONE)
    for grid in page.locator(".grid:visible").all():
        assert grid.evaluate(UNNAMED) == []
        cells, row = grid.locator("tbody tr").first.locator("> *"), grid.get_by_role("row").last
        assert grid.get_by_role("columnheader").count() == cells.count()
        assert row.get_by_role("cell").or_(row.get_by_role("rowheader")).count() == cells.count()
