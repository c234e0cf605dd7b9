"""Account Setting › Two-Factor Authentication: adding and removing an authenticator app, and recovery codes."""

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from pytest_django import Settings

from backend.audit.models import LoggedAction
from tests.addresses import ACCOUNT_SETTING, DASHBOARD
from tests.backend.people.second_factors import (
    SECRET,
    TWO_FACTOR,
    Clock,
    give_app,
    give_codes,
    type_code,
    type_password,
)
from tests.conftest import signed_in
from tests.markup import text

pytestmark = pytest.mark.django_db
ADD, REMOVE, CODES = f"{TWO_FACTOR}app/add/", f"{TWO_FACTOR}app/remove/", f"{TWO_FACTOR}recovery-codes/"


@pytest.fixture(autouse=True)
def _just_signed_in(settings: Settings) -> None:
    """Ask for no password here: that is tested elsewhere."""
    settings.MFA_REAUTHENTICATION_REQUIRED = False


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def secret_on(page: Any) -> str:
    """Return the secret that the page of a new app shows."""
    found = re.search(r'id="totp-secret">([A-Z2-7]{32})<', page.content.decode())
    assert found
    return found[1]


def codes_on(page: Any) -> list[str]:
    return re.findall(r"^\d{8}$|(?<=>)\d{8}$|^\d{8}(?=<)", page.content.decode(), re.MULTILINE)


def add_app(client: Client, clock: Clock) -> Any:
    return client.post(ADD, {"code": clock.code(secret_on(client.get(ADD)))})


def logged() -> list[tuple[str, str, str, str]]:
    rows = LoggedAction.objects.exclude(action="signed_in").order_by("pk")
    return list(rows.values_list("action", "subject", "before", "after"))


def test_account_setting_and_the_account_menu_lead_there(as_charlie: Client) -> None:
    assert as_charlie.get(DASHBOARD).content.decode().count(f'href="{TWO_FACTOR}"') == 1
    # Once in the menu, once on the page.
    assert as_charlie.get(ACCOUNT_SETTING).content.decode().count(f'href="{TWO_FACTOR}"') == 2
    assert "You sign in with your password alone." in text(as_charlie.get(TWO_FACTOR))


def test_an_app_is_added_with_its_first_code(as_charlie: Client, charlie: User, clock: Clock) -> None:
    page = add_app(as_charlie, clock)
    assert "The authenticator app was added." in text(page)
    assert len(set(codes_on(page))) == 10
    assert {*charlie.authenticator_set.values_list("type", flat=True)} == {"totp", "recovery_codes"}
    assert logged() == [("second_factor_added", "charlie", "", "totp")]


def test_the_first_code_is_used_up(known: User, clock: Clock) -> None:
    client = signed_in(known)
    secret = secret_on(client.get(ADD))
    client.post(ADD, {"code": clock.code(secret)})
    thief = Client()
    type_password(thief)
    assert type_code(thief, clock.code(secret)) == ""
    clock.wait()
    assert type_code(thief, clock.code(secret)) == DASHBOARD


def test_a_wrong_first_code_adds_nothing(as_charlie: Client, clock: Clock) -> None:
    secret = secret_on(as_charlie.get(ADD))
    page = as_charlie.post(ADD, {"code": "000000"})
    assert "This is not the code that the app shows now." in text(page)
    assert secret_on(page) == secret
    assert not Authenticator.objects.exists()


def test_opening_the_page_again_shows_the_same_secret(as_charlie: Client) -> None:
    assert secret_on(as_charlie.get(ADD)) == secret_on(as_charlie.get(ADD))


def test_the_secret_is_neither_in_the_session_nor_in_the_address(as_charlie: Client, clock: Clock) -> None:
    page = as_charlie.get(ADD)
    secret = secret_on(page)
    for session in Session.objects.all():
        assert secret not in str(session.get_decoded())
    add_app(as_charlie, clock)
    assert secret not in str(list(LoggedAction.objects.values()))
    assert secret not in str(list(Authenticator.objects.values()))


