"""The Dashboard in a browser: the answer comes first, the cards are in rows, and a check is one click away."""

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from saas.models import Fault
from tests.addresses import DASHBOARD
from tests.browser.states.dashboard import both_connected
from tests.browser.states.payments import pair_mismatch
from tests.browser.store import Store
from tests.browser.visit import DESKTOP, PHONE


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_first_200_pixels_say_whether_all_is_well(page: Page, store: Store, viewport: ViewportSize) -> None:
    pair_mismatch(store, page)
    page.set_viewport_size(viewport)
    page.goto(DASHBOARD)
    box = page.get_by_role(
        "heading", name="Sandbox keys do not work: the two keys do not belong together"
    ).bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 200


@pytest.mark.parametrize(("viewport", "in_a_row"), [(DESKTOP, 3), (PHONE, 1)], ids=["desktop", "phone"])
def test_cards_are_in_rows(page: Page, store: Store, viewport: ViewportSize, in_a_row: int) -> None:
    both_connected(store, page)
    page.set_viewport_size(viewport)
    tops = [card.bounding_box() for card in page.locator(".cards-dashboard > .card").all()]
    first = tops[0]
    assert first is not None
    assert sum(box is not None and box["y"] == first["y"] for box in tops) == in_a_row


def test_a_check_without_a_result_is_repeated_from_the_banner(page: Page, store: Store) -> None:
    store.fail("500")
    store.enter_new_key()
    store.choose_data_space()
    store.verify()
    page.goto(DASHBOARD)
    expect(page.get_by_role("heading", name="Sandbox keys could not be checked")).to_be_visible()
    Fault.objects.all().delete()
    page.get_by_role("button", name="Verify now").click()
    expect(page.get_by_role("heading", name="Connected to Sandbox as Demo Organization")).to_be_visible()
    expect(page).to_have_url(store.url + DASHBOARD)
