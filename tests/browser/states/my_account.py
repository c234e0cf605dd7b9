"""My Account at the stand-in: accounts, API Portal, fault switch."""

import uuid
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect

from saas.caller import Caller
from tests.browser.states.making import State, after, at, seen_by
from tests.browser.store import Store
from tests.browser.visit import ACCOUNT, FAULTS, PORTAL


def new_key_dialog(_store: Store, page: Page) -> None:
    page.goto(PORTAL)
    page.get_by_label("Name").fill("Luma staging")
    page.get_by_role("button", name="Add New").click()
    expect(page.locator("#new-key")).to_be_visible()


def keys_on_their_way_out(store: Store, page: Page) -> None:
    """List a key that is to be deleted and one that is, each still used, by names as long as they may be."""
    key = store.connect()
    key.delete_at(timezone.now() - timedelta(hours=1), timedelta(hours=24))
    store.verify()
    old, _pair = store.new_key(name="Luma, to be replaced" * 12)
    old.delete_at(timezone.now())
    old.record_use(timezone.now(), Caller(uuid.uuid4(), "Luma outlet " * 20))
    old.record_refusal(timezone.now(), Caller(uuid.uuid4(), "LumaOutlet" * 25))
    page.goto(PORTAL)
    expect(page.get_by_text("Still used")).not_to_have_count(0)


STATES: dict[str, State] = {
    "portal-empty": at(PORTAL),
    "portal-new-key": new_key_dialog,
    "portal-keys": at(PORTAL, is_connected=True),
    "portal-delete": at(PORTAL, is_connected=True, opens="Delete"),
    "portal-on-their-way-out": keys_on_their_way_out,
    "portal-delete-sooner": after(keys_on_their_way_out, at(PORTAL, opens="Delete")),
    "portal-shared": seen_by("developer", at(PORTAL, is_connected=True)),
    "portal-stranger": seen_by("merchant", at(PORTAL)),
    "my-account": at(ACCOUNT),
    "create-account": at("/account/create/"),
    "faults": at(FAULTS),
}
