"""The Dashboard: what needs attention, what other people see of it, and a last check without a result."""

from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Page, expect

from backend.audit.models import LoggedAction
from backend.people.actions import Action as PeopleAction
from connector.action_log import Action
from tests.addresses import DASHBOARD
from tests.browser.states.making import State, after, at, seen_by
from tests.browser.states.payments import doubtful, key_revoked, pair_mismatch
from tests.browser.store import Store


def attention(store: Store, page: Page) -> None:
    """All that can need attention at once."""
    deleted = store.enter_new_key("production")
    store.connect()
    store.enter_new_key()
    deleted.delete_at(timezone.now())
    store.verify()
    store.rotate()
    for action, subject, name in (
        (Action.KEYS_REPLACED, "sandbox", "developer"),
        (PeopleAction.SIGN_IN_FAILED, "", ""),
        (PeopleAction.SIGN_IN_FAILED, "", "developer"),
    ):
        result = "refused" if action is PeopleAction.SIGN_IN_FAILED else "done"
        LoggedAction.objects.create(action=action, subject=subject, user_name=name, result=result)
    page.goto(DASHBOARD)
    expect(page.locator(".attention > li")).to_have_count(5)


def both_connected(store: Store, page: Page) -> None:
    store.enter_new_key("production")
    store.connect()
    page.goto(DASHBOARD)


def steps_shown(store: Store, page: Page) -> None:
    at(DASHBOARD, is_connected=True)(store, page)
    page.get_by_text("Show steps").click()


def without_role(store: Store, page: Page) -> None:
    User.objects.create_user("newcomer")
    seen_by("newcomer", at(DASHBOARD, is_connected=True))(store, page)


STATES: dict[str, State] = {
    "dashboard-attention": attention,
    "dashboard-both": both_connected,
    "dashboard-steps": steps_shown,
    "dashboard-no-result": after(doubtful, at(DASHBOARD)),
    "dashboard-deleted": after(key_revoked, at(DASHBOARD)),
    "dashboard-merchant": seen_by("merchant", at(DASHBOARD, is_connected=True)),
    "dashboard-rejected-merchant": after(seen_by("merchant", pair_mismatch), at(DASHBOARD)),
    "dashboard-without-role": without_role,
}