def test_the_qr_code_needs_no_weaker_policy(as_charlie: Client) -> None:
    page = as_charlie.get(ADD)
    drawn = re.search(r"<svg.*?</svg>", page.content.decode()[page.content.decode().index("qr-code") :], re.DOTALL)
    assert drawn
    assert "style" not in drawn[0]
    assert "data:" not in page.content.decode()
    assert "img-src 'self';" in page.headers["Content-Security-Policy"]


def test_a_second_app_is_not_added(as_charlie: Client, charlie: User, clock: Clock) -> None:
    give_app(charlie)
    assert as_charlie.post(ADD, {"code": clock.code()}).headers["Location"] == REMOVE
    assert Authenticator.objects.filter(type="totp").count() == 1


def test_removing_the_app_ends_the_recovery_codes(as_charlie: Client, charlie: User) -> None:
    give_app(charlie)
    give_codes(charlie)
    assert "Remove the authenticator app?" in text(as_charlie.get(REMOVE))
    assert Authenticator.objects.count() == 2
    assert as_charlie.post(REMOVE).headers["Location"] == TWO_FACTOR
    assert not Authenticator.objects.exists()
    assert logged() == [("second_factor_removed", "charlie", "totp", "")]


def test_new_recovery_codes_end_the_old_ones(known: User, clock: Clock) -> None:
    client = signed_in(known)
    give_app(known)
    old = give_codes(known)
    assert "Make new recovery codes?" in text(client.get(CODES))
    new = codes_on(client.post(CODES))
    assert not {*old} & {*new}
    assert logged() == [("recovery_codes_made", "alice", "", "codes_left: 10")]
    thief = Client()
    type_password(thief)
    assert type_code(thief, old[0]) == ""
    assert type_code(thief, new[0]) == DASHBOARD


def test_recovery_codes_are_shown_once_and_are_in_no_session_and_no_log(as_charlie: Client, clock: Clock) -> None:
    shown = codes_on(add_app(as_charlie, clock))
    everything = str([session.get_decoded() for session in Session.objects.all()])
    everything += str(list(LoggedAction.objects.values())) + as_charlie.get(TWO_FACTOR).content.decode()
    assert not [code for code in shown if code in everything]


def test_nobody_has_recovery_codes_without_a_factor(as_charlie: Client) -> None:
    assert "Add an authenticator app or a passkey first." in text(as_charlie.post(CODES))
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize(
    ("used", "warning"),
    [
        (6, ""),
        (7, "You have 3 recovery codes left. Make new ones before you need the last."),
        (9, "You have 1 recovery code left. Make new ones before you need the last."),
        (10, "You have used every recovery code. Make new ones, or a lost device locks you out."),
    ],
)
def test_the_page_warns_when_few_codes_are_left(as_charlie: Client, charlie: User, used: int, warning: str) -> None:
    give_app(charlie)
    give_codes(charlie)
    recovery = Authenticator.objects.get(type="recovery_codes")
    recovery.data["used_mask"] = 2**used - 1
    recovery.save()
    page = text(as_charlie.get(TWO_FACTOR))
    assert warning in page
    assert ("Make new ones" in page.replace("Make new codes", "")) == bool(warning)
    left = 10 - used
    assert ("None left", "1 code left", f"{left} codes left")[min(left, 2)] in page


def test_the_page_shows_no_secret(as_charlie: Client, charlie: User) -> None:
    give_app(charlie)
    given = give_codes(charlie)
    page = as_charlie.get(TWO_FACTOR).content.decode()
    assert SECRET not in page
    assert not [code for code in given if code in page]


def test_where_there_is_no_app_its_removal_leads_back(as_charlie: Client) -> None:
    assert as_charlie.post(REMOVE).headers["Location"] == TWO_FACTOR
