"""How to bring the store and a tab into every state that a person can meet."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, Permission, User
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import timezone
from playwright.sync_api import Page, expect

from connector import connection
from connector.models import Instance, KeyPair
from saas.caller import Caller
from saas.models import Account, DataSpace, Project
from tests.browser.conftest import PASSWORD
from tests.browser.store import Store, session_of, unknown_api_key
from tests.browser.visit import (
    ACCOUNT,
    ACTION_LOG,
    CONFIGURATION,
    DASHBOARD,
    ENCRYPTION_KEY,
    FAULTS,
    GUIDE,
    LOGIN,
    NOTIFICATIONS,
    PAYMENTS,
    PHONE,
    PORTAL,
    ROLES,
    SETTINGS,
    USERS,
)

State = Callable[[Store, Page], Any]
ERROR_DIALOG = "#verification-error"


def dialog_of(cause: str, page: Page) -> None:
    """Open Payment Services and see that its dialog names `cause`."""
    page.goto(PAYMENTS)
    expect(page.locator(ERROR_DIALOG)).to_be_visible()
    expect(page.locator(ERROR_DIALOG).get_by_text(cause, exact=True)).to_be_attached()


def keys_missing(store: Store, page: Page) -> None:
    store.choose_data_space()
    dialog_of("keys_missing", page)


def pair_mismatch(store: Store, page: Page) -> None:
    key, _pair = store.new_key()
    _other, pair = store.new_key(name="Luma outlet")
    store.enter("sandbox", key.api_key, pair.private_key)
    store.choose_data_space()
    store.verify()
    dialog_of("pair_mismatch", page)


def api_key_unknown(store: Store, page: Page) -> None:
    _key, pair = store.new_key()
    store.enter("sandbox", unknown_api_key(), pair.private_key)
    store.choose_data_space()
    store.verify()
    dialog_of("api_key_unknown", page)


def wrong_environment(store: Store, page: Page) -> None:
    key, pair = store.new_key("production")
    store.enter("sandbox", key.api_key, pair.private_key)
    store.choose_data_space()
    store.verify()
    dialog_of("wrong_environment", page)


def not_entitled(store: Store, page: Page) -> None:
    Account.objects.update(payments_sandbox=False)
    store.enter_new_key()
    store.choose_data_space()
    store.verify()
    dialog_of("not_entitled", page)


def account_mismatch(store: Store, page: Page) -> None:
    store.connect()
    other = Account.objects.create_with_owner(store.owner, organization_name="Somebody Else", payments_production=False)
    Project.objects.provision(other, "Theirs")
    store.enter_new_key("production", other)
    store.verify()
    dialog_of("account_mismatch", page)


def key_revoked(store: Store, page: Page) -> None:
    key = store.connect()
    key.delete_at(timezone.now())
    store.verify()
    dialog_of("key_revoked", page)


def technical_details(store: Store, page: Page) -> None:
    pair_mismatch(store, page)
    page.locator("dialog").get_by_text("Technical details").click()
    expect(page.get_by_role("button", name="Copy for support")).to_be_visible()


def long_names(store: Store, page: Page) -> None:
    """A person without the configuration, and names as long as they may be."""
    User.objects.filter(username="developer").update(first_name="Wolfgangsson" * 10, last_name="Nachname" * 15)
    seen_by("merchant", pair_mismatch)(store, page)


def two_pairs(store: Store, page: Page) -> None:
    store.enter_new_key("production")
    store.connect()
    Project.objects.update(name="Luma " * 50)
    DataSpace.objects.update(name="Staging" * 30)
    store.verify()
    page.goto(SETTINGS)


def undecryptable(store: Store, page: Page) -> None:
    store.connect()
    KeyPair.objects.update(private_key=F("api_key"))  # A value that was moved to another column does not open.
    dialog_of("undecryptable", page)


def never_verified(store: Store, page: Page) -> None:
    store.fail("500")
    store.enter_new_key()
    store.choose_data_space()
    store.verify()
    page.goto(PAYMENTS)
    expect(page.get_by_role("heading", name="The keys have not been verified yet")).to_be_visible()


def doubtful(store: Store, page: Page) -> None:
    store.connect()
    store.let_time_pass()
    store.fail("500")
    page.goto(PAYMENTS)
    expect(page.locator("#connection .message-warning")).to_be_visible()


def connected(store: Store, page: Page) -> None:
    store.connect()
    page.goto(PAYMENTS)


def partly_configured(store: Store, page: Page) -> None:
    store.enter_new_key()
    store.verify()
    page.goto(PAYMENTS)


def at(path: str, *, is_connected: bool = False, opens: str = "", presses: str = "") -> State:
    """Return the state of a page: at `path`, with the dialog of the link `opens`, or after the button `presses`."""

    def state(store: Store, page: Page) -> None:
        if is_connected:
            store.connect()
        page.goto(path)
        if opens:
            page.get_by_role("link", name=opens).first.click()
        if presses:
            page.get_by_role("button", name=presses).first.click()

    return state


def after(first: State, then: State) -> State:
    """Return the state of `then` in a store that `first` was made of."""

    def state(store: Store, page: Page) -> None:
        first(store, page)
        then(store, page)

    return state


def seen_by(username: str, state: State) -> State:
    """Return the `state` as another person sees it."""

    def seen(store: Store, page: Page) -> None:
        page.context.add_cookies([{"name": "sessionid", "value": session_of(username), "url": store.url}])
        state(store, page)

    return seen


def drawer(_store: Store, page: Page) -> None:
    page.set_viewport_size(PHONE)
    page.goto(DASHBOARD)
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="System").click()
    expect(page.get_by_role("link", name="Commerce Services Connector")).to_be_visible()


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


def checked_keys(store: Store, page: Page) -> None:
    """A key that was repaired in one section, and a text that is none in the other."""
    store.connect()
    key, pair = store.new_key()
    store.enter("production", key.api_key, pair.private_key)
    page.goto(CONFIGURATION)
    page.get_by_label("Sandbox private key").fill(f"API key: {unknown_api_key()}\n{pair.private_key}")
    page.get_by_label("Production private key").fill(pair.private_key[:900])
    expect(page.get_by_text("Read, not saved yet")).to_be_visible()
    expect(page.get_by_text("A part of this private key is missing")).to_be_visible()


def refused_form(store: Store, page: Page) -> None:
    store.connect()
    page.goto(CONFIGURATION)
    page.get_by_label("Sandbox API key").fill("not a key")
    page.get_by_label("Production private key").fill("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----")
    page.get_by_role("button", name="Save Config").click()
    expect(page.get_by_role("alert")).to_be_visible()


def kept_working_pair(store: Store, page: Page) -> None:
    store.connect()
    page.goto(CONFIGURATION)
    page.get_by_label("Sandbox API key").fill(unknown_api_key())
    page.get_by_role("button", name="Save Config").click()
    expect(page.get_by_label("Replace the working key pair all the same")).to_be_visible()


def saved_by_somebody_else(store: Store, page: Page) -> None:
    store.connect()
    page.goto(CONFIGURATION)
    page.get_by_label("Data space", exact=True).select_option(label="Testing 1 (Testing)")
    Instance.objects.advance(connection.load().instance.revision)
    page.get_by_role("button", name="Save Config").click()
    expect(page.get_by_text("Saved by somebody else")).to_be_visible()


def refused_sign_in(_store: Store, page: Page) -> None:
    page.context.clear_cookies()
    page.goto(LOGIN)
    page.get_by_label("User name").fill("admin")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()


def elsewhere(path: str, opens: str = "") -> State:
    """Return the state of a page of an instance that was connected from another address."""

    def state(store: Store, page: Page) -> None:
        store.connect()
        Instance.objects.update(served_at=["https://admin.luma.example"])
        at(path, opens=opens)(store, page)

    return state


def action_log(store: Store, page: Page) -> None:
    store.connect()
    page.goto(f"{ACTION_LOG}?sort=action")
    page.locator("summary", has_text="Show").first.click()


def sign_in_as(page: Page, username: str) -> None:
    page.goto(LOGIN)
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/admin/")


def warned(page: Page) -> None:
    """Wait on the Dashboard until the session has less than five minutes left."""
    page.context.clear_cookies()
    page.clock.install()
    sign_in_as(page, "admin")
    page.clock.fast_forward((settings.SESSION_COOKIE_AGE - 4 * 60) * 1000)
    expect(page.get_by_role("alertdialog")).to_be_visible()


def ended(page: Page) -> None:
    """Wait until it is over."""
    warned(page)
    page.clock.fast_forward(5 * 60 * 1000)
    expect(page.get_by_role("alertdialog", name="Your session has ended")).to_be_visible()


def restored(page: Page) -> None:
    """Save the configuration after the session ended, and sign in again."""
    page.context.clear_cookies()
    sign_in_as(page, "admin")
    page.goto(CONFIGURATION)
    page.get_by_label("Active environment").select_option("production")
    page.get_by_label("Production API key").fill("c" * 32)
    page.get_by_label("Production private key").fill("-----BEGIN PRIVATE KEY-----")
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Save Config").click()
    page.get_by_label("User name").fill("admin")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("What you had typed is back")).to_be_visible()


def lost_session(store: Store, page: Page) -> None:
    """Save the configuration after the session ended."""
    store.connect()
    page.goto(CONFIGURATION)
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Save Config").click()
    expect(page.get_by_text("Your session had ended")).to_be_visible()


def outdated_form(store: Store, page: Page) -> None:
    """Save the configuration with a token that is none any more."""
    store.connect()
    page.goto(CONFIGURATION)
    page.context.clear_cookies(name="csrftoken")
    page.get_by_role("button", name="Save Config").click()
    expect(page.get_by_role("link", name="Back to the form")).to_be_visible()


def failed(status: int) -> State:
    """Return the state after an answer with `status` that no state of the store brings about."""

    def state(_store: Store, page: Page) -> None:
        body = render_to_string(f"{status}.html")
        page.route("**/admin/failed/", lambda route: route.fulfill(status=status, content_type="text/html", body=body))
        page.goto("/admin/failed/")

    return state


def restored_form(store: Store, page: Page) -> None:
    store.connect()
    restored(page)


def sign_in(_store: Store, page: Page) -> None:
    page.context.clear_cookies()
    page.goto(LOGIN)


def filtered_users(_store: Store, page: Page) -> None:
    page.goto(f"{USERS}?role=none&sort=-email")
    expect(page.get_by_text("Nothing fits")).to_be_visible()


def rotated(store: Store, _page: Page) -> None:
    """Use a new encryption key, after the sandbox pair was encrypted with the one before."""
    store.enter_new_key()
    store.rotate()


def reencrypted(store: Store, page: Page) -> None:
    rotated(store, page)
    page.goto(ENCRYPTION_KEY)
    page.get_by_role("link", name="Re-encrypt now").click()
    page.get_by_role("button", name="Re-encrypt", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("2 stored values were encrypted anew")


def values_unopened(store: Store, page: Page) -> None:
    """Lose the key that a pair was encrypted with, and damage another one."""
    rotated(store, page)
    store.settings.ENCRYPTION_KEYS = store.settings.ENCRYPTION_KEYS[:1]
    store.enter_new_key("production")
    KeyPair.objects.filter(environment="production").update(api_key="damaged")
    page.goto(ENCRYPTION_KEY)
    expect(page.get_by_role("alert")).to_be_visible()


def new_encryption_key(_store: Store, page: Page) -> None:
    page.goto(ENCRYPTION_KEY)
    page.get_by_role("button", name="Generate a key").click()
    expect(page.get_by_role("dialog", name="A new encryption key")).to_be_visible()


def refused_user(_store: Store, page: Page) -> None:
    page.goto(f"{USERS}add/")
    page.get_by_label("User name").fill("ADMIN")
    page.get_by_role("button", name="Save User").click()
    expect(page.get_by_role("alert")).to_be_visible()


def own_role(_store: Store, page: Page) -> None:
    role = Group.objects.get(name="Merchant")
    role.permissions.add(*Permission.objects.filter(codename__in=["view_group", "change_group", "view_user"]))
    page.goto(f"{ROLES}{role.pk}/change/")


STATES: dict[str, State] = {
    "sign-in": sign_in,
    "sign-in-refused": refused_sign_in,
    "sign-out": at("/admin/logout/"),
    "sign-in-after-a-lost-session": lost_session,
    "session-ends-soon": lambda _store, page: warned(page),
    "session-ended": lambda _store, page: ended(page),
    **{f"failed-{status}": failed(status) for status in (400, 429, 500, 503)},
    "form-out-of-date": outdated_form,
    "search": at("/admin/search/?q=s"),
    "search-nothing": at("/admin/search/?q=zebra"),
    "search-refused": at("/admin/search/?q=" + "x" * 101),
    "configuration-found": at(f"{CONFIGURATION}#sandbox_private_key", is_connected=True),
    "configuration-restored": restored_form,
    "not-found": at("/admin/nothing-here/"),
    "dashboard-empty": at(DASHBOARD),
    "dashboard-connected": at(DASHBOARD, is_connected=True),
    "dashboard-bell": at(DASHBOARD, is_connected=True, presses="Notifications"),
    "notifications-empty": at(NOTIFICATIONS),
    "notifications": at(NOTIFICATIONS, is_connected=True),
    "action-log": action_log,
    "action-log-filtered": at(f"{ACTION_LOG}?action=verified&start=x", is_connected=True),
    "action-log-nothing-found": at(f"{ACTION_LOG}?q=nothing-like-this"),
    "dashboard-menu": at(DASHBOARD, presses="Sales"),
    "dashboard-drawer": drawer,
    "dashboard-elsewhere": elsewhere(DASHBOARD),
    "dashboard-elsewhere-merchant": seen_by("merchant", elsewhere(DASHBOARD)),
    "dashboard-copy": elsewhere(DASHBOARD, opens="This is a copy"),
    "configuration-elsewhere": elsewhere(CONFIGURATION),
    "configuration-rename-instance": at(CONFIGURATION, is_connected=True, opens="Rename instance"),
    "payments-elsewhere": elsewhere(PAYMENTS),
    "dashboard-rejected": after(pair_mismatch, at(DASHBOARD)),
    "not-allowed": seen_by("merchant", at(CONFIGURATION)),
    "account-menu": at(DASHBOARD, presses="admin"),
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
    "configuration-empty": at(PAYMENTS),
    "configuration-connected": at(CONFIGURATION, is_connected=True),
    "configuration-create-project": at(CONFIGURATION, is_connected=True, opens="Create Project"),
    "configuration-rename": at(CONFIGURATION, is_connected=True, opens="Rename data space"),
    "configuration-remove-keys": at(CONFIGURATION, is_connected=True, opens="Remove keys"),
    "configuration-undecryptable": after(undecryptable, at(CONFIGURATION)),
    "configuration-rejected": after(wrong_environment, at(CONFIGURATION)),
    "configuration-refused": refused_form,
    "configuration-checked": checked_keys,
    "configuration-kept": kept_working_pair,
    "configuration-stale": saved_by_somebody_else,
    "payments-merchant": seen_by("merchant", at(PAYMENTS)),
    "payments-merchant-rejected": seen_by("merchant", pair_mismatch),
    "payments-partly": partly_configured,
    "payments-never-verified": never_verified,
    "payments-undecryptable": undecryptable,
    "payments-key-revoked": key_revoked,
    "payments-details": technical_details,
    "payments-long-names": long_names,
    "payments-settings": two_pairs,
    "payments-settings-merchant": seen_by("merchant", at(SETTINGS, is_connected=True)),
    "guide": at(GUIDE),
    "guide-cause": at(f"{GUIDE}verification-result/#pair_mismatch"),
    "guide-keys": at(f"{GUIDE}enter-the-keys/"),
    "guide-replace": at(f"{GUIDE}replace-a-key-pair/"),
    "guide-people": at(f"{GUIDE}give-people-access/"),
    "guide-not-reached": seen_by("merchant", at(f"{GUIDE}not-reached/")),
    "payments-connected": connected,
    "payments-doubtful": doubtful,
    "payments-keys-missing": keys_missing,
    "payments-pair-mismatch": pair_mismatch,
    "payments-api-key-unknown": api_key_unknown,
    "payments-wrong-environment": wrong_environment,
    "payments-not-entitled": not_entitled,
    "payments-account-mismatch": account_mismatch,
    "encryption-key": after(rotated, at(ENCRYPTION_KEY)),
    "encryption-key-reencrypt": after(rotated, at(ENCRYPTION_KEY, opens="Re-encrypt now")),
    "encryption-key-reencrypted": reencrypted,
    "encryption-key-unopened": values_unopened,
    "encryption-key-new": new_encryption_key,
    "users": at(USERS),
    "users-nobody": filtered_users,
    "user-new": at(f"{USERS}add/"),
    "user-refused": refused_user,
    "user-self": at(USERS, opens="admin"),
    "user-other": at(USERS, opens="developer"),
    "user-delete": after(at(USERS, opens="developer"), lambda _store, page: page.get_by_text("Delete User").click()),
    "roles": at(ROLES),
    "role-new": at(f"{ROLES}add/"),
    "role-other": at(ROLES, opens="Integrator"),
    "role-own": seen_by("merchant", own_role),
    "role-delete": after(at(ROLES, opens="Merchant"), lambda _store, page: page.get_by_text("Delete Role").click()),
}
