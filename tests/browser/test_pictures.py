"""The pictures of README and user guide: `pytest tests/browser --pictures` takes them and does nothing else."""

import base64
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Page, ViewportSize

from payments.models import Order
from payments.orders.statuses import PayStatus, RefundStatus
from tests.addresses import SETTINGS
from tests.browser.states import STATES
from tests.browser.states.making import State, after, at
from tests.browser.states.my_account import new_key_dialog
from tests.browser.store import Store
from tests.browser.visit import DESKTOP

FOLDER = Path(settings.BASE_DIR) / "docs" / "images"
QUALITY = {1440: 40, 390: 14}
AT_MOST_BYTES = {1440: 45_000, 390: 14_200}
# Lower than a telephone: in the user guide it is between two paragraphs.
PHONE: ViewportSize = {"width": 390, "height": 640}
# No private key is committed, not even one of a store that never was.
HIDE_SECRET = """() => document.querySelectorAll("#new-private-key").forEach((area) => {
  area.value = area.value.replace(/^(?!-).+$/gm, (line) => "•".repeat(line.length));
})"""
TO_THE_MIDDLE = "(element) => element.scrollIntoView({ block: 'center' })"


@dataclass(frozen=True)
class Subject:
    """What a picture shows: a state; on a narrow screen the element `middle` is scrolled to."""

    state: State
    middle: str = "body"
    is_wide: bool = True


def usual_orders(store: Store, page: Page) -> None:
    """The report with statuses that go together."""
    STATES["orders"](store, page)
    Order.objects.update(pay_status=PayStatus.CAPTURE_CONFIRMED, refund_status="", dispute="", as_sent={})
    first = Order.objects.order_by("-ordered_at").values("pk")[:1]
    Order.objects.filter(pk__in=[row["pk"] for row in first]).update(refund_status=RefundStatus.REFUNDED, refunded=80)
    page.reload()


SUBJECTS = {
    "sign-in": Subject(STATES["sign-in"]),
    "dashboard": Subject(STATES["dashboard-connected"]),
    "configuration": Subject(STATES["configuration-connected"], middle="#sandbox_private_key"),
    "api-portal": Subject(new_key_dialog, middle="#new-private-key"),
    "verification-error": Subject(STATES["payments-wrong-environment"]),
    "payment-services": Subject(STATES["home-orders"]),
    "user-roles": Subject(STATES["role-other"], middle=".tree"),
    "action-log": Subject(STATES["action-log"]),
    # These are for the user guide alone.
    "data-space": Subject(STATES["configuration-connected"], middle="#data_space_id", is_wide=False),
    "replaced-pair": Subject(STATES["configuration-kept"], middle="#sandbox_private_key", is_wide=False),
    "environment": Subject(
        after(STATES["payments-both-environments"], at(SETTINGS)),
        middle="[aria-labelledby=environment-title]",
        is_wide=False,
    ),
    "orders": Subject(usual_orders, middle="#orders-found tbody tr:first-child", is_wide=False),
    "onboarding": Subject(STATES["payments-connected"], middle="#onboarding-sandbox", is_wide=False),
    "not-reached": Subject(STATES["payments-doubtful"], is_wide=False),
}
PICTURES = [(name, PHONE) for name in SUBJECTS] + [
    (name, DESKTOP) for name, subject in SUBJECTS.items() if subject.is_wide
]


@pytest.mark.parametrize(("name", "viewport"), PICTURES, ids=[f"{name}-{view['width']}" for name, view in PICTURES])
def test_the_picture_is_small_and_holds_no_secret(name: str, viewport: ViewportSize, store: Store, page: Page) -> None:
    subject, width = SUBJECTS[name], viewport["width"]
    page.emulate_media(reduced_motion="reduce")
    subject.state(store, page)
    page.set_viewport_size(viewport)
    page.wait_for_load_state("networkidle")
    if viewport is PHONE and subject.middle != "body":
        page.locator(subject.middle).evaluate(TO_THE_MIDDLE)
    page.evaluate(HIDE_SECRET)
    assert "PRIVATE KEY-----\nMII" not in "".join(page.locator("textarea").evaluate_all("all => all.map(a => a.value)"))
    # Playwright itself knows no WebP, which is half as large as its JPEG.
    wire = page.context.new_cdp_session(page)
    shot = wire.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY[width]})
    picture = base64.b64decode(shot["data"])
    assert len(picture) <= AT_MOST_BYTES[width]
    (FOLDER / f"{name}-{width}.webp").write_bytes(picture)
