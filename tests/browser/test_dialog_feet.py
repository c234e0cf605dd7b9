"""The foot of a dialog has two buttons and a link at most, where people look for them."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.addresses import DASHBOARD, PAYMENT_SERVICES
from tests.browser.states import STATES
from tests.browser.store import Store
from tests.browser.visit import wait_for_scripts

# Each with the longest labels of its kind, and the address of those that are opened in the page.
DIALOGS = {
    "payments-details": "",
    "payments-restorable": "",
    "payments-wrong-environment": "",
    "payments-merchant-rejected": "",
    "payments-switch": f"{PAYMENT_SERVICES}switch-environment/",
    "configuration-moving": "",
    "configuration-restoring": "",
    "portal-delete": "",
    "dashboard-copy": f"{DASHBOARD}moved/copy/",
    "two-factor-new-codes": "",
    "two-factor-remove-passkey": "",
    "user-remove-second-factor": "",
    "user-sign-out": "",
}
# Where each of them is in the foot, in the order of the page: its look, place and size, and those of the foot.
FOOT = """() => {
  const foot = document.querySelector("dialog[open] .dialog-actions");
  const parts = [...foot.querySelectorAll(".button")].filter((part) => part.checkVisibility());
  const box = (element) => element.getBoundingClientRect().toJSON();
  return { foot: box(foot), parts: parts.map((part) => ({ ...box(part), isLink: part.matches(".button-text") })) };
}"""


def foot(page: Page, width: int, height: int = 844) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    page.set_viewport_size({"width": width, "height": height})
    found = page.evaluate(FOOT)
    return found["foot"], found["parts"]


def show_in_french(name: str, page: Page, store: Store) -> None:
    """Show the dialog again, in French."""
    page.context.add_cookies([{"name": "django_language", "value": "fr", "url": store.url}])
    if DIALOGS[name]:
        page.goto(DIALOGS[name])
    else:
        page.reload()
    wait_for_scripts(page)


def look_at_a_wide_foot(page: Page) -> None:
    """Check that the main button is last, and never alone on a row."""
    for width in (1440, 640, 560):
        _foot, parts = foot(page, width)
        assert sum(not part["isLink"] for part in parts) <= 2
        assert sum(part["isLink"] for part in parts) <= 1
        assert len({round(part["y"] + part["height"] / 2) for part in parts}) == 1
        assert not parts[-1]["isLink"]
        assert [part["x"] for part in parts] == sorted(part["x"] for part in parts)


def look_at_the_foot_of_a_telephone(page: Page) -> None:
    """Check that each has a row of its own, and that the main button is first and in sight."""
    whole, parts = foot(page, 390)
    assert [part["y"] for part in parts] == sorted((part["y"] for part in parts), reverse=True)
    assert len({(part["x"], part["width"]) for part in parts}) == 1
    assert whole["bottom"] <= 844


@pytest.mark.parametrize("name", DIALOGS)
def test_the_main_button_is_where_people_look_for_it(name: str, page: Page, store: Store) -> None:
    page.emulate_media(reduced_motion="reduce")
    STATES[name](store, page)
    wait_for_scripts(page)
    look_at_a_wide_foot(page)
    look_at_the_foot_of_a_telephone(page)
    show_in_french(name, page, store)
    look_at_a_wide_foot(page)
    look_at_the_foot_of_a_telephone(page)
    page.context.clear_cookies(name="django_language")
