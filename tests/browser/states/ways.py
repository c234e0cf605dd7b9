"""The way out of a bad replacement or a removal."""

from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Page, expect

from connector.environment import Environment
from connector.models import KeyPair
from tests.browser.states.making import State, after, at, seen_by
from tests.browser.states.payments import dialog_of, pair_mismatch
from tests.browser.store import Store, unknown_api_key
from tests.browser.visit import CONFIGURATION, DASHBOARD


def badly_replaced(store: Store, page: Page) -> None:
    """A pair that worked, and another one in its place that does not."""
    store.connect()
    _key, pair = store.new_key()
    store.enter("sandbox", unknown_api_key(), pair.private_key)
    store.verify()
    dialog_of("api_key_unknown", page)


def removed(store: Store, page: Page) -> None:
    store.connect()
    with transaction.atomic():
        KeyPair.objects.retire(Environment.SANDBOX, timezone.now())
    dialog_of("keys_missing", page)


def restoring(store: Store, page: Page) -> None:
    badly_replaced(store, page)
    page.get_by_role("dialog").get_by_role("link", name="Restore former pair").click()
    expect(page.get_by_role("dialog", name="Restore the former Sandbox pair?")).to_be_visible()


STATES: dict[str, State] = {
    "payments-restorable": badly_replaced,
    "payments-restorable-merchant": seen_by("merchant", badly_replaced),
    "payments-removed": removed,
    "configuration-restorable": after(badly_replaced, at(CONFIGURATION)),
    "configuration-removed": after(removed, at(CONFIGURATION)),
    "configuration-restoring": restoring,
    "configuration-mismatch": after(pair_mismatch, at(f"{CONFIGURATION}#sandbox_private_key")),
    "dashboard-restorable": after(badly_replaced, at(DASHBOARD)),
    "dashboard-restorable-merchant": after(seen_by("merchant", badly_replaced), at(DASHBOARD)),
    "dashboard-removed": after(removed, at(DASHBOARD)),
}
