"""Dashboard, search, notifications, menus and pages of failures: what every part has around it."""

from typing import Any

from django.test import RequestFactory
from playwright.sync_api import Page, expect

from backend.audit.action_log import record
from backend.frame.error_pages import failure
from backend.frame.proxy import changed_origin, without_address
from backend.frame.request_facts import RequestFacts, in_hand
from connector.action_log import Action
from connector.verification.causes import Cause
from tests.addresses import ACCOUNT_SETTING, CONFIGURATION, DASHBOARD, NOTIFICATIONS
from tests.browser.states.making import State, after, at, elsewhere, refused, seen_by
from tests.browser.states.payments import pair_mismatch
from tests.browser.store import Store
from tests.browser.visit import PHONE

# What a proxy does to a form cannot be done in a browser.
SENT = {"origin": "https://admin.example.com:8443", "host": "localhost"}
CHANGED = changed_origin(RequestFactory().post("/", headers=SENT))


def drawer(_store: Store, page: Page) -> None:
    page.set_viewport_size(PHONE)
    page.goto(DASHBOARD)
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="System").click()
    expect(page.get_by_role("link", name="Commerce Services Connector")).to_be_visible()


def failed(status: int, template: str = "", **context: Any) -> State:
    """Return the state after an answer with `status`, which nothing in the store causes."""

    def state(_store: Store, page: Page) -> None:
        token = in_hand.set(RequestFacts(RequestFactory().get("/"), request_id="0d37972067c34a0c83cffdcea6b5b8f8"))
        body = failure(status, template=template, **context).content
        in_hand.reset(token)
        page.route("**/admin/failed/", lambda route: route.fulfill(status=status, content_type="text/html", body=body))
        page.goto("/admin/failed/")

    return state


def alarmed(_store: Store, _page: Page) -> None:
    """Let something of each severity happen."""
    record(Action.KEYS_REPLACED, "production")
    record(Action.DATA_SPACE_CHOSEN, "Luma US")
    record(Action.REJECTED, "sandbox", after=Cause.KEY_REVOKED, refusal=Cause.KEY_REVOKED)


def signed_out(state: State) -> State:
    """Return the `state` as somebody sees it who is not signed in."""

    def seen(store: Store, page: Page) -> None:
        page.context.clear_cookies()
        state(store, page)

    return seen


def out_of_date(_store: Store, page: Page) -> None:
    page.goto(ACCOUNT_SETTING)
    page.context.clear_cookies(name="csrftoken")
    page.get_by_role("button", name="Save Account").click()
    expect(page.get_by_role("heading", name="The form was out of date")).to_be_visible()


def through_a_proxy(_store: Store, page: Page) -> None:
    page.set_extra_http_headers({"X-Forwarded-For": "203.0.113.1"})
    page.goto(DASHBOARD)
    expect(page.get_by_text("but TRUSTED_PROXIES is 0")).to_be_visible()


STATES: dict[str, State] = {
    **{f"failed-{status}": failed(status) for status in (400, 413, 429, 500, 503)},
    "failed-sign-in": failed(503, "503_sign_in.html"),
    "failed-encryption-key": failed(503, "503_encryption_key.html"),
    "failed-migrations": failed(503, "503_migrations.html"),
    "failed-disk": failed(507),
    "search": at("/admin/search/?q=s"),
    "search-nothing": at("/admin/search/?q=zebra"),
    "search-refused": at("/admin/search/?q=" + "x" * 101),
    "not-found": at("/admin/nothing-here/"),
    "not-found-signed-out": signed_out(at("/admin/nothing-here/")),
    "not-to-open": at(f"{CONFIGURATION}move-pair/"),
    "out-of-date": out_of_date,
    "changed-on-its-way": failed(403, "403_origin.html", sentences=CHANGED),
    "unknown-host": failed(400, "400_host.html", host="a-host-name-that-is-rather-long.admin.example.com:8443"),
    "misled-by-a-proxy": failed(503, "503_proxy.html", text=without_address()),
    "dashboard-through-a-proxy": through_a_proxy,
    "dashboard-empty": at(DASHBOARD),
    "dashboard-connected": at(DASHBOARD, is_connected=True),
    "dashboard-bell": after(alarmed, at(DASHBOARD, presses="Notifications 3 new")),
    "notifications-empty": at(NOTIFICATIONS),
    "notifications": after(alarmed, at(NOTIFICATIONS)),
    "notifications-merchant": seen_by("merchant", after(alarmed, at(NOTIFICATIONS))),
    "dashboard-menu": at(DASHBOARD, presses="Sales"),
    "dashboard-drawer": drawer,
    "dashboard-elsewhere": elsewhere(DASHBOARD),
    "dashboard-elsewhere-merchant": seen_by("merchant", elsewhere(DASHBOARD)),
    "dashboard-copy": elsewhere(DASHBOARD, opens="This is a copy"),
    "dashboard-rejected": after(pair_mismatch, at(DASHBOARD)),
    "not-allowed": seen_by("merchant", at(CONFIGURATION)),
    "account-setting": at(ACCOUNT_SETTING),
    "account-setting-refused": refused(at(ACCOUNT_SETTING), "Your Password", "not this one", presses="Save Account"),
    "account-menu": at(DASHBOARD, presses="admin"),
}
