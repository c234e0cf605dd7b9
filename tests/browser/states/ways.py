"""The way out of a bad replacement or a removal, and the question before the active environment is switched."""

from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Page, expect

from connector.environment import Environment
from connector.models import KeyPair
from tests.addresses import CONFIGURATION, DASHBOARD
from tests.browser.states.making import State, after, at, seen_by
from tests.browser.states.payments import both_environments, dialog_of, pair_mismatch, wrong_environment
from tests.browser.store import Store, unknown_api_key
from tests.browser.visit import wait_for_scripts


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


def switching(store: Store, page: Page) -> None:
    both_environments(store, page)
    page.get_by_role("link", name="Switch to Production").click()
    expect(page.get_by_role("dialog", name="Switch to Production?")).to_be_visible()


def saving_a_switch(store: Store, page: Page) -> None:
    both_environments(store, page)
    page.goto(CONFIGURATION)
    wait_for_scripts(page)
    page.get_by_label("Active environment").select_option("production")
    page.get_by_role("button", name="Save Config").click()


def switch_is_refused(store: Store, page: Page) -> None:
    """As without the script that asks before anything is sent."""
    page.route("**/impact*.js", lambda route: route.fulfill(content_type="text/javascript", body=""))
    saving_a_switch(store, page)
    expect(page.get_by_text("Tick the box to confirm the switch")).to_be_visible()


def moving(store: Store, page: Page) -> None:
    wrong_environment(store, page)
    page.get_by_role("dialog").get_by_role("button", name="Move to Production Keys").click()
    expect(page.get_by_role("dialog", name="Move to Production Keys and switch to Production?")).to_be_visible()


STATES: dict[str, State] = {
    "payments-restorable": badly_replaced,
    "payments-restorable-merchant": seen_by("merchant", badly_replaced),
    "payments-removed": removed,
    "payments-switch": switching,
    "configuration-restorable": after(badly_replaced, at(CONFIGURATION)),
    "configuration-removed": after(removed, at(CONFIGURATION)),
    "configuration-restoring": restoring,
    "configuration-switch": saving_a_switch,
    "configuration-switch-refused": switch_is_refused,
    "configuration-moving": moving,
    "configuration-mismatch": after(pair_mismatch, at(f"{CONFIGURATION}#sandbox_private_key")),
    "dashboard-restorable": after(badly_replaced, at(DASHBOARD)),
    "dashboard-restorable-merchant": after(seen_by("merchant", badly_replaced), at(DASHBOARD)),
    "dashboard-removed": after(removed, at(DASHBOARD)),
}
