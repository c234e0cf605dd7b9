"""My Account at the stand-in: accounts, API Portal, fault switch."""

from datetime import timedelta
from uuid import UUID, uuid4

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Page, expect

from saas.caller import Caller
from saas.choices import Edition, Feed, Role, Unreadable
from saas.gateway.feed_rows import unread_row
from saas.limits import NEW_ACCOUNTS, WORKING_KEYS
from saas.models import Account, ApiKey, DataSpace, FeedSource, Membership, UnreadRow
from tests.addresses import ACCOUNT, CREATE_ACCOUNT, FAULTS, PORTAL, SHARED_ACCESS
from tests.browser.states.making import State, after, at, refused, seen_by, with_password
from tests.browser.store import Store
from tests.browser.visit import wait_for_scripts


def new_key_dialog(_store: Store, page: Page) -> None:
    page.goto(PORTAL)
    page.get_by_label("Name").fill("Luma staging")
    page.get_by_role("button", name="Add New").click()
    expect(page.locator("#new-key")).to_be_visible()


def form_of_another_key(store: Store, page: Page) -> None:
    store.connect()
    page.goto(PORTAL)
    page.get_by_text("Add a key").click()
    expect(page.get_by_role("button", name="Add New")).to_be_visible()


def made_before(store: Store, page: Page) -> None:
    """Send the form that made a key once more."""
    page.goto(PORTAL)
    token = page.locator("[name=form_token]").input_value()
    store.new_key(form_token=UUID(token))
    page.get_by_label("Name").fill("Luma staging")
    page.get_by_role("button", name="Add New").click()
    expect(page.get_by_role("alert")).to_be_visible()


def keys_on_their_way_out(store: Store, page: Page) -> None:
    """List a key that is to be deleted and one that is, each still used, by names as long as they may be."""
    key = store.connect()
    key.delete_at(timezone.now() - timedelta(hours=1), timedelta(hours=24))
    store.verify()
    old, _pair = store.new_key(name="Luma, to be replaced" * 12)
    old.delete_at(timezone.now())
    old.record("last_used", timezone.now(), Caller(uuid4(), "Luma outlet " * 20))
    old.record("refused", timezone.now(), Caller(uuid4(), "LumaOutlet" * 25))
    page.goto(f"{PORTAL}?deleted=on")
    expect(page.get_by_text("Still used")).to_have_count(2)


def many_keys(store: Store, page: Page) -> None:
    """List the last page of the sandbox keys, in the order of their names."""
    key, _pair = store.new_key()
    keys = [ApiKey(account=key.account, environment="sandbox", name=f"Luma {number}") for number in range(45)]
    ApiKey.objects.bulk_create(keys)
    page.goto(f"{PORTAL}?show=sandbox&sort=name&page=3")
    expect(page.get_by_text("46 records found")).to_be_visible()


def no_more_keys(store: Store, page: Page) -> None:
    key, _pair = store.new_key(environment="sandbox")
    keys = [ApiKey(account=key.account, environment="sandbox", name="Luma") for _number in range(WORKING_KEYS.number)]
    ApiKey.objects.bulk_create(keys)
    page.goto(PORTAL)
    page.get_by_text("Add a key").click()
    page.get_by_label("Environment").first.select_option("sandbox")
    page.get_by_label("Name").first.fill("Luma staging")
    page.get_by_role("button", name="Add New").click()
    expect(page.get_by_role("alert")).to_contain_text("cannot have more")


def no_more_accounts(store: Store, page: Page) -> None:
    made = [Account(organization_name="Luma", created_by=store.owner) for _number in range(NEW_ACCOUNTS.number)]
    Account.objects.bulk_create(made)
    page.goto(CREATE_ACCOUNT)
    page.get_by_label("Organization name").fill("Luma Outlet")
    page.get_by_role("button", name="Create an account").click()
    expect(page.get_by_role("alert")).to_contain_text("Try again tomorrow")


def delete_unused(store: Store, page: Page) -> None:
    key, _pair = store.new_key()
    page.goto(f"{PORTAL}{key.pk}/delete/")
    expect(page.get_by_text("This key is in use")).to_have_count(0)


def delete_used(store: Store, page: Page) -> None:
    key = store.connect()
    page.goto(f"{PORTAL}{key.pk}/delete/")
    expect(page.get_by_text("This key is in use")).to_be_visible()


def delete_sooner(store: Store, page: Page) -> None:
    keys_on_their_way_out(store, page)
    wait_for_scripts(page)
    page.get_by_role("link", name="Delete").first.click()
    expect(page.get_by_text("It is to be deleted on")).to_be_visible()


def two_accounts(store: Store, page: Page) -> None:
    Account.objects.create_with_owner(store.owner, organization_name="Luma Outlet", edition=Edition.OPEN_SOURCE)
    page.goto(ACCOUNT)


