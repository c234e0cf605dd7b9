"""System: users, roles, the action log and the encryption key."""

from django.contrib.auth.models import Group, Permission, User
from playwright.sync_api import Page, expect

from backend.audit.action_log import record
from backend.audit.actor import Actor
from connector.models import KeyPair
from tests.addresses import ACTION_LOG, ENCRYPTION_KEY, ROLES, USERS
from tests.backend.people.second_factors import give_app
from tests.browser.states.making import State, after, at, refused, seen_by, with_password
from tests.browser.store import Store


def filtered_users(_store: Store, page: Page) -> None:
    page.goto(f"{USERS}?role=none&sort=-email")
    expect(page.get_by_text("Nothing matches")).to_be_visible()


def refused_user(_store: Store, page: Page) -> None:
    page.goto(f"{USERS}add/")
    page.get_by_label("User name").fill("ADMIN")
    page.get_by_role("button", name="Save User").click()
    expect(page.get_by_role("alert")).to_be_visible()


def own_role(_store: Store, page: Page) -> None:
    role = Group.objects.get(name="Merchant")
    role.permissions.add(*Permission.objects.filter(codename__in=["view_group", "change_group", "view_user"]))
    page.goto(f"{ROLES}{role.pk}/change/")


def action_log(store: Store, page: Page) -> None:
    store.connect()
    who = Actor(name="admin", address="192.0.2.7")
    record("project_renamed", "Luma Europe", before="name: Luma", after="name: Luma Europe", who=who)
    page.goto(f"{ACTION_LOG}?sort=action")
    page.locator("summary", has_text="Show").first.click()


def long_names(_store: Store, page: Page) -> None:
    """List people and roles by names as long as they may be, without a place where a line could end."""
    role = Group.objects.create(name="Donaudampfschiff" * 9)
    name = f"{'maximiliane' * 10}@luma.example"
    User.objects.create(username=name, email=name, first_name="Maximiliane " * 10).groups.add(role)
    who = Actor(name=name, address="2001:db8:1111:2222:3333:4444:5555:6666")
    record("project_renamed", "LumaOutlet" * 25, before=f"name: {'Luma' * 200}", who=who)
    page.goto(USERS)


def rotated(store: Store, _page: Page) -> None:
    """Use a new encryption key, after the sandbox pair was encrypted with the one before."""
    store.enter_new_key()
    store.rotate()


def reencrypted(store: Store, page: Page) -> None:
    rotated(store, page)
    page.goto(ENCRYPTION_KEY)
    page.get_by_role("link", name="Re-encrypt now").click()
    page.get_by_role("button", name="Re-encrypt", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("2 stored values were re-encrypted")


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


def delete_user(_store: Store, page: Page) -> None:
    page.goto(f"{USERS}{User.objects.get(username='developer').pk}/delete/")


def delete_role(_store: Store, page: Page) -> None:
    page.goto(f"{ROLES}{Group.objects.get(name='Merchant').pk}/delete/")


def lost_factor(_store: Store, page: Page) -> None:
    """Open a person who has a second factor, and the dialog that removes it."""
    give_app(User.objects.get(username="developer"))
    page.goto(USERS)
    page.get_by_role("link", name="developer").click()
    page.get_by_role("link", name="Remove Second Factor").click()
    expect(page.get_by_role("dialog")).to_be_visible()


STATES: dict[str, State] = {
    "encryption-key": after(rotated, at(ENCRYPTION_KEY)),
    "encryption-key-reencrypt": after(rotated, at(ENCRYPTION_KEY, opens="Re-encrypt now")),
    "encryption-key-reencrypted": reencrypted,
    "encryption-key-unopened": values_unopened,
    "encryption-key-new": new_encryption_key,
    "action-log": action_log,
    "action-log-long-names": after(long_names, at(ACTION_LOG)),
    "action-log-filtered": at(f"{ACTION_LOG}?action=verified&start=x", is_connected=True),
    "action-log-nothing-found": at(f"{ACTION_LOG}?q=nothing-like-this"),
    "users": at(USERS),
    "users-long-names": long_names,
    "users-nobody": filtered_users,
    "user-new": at(f"{USERS}add/"),
    "user-refused": refused_user,
    "user-self": at(USERS, follows="admin"),
    "user-other": at(USERS, follows="developer"),
    "user-remove-second-factor": lost_factor,
    "user-delete": delete_user,
    "user-delete-refused": refused(with_password(delete_user), "User name", "somebody else", presses="Delete User"),
    "roles": at(ROLES),
    "roles-long-names": after(long_names, at(ROLES)),
    "role-new": at(f"{ROLES}add/"),
    "role-other": at(ROLES, follows="Integrator"),
    "role-own": seen_by("merchant", own_role),
    "role-refused": refused(with_password(at(f"{ROLES}add/")), "Role name", " ", presses="Save Role"),
    "role-delete": delete_role,
    "role-delete-refused": refused(with_password(delete_role), "Role name", "another role", presses="Delete Role"),
}
