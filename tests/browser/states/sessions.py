"""Signing in and out, and a session that ends."""

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from backend.frame.reauthentication import CONFIRMED_AT
from backend.frame.session import BEGAN_AT, SessionStore, stored_key
from backend.people import mail
from backend.people.models import PasswordState
from tests.addresses import CHANGE_PASSWORD, CONFIGURATION, FORGOT_PASSWORD, LOGIN, SESSIONS, USERS
from tests.backend.people.second_factors import give_app, give_passkey
from tests.browser.states.making import State, after, at, refused
from tests.browser.store import Store
from tests.browser.visit import wait_for_scripts
from tests.factories import PASSWORD


def sign_in(_store: Store, page: Page) -> None:
    page.context.clear_cookies()
    page.goto(LOGIN)


def refused_sign_in(_store: Store, page: Page) -> None:
    page.context.clear_cookies()
    page.goto(LOGIN)
    page.get_by_label("User name").fill("admin")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()


def fill_in(page: Page, username: str) -> None:
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def sign_in_as(page: Page, username: str) -> None:
    page.goto(LOGIN)
    fill_in(page, username)
    page.wait_for_url("**/admin/")


def warned(page: Page) -> None:
    """Wait on the Dashboard until the session has less than five minutes left."""
    page.context.clear_cookies()
    page.clock.install()
    page.goto(LOGIN)
    page.evaluate("localStorage.clear()")
    sign_in_as(page, "admin")
    wait_for_scripts(page)
    page.clock.fast_forward((settings.SESSION_IDLE_S - 4 * 60) * 1000)
    expect(page.get_by_role("alertdialog")).to_be_visible()


def at_last(page: Page) -> None:
    """Wait on the Dashboard until the session ends whatever anybody does."""
    page.goto(LOGIN)
    page.context.clear_cookies()
    sign_in_as(page, "admin")
    [cookie] = [cookie for cookie in page.context.cookies() if cookie["name"] == "sessionid"]
    session = SessionStore(cookie["value"])
    session[BEGAN_AT] -= settings.SESSION_ABSOLUTE_S - 4 * 60
    session.save()
    page.reload()
    expect(page.get_by_role("alertdialog", name="Your session cannot be extended")).to_be_visible()


def ended(page: Page) -> None:
    """Wait on the Dashboard until the session has ended."""
    warned(page)
    page.clock.fast_forward(5 * 60 * 1000)
    expect(page.get_by_role("alertdialog", name="Your session has ended")).to_be_visible()


def let_session_end(page: Page) -> None:
    """Let the session of `page` end by its time."""
    keys = [stored_key(cookie["value"]) for cookie in page.context.cookies() if cookie["name"] == "sessionid"]
    assert Session.objects.filter(session_key__in=keys).update(expire_date=timezone.now()) == 1


def let_time_pass(page: Page) -> None:
    """Let so much time pass that the person of `page` is asked again who they are."""
    key = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "sessionid")
    session = SessionStore(key)
    session[CONFIRMED_AT] = 0
    session.save()


def asked_again(store: Store, page: Page) -> None:
    """Remove the keys a long time after signing in."""
    store.connect()
    let_time_pass(page)
    page.goto(f"{CONFIGURATION}remove-keys/sandbox/")
    expect(page.get_by_role("heading", name="Is it you?")).to_be_visible()


def asked_by(way: str) -> State:
    """Return the state after `way` was chosen in place of the password."""

    def asked(store: Store, page: Page) -> None:
        give_app(store.owner)
        give_passkey(store.owner)
        asked_again(store, page)
        page.get_by_role("link", name=way).click()
        expect(page.get_by_role("link", name="Use your password instead")).to_be_visible()

    return asked


