"""System: users, roles and the action log."""

from django.contrib.auth.models import Group, Permission, User
from playwright.sync_api import Page, expect

from tests.browser.states.making import State, at, refused, seen_by
from tests.browser.store import Store
from tests.browser.visit import ACTION_LOG, ROLES, USERS


def filtered_users(_store: Store, page: Page) -> None:
    page.goto(f"{USERS}?role=none&sort=-email")
    expect(page.get_by_text("Nothing fits")).to_be_visible()


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
    page.goto(f"{ACTION_LOG}?sort=action")
    page.locator("summary", has_text="Show").first.click()


def delete_user(_store: Store, page: Page) -> None:
    page.goto(f"{USERS}{User.objects.get(username='developer').pk}/delete/")


def delete_role(_store: Store, page: Page) -> None:
    page.goto(f"{ROLES}{Group.objects.get(name='Merchant').pk}/delete/")


STATES: dict[str, State] = {
    "action-log": action_log,
    "action-log-filtered": at(f"{ACTION_LOG}?action=verified&start=x", is_connected=True),
    "action-log-nothing-found": at(f"{ACTION_LOG}?q=nothing-like-this"),
    "users": at(USERS),
    "users-nobody": filtered_users,
    "user-new": at(f"{USERS}add/"),
    "user-refused": refused_user,
    "user-self": at(USERS, opens="admin"),
    "user-other": at(USERS, opens="developer"),
    "user-delete": delete_user,
    "user-delete-refused": refused(delete_user, "Name", "somebody else", presses="Delete User"),
    "roles": at(ROLES),
    "role-new": at(f"{ROLES}add/"),
    "role-other": at(ROLES, opens="Integrator"),
    "role-own": seen_by("merchant", own_role),
    "role-refused": refused(at(f"{ROLES}add/"), "Role name", " ", presses="Save Role"),
    "role-delete": delete_role,
    "role-delete-refused": refused(delete_role, "Name", "another role", presses="Delete Role"),
}