def many_accounts(store: Store, page: Page) -> None:
    """List the last page of many accounts."""
    accounts = Account.objects.bulk_create(Account(organization_name=f"Luma {number}") for number in range(45))
    roles = [Membership(account=account, user=store.owner, role=Role.LICENSE_OWNER) for account in accounts]
    Membership.objects.bulk_create(roles)
    page.goto(f"{ACCOUNT}?page=3")
    expect(page.get_by_text("46 records found")).to_be_visible()


def access_of_dozens(store: Store, page: Page) -> None:
    """List the last page of the people with access."""
    people = User.objects.bulk_create(User(username=f"luma{number}") for number in range(45))
    roles = [Membership(account=store.account, user=person, role=Role.SHARED_ACCESS) for person in people]
    Membership.objects.bulk_create(roles)
    page.goto(f"{SHARED_ACCESS}?page=2")
    expect(page.get_by_role("link", name="Previous")).to_be_visible()


def access_of_many(store: Store, page: Page) -> None:
    """Share the account with people whose names are as long as they may be."""
    name = f"{'maximiliane' * 10}@luma.example"
    person = User.objects.create(username=name, email=name, first_name="Maximiliane " * 10, last_name="Luma" * 20)
    Membership.objects.share(store.account, person)
    page.goto(SHARED_ACCESS)


def broken_gateway(store: Store, _page: Page) -> None:
    store.fail("slow", seconds=5)


def broken_rows(store: Store, page: Page) -> None:
    """List a row of each feed that could not be read, with a text as long as it may be."""
    store.connect()
    now = timezone.now()
    with transaction.atomic():
        source = FeedSource.objects.lock(DataSpace.objects.get(type="Production"), "production", now)
        rows = [unread_row(source, feed, {"state": "Processing" * 25}, Unreadable.NO_ID) for feed in Feed]
        UnreadRow.objects.filter(source=source).keep([*rows, unread_row(source, Feed.ORDERS, 7, Unreadable.NO_OBJECT)])
    page.goto(FAULTS)
    expect(page.get_by_role("button", name="Forget them")).to_be_visible()


def refused_fault(_store: Store, page: Page) -> None:
    page.goto(FAULTS)
    page.get_by_label("The gateway answers").first.select_option("slow")
    page.get_by_label("Seconds").first.fill("-5")
    page.get_by_role("button", name="Switch", exact=True).first.click()
    expect(page.get_by_text("Enter 0 or more seconds")).to_be_visible()


STATES: dict[str, State] = {
    "portal-empty": at(PORTAL),
    "portal-new-key": new_key_dialog,
    "portal-keys": at(PORTAL, is_connected=True),
    "portal-another-key": form_of_another_key,
    "portal-deleted-keys": after(keys_on_their_way_out, at(PORTAL)),
    "portal-many-keys": many_keys,
    "portal-key-refused": refused(at(PORTAL), "Name", " ", presses="Add New"),
    "portal-key-made-before": made_before,
    "portal-no-more-keys": no_more_keys,
    "portal-delete": delete_unused,
    "portal-on-their-way-out": keys_on_their_way_out,
    "portal-delete-sooner": delete_sooner,
    "portal-delete-used": delete_used,
    "portal-delete-refused": refused(delete_used, "Name of the key", "Luma", presses="Delete key"),
    "portal-shared": seen_by("developer", at(PORTAL, is_connected=True)),
    "portal-stranger": seen_by("merchant", at(PORTAL)),
    "shared-access": access_of_many,
    "shared-access-many": access_of_dozens,
    "shared-access-refused": refused(
        with_password(at(SHARED_ACCESS)), "Email or user name", "nobody", presses="Share access"
    ),
    "shared-access-remove": at(SHARED_ACCESS, opens="Remove : developer"),
    "shared-access-shared": seen_by("developer", at(SHARED_ACCESS)),
    "shared-access-stranger": seen_by("merchant", at(SHARED_ACCESS)),
    "my-account": at(ACCOUNT),
    "my-account-two": two_accounts,
    "my-account-many": many_accounts,
    "my-account-shared": seen_by("developer", at(ACCOUNT)),
    "my-account-stranger": seen_by("merchant", at(ACCOUNT)),
    "create-account": at(CREATE_ACCOUNT),
    "create-account-refused": refused(at(CREATE_ACCOUNT), "Organization name", " ", presses="Create an account"),
    "create-account-no-more": no_more_accounts,
    "faults": at(FAULTS),
    "faults-onboarding": at(FAULTS, is_connected=True),
    "faults-on": after(broken_gateway, at(FAULTS)),
    "faults-unread-rows": broken_rows,
    "faults-refused": refused_fault,
}
