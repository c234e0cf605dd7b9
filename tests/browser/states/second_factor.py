"""Two-Factor Authentication: adding it, removing it, and signing in with it."""

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from tests.addresses import LOGIN
from tests.backend.people.second_factors import SECOND_STEP, TWO_FACTOR, give_app, give_codes, give_passkey
from tests.browser.states.making import State, after, at
from tests.browser.store import Store
from tests.factories import PASSWORD


def with_factor(_store: Store, page: Page) -> None:
    """Let the administrator have an app and two recovery codes."""
    admin = User.objects.get(username="admin")
    give_app(admin)
    give_codes(admin)
    recovery = Authenticator.objects.get(type="recovery_codes")
    recovery.data["used_mask"] = 255
    recovery.save()
    for name in ("Phone", "A security key that I keep in the drawer of my desk"):
        give_passkey(admin, name=name)
    page.goto(TWO_FACTOR)


def removing(store: Store, page: Page) -> None:
    with_factor(store, page)
    page.get_by_role("link", name="Remove the app").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def renaming_passkey(_store: Store, page: Page) -> None:
    page.get_by_role("link", name="Rename").filter(has_text="Phone").click()
    expect(page.get_by_label("Name")).to_have_value("Phone")


def removing_passkey(_store: Store, page: Page) -> None:
    page.get_by_role("link", name="Remove").filter(has_text="Phone").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def new_codes(store: Store, page: Page) -> None:
    with_factor(store, page)
    page.get_by_role("link", name="Make new codes").click()
    page.get_by_role("button", name="Make new codes").click()
    expect(page.get_by_role("dialog", name="Keep your recovery codes")).to_be_visible()


def refused_app(_store: Store, page: Page) -> None:
    page.goto(f"{TWO_FACTOR}app/add/")
    page.get_by_label("Code", exact=True).fill("000000")
    page.get_by_role("button", name="Add the app").click()
    expect(page.get_by_text("This is not the code that the app shows now.")).to_be_visible()


def second_step(store: Store, page: Page) -> None:
    """Type the password of somebody who has a second factor."""
    with_factor(store, page)
    page.context.clear_cookies()
    page.goto(LOGIN)
    page.get_by_label("User name").fill("admin")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"**{SECOND_STEP}")


def refused_second_step(store: Store, page: Page) -> None:
    second_step(store, page)
    page.get_by_label("Code of your authenticator app").fill("000000")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()


STATES: dict[str, State] = {
    "two-factor": at(TWO_FACTOR),
    "two-factor-few-codes": with_factor,
    "two-factor-add-app": at(f"{TWO_FACTOR}app/add/"),
    "two-factor-add-app-refused": refused_app,
    "two-factor-remove-app": removing,
    "two-factor-new-codes": new_codes,
    "two-factor-add-passkey": at(f"{TWO_FACTOR}passkeys/add/"),
    "two-factor-rename-passkey": after(with_factor, renaming_passkey),
    "two-factor-remove-passkey": after(with_factor, removing_passkey),
    "sign-in-second-step": second_step,
    "sign-in-second-step-refused": refused_second_step,
}