def asked_after_a_form(store: Store, page: Page) -> None:
    """Send the form of a dialog too late."""
    store.connect()
    page.goto(f"{CONFIGURATION}remove-keys/sandbox/")
    page.get_by_role("dialog").get_by_role("textbox").fill("Sandbox")
    let_time_pass(page)
    page.get_by_role("button", name="Remove keys", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was changed")


def given_password(_store: Store, page: Page) -> None:
    """Sign in with a password that somebody else has set, and choose one that is refused."""
    page.context.clear_cookies()
    PasswordState.objects.given(User.objects.get(username="merchant"))
    page.goto(LOGIN)
    fill_in(page, "merchant")
    page.get_by_label("Your Password").fill(PASSWORD)
    for label in ("New password", "New password, again"):
        page.get_by_label(label, exact=True).fill("Commerce2026")
    page.get_by_role("button", name="Change Password").click()
    expect(page.get_by_text("This password is easy to guess")).to_be_visible()


def reset_link(_store: Store, page: Page) -> None:
    """Open the link to a new password."""
    page.context.clear_cookies()
    person = User.objects.get(username="merchant")
    page.goto(f"{FORGOT_PASSWORD}key/{user_pk_to_url_str(person)}-{default_token_generator.make_token(person)}/")
    expect(page.get_by_role("button", name="Set Password")).to_be_visible()


def without_mail(_store: Store, page: Page) -> None:
    """Ask for a new password where no e-mail can be sent."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mail, "is_set_up", lambda: False)
        page.goto(FORGOT_PASSWORD)
        expect(page.get_by_text("Ask an administrator")).to_be_visible()


def lost_session(store: Store, page: Page) -> None:
    """Save the configuration after the session ended."""
    store.connect()
    page.goto(CONFIGURATION)
    let_session_end(page)
    page.get_by_role("button", name="Save Config").click()
    expect(page.get_by_text("Your session had ended")).to_be_visible()


def outdated_form(store: Store, page: Page) -> None:
    """Save the configuration after the browser lost its token."""
    store.connect()
    page.goto(CONFIGURATION)
    page.context.clear_cookies(name="csrftoken")
    page.get_by_role("button", name="Save Config").click()
    expect(page.get_by_role("link", name="Back to the form")).to_be_visible()


def user_sign_out(_store: Store, page: Page) -> None:
    page.goto(f"{USERS}{User.objects.get(username='admin').pk}/sign-out/")


def everywhere(store: Store, page: Page) -> None:
    """Be signed in with three browsers."""
    for name, address in (
        ("iPhone Version/17.4 Safari/604.1", "2001:db8:1111:2222:3333:4444:5555:6666"),
        ("", "192.0.2.7"),
    ):
        Client(headers={"user-agent": name}, REMOTE_ADDR=address).post(LOGIN, {"login": "admin", "password": PASSWORD})
    sign_in(store, page)
    sign_in_as(page, "admin")


def asks_before_signing_out(store: Store, page: Page) -> None:
    """Open the list of sessions a long time after signing in."""
    everywhere(store, page)
    let_time_pass(page)
    page.goto(SESSIONS)


STATES: dict[str, State] = {
    "change-password": at(CHANGE_PASSWORD),
    "given-password": given_password,
    "sessions": after(everywhere, at(SESSIONS)),
    "sessions-others-ended": after(everywhere, at(SESSIONS, presses="Sign Out Others")),
    "sessions-asking-first": asks_before_signing_out,
    "user-sign-out": after(everywhere, user_sign_out),
    "forgot-password": at(FORGOT_PASSWORD),
    "forgot-password-without-mail": without_mail,
    "reset-link": reset_link,
    "reset-link-used": at(f"{FORGOT_PASSWORD}key/1-used/"),
    "reset-sent": at(f"{FORGOT_PASSWORD}done/"),
    "sign-in": sign_in,
    "sign-in-refused": refused_sign_in,
    "sign-out": at("/admin/logout/"),
    "sign-in-after-a-lost-session": lost_session,
    "identity": asked_again,
    "identity-refused": refused(asked_again, "Your Password", "not this one", presses="Confirm"),
    "identity-after-a-form": asked_after_a_form,
    "identity-code": asked_by("Use a code instead"),
    "identity-code-refused": refused(asked_by("Use a code instead"), "Code", "000", presses="Confirm"),
    "identity-passkey": asked_by("Use a passkey instead"),
    "session-ends-soon": lambda _store, page: warned(page),
    "session-cannot-be-extended": lambda _store, page: at_last(page),
    "session-ended": lambda _store, page: ended(page),
    "form-out-of-date": outdated_form,
}
