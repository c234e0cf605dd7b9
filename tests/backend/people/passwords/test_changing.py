"""A password that somebody else has set is changed at the next sign-in."""

import io
from pathlib import Path

import pytest
from django.contrib.auth.management.commands import changepassword
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from backend.audit.actor import SHELL
from backend.audit.models import LoggedAction
from backend.people.actions import Action
from backend.people.models import PasswordState
from tests.addresses import (
    ACCOUNT_SETTING,
    ACTION_LOG,
    CHANGE_PASSWORD,
    DASHBOARD,
    LOGIN,
    LOGOUT,
    NOTIFICATIONS,
    SESSIONS,
    USERS,
)
from tests.backend.people.conftest import Meanwhile
from tests.conftest import signed_in
from tests.factories import PASSWORD
from tests.markup import field_error, text

pytestmark = pytest.mark.django_db
GIVEN, OWN = PASSWORD, "nobody else has these words"


@pytest.fixture
def erin(as_alice: Client) -> User:
    """Erin, whom Alice has just added."""
    sent = {
        "username": "erin",
        "is_active": "on",
        "password": GIVEN,
        "password_again": GIVEN,
        "present_password": PASSWORD,
    }
    assert as_alice.post(f"{USERS}add/", sent).status_code == 302
    return User.objects.get(username="erin")


def sign_in(password: str, name: str = "erin") -> Client:
    browser = Client()
    browser.post(LOGIN, {"login": name, "password": password})
    return browser


def has_to_change(browser: Client) -> bool:
    answer = browser.get(DASHBOARD)
    return answer.status_code == 302 and answer["Location"] == CHANGE_PASSWORD


def change(browser: Client, present: str = GIVEN, new: str = OWN, again: str = OWN) -> str:
    sent = {"present_password": present, "password": new, "password_again": again}
    return text(browser.post(CHANGE_PASSWORD, sent, follow=True))


def test_a_new_person_chooses_a_password_before_anything_else(erin: User) -> None:
    browser = sign_in(GIVEN)
    assert has_to_change(browser)
    assert "Somebody else has set your password." in text(browser.get(CHANGE_PASSWORD))
    assert "Your password was changed." in change(browser)
    assert browser.get(DASHBOARD).status_code == 200
    assert not has_to_change(sign_in(OWN))
    assert "sessionid" not in sign_in(GIVEN).cookies
    row = LoggedAction.objects.filter(action=Action.USER_CHANGED).latest("pk")
    assert (row.subject, row.user_name) == ("erin", "erin")
    assert "password: changed" in row.after
    assert OWN not in str(LoggedAction.objects.values())


def new_password_leads_to(browser: Client, **more: str) -> str:
    sent = {"present_password": GIVEN, "password": OWN, "password_again": OWN}
    address: str = browser.post(CHANGE_PASSWORD, sent | more)["Location"]
    return address


def test_after_it_the_page_that_was_wanted_opens(erin: User) -> None:
    browser, wanted = Client(), f"{ACCOUNT_SETTING}?tab=1"
    answer = browser.post(LOGIN, {"login": "erin", "password": GIVEN, "next": wanted})
    assert browser.get(answer["Location"])["Location"] == CHANGE_PASSWORD
    # What a page fetches, or a form that is sent, is no page that anybody wants.
    browser.get(NOTIFICATIONS, headers={"x-requested-with": "fetch"})
    browser.post(SESSIONS)
    assert new_password_leads_to(browser) == wanted
    assert browser.get(wanted).status_code == 200


@pytest.mark.parametrize("address", ["https://elsewhere.test/", "//elsewhere.test/", "javascript:alert(1)"])
def test_after_it_nobody_is_led_elsewhere(erin: User, address: str) -> None:
    browser = Client()
    browser.post(LOGIN, {"login": "erin", "password": GIVEN, "next": address})
    browser.get(DASHBOARD)
    assert new_password_leads_to(browser, next=address) == DASHBOARD


def test_a_download_that_was_wanted_does_not_begin_by_itself(as_alice: Client, known: User) -> None:
    PasswordState.objects.given(known)
    browser = sign_in(PASSWORD, "alice")
    browser.get(f"{ACTION_LOG}export/")
    assert new_password_leads_to(browser) == DASHBOARD


@pytest.mark.parametrize(
    ("present", "new", "again", "field"),
    [
        ("wrong words altogether", OWN, OWN, "present_password"),
        (GIVEN, GIVEN, GIVEN, "password"),
        (GIVEN, "short", "short", "password"),
        (GIVEN, "Commerce2026", "Commerce2026", "password"),
        (GIVEN, OWN, f"{OWN}.", "password_again"),
        (GIVEN, "", "", "password"),
    ],
)
def test_what_does_not_do_changes_nothing(erin: User, present: str, new: str, again: str, field: str) -> None:
    browser = sign_in(GIVEN)
    page = browser.post(CHANGE_PASSWORD, {"present_password": present, "password": new, "password_again": again})
    assert field_error(page, f"id_{field}")
    assert has_to_change(browser)
    erin.refresh_from_db()
    assert erin.check_password(GIVEN)


def test_a_password_that_an_administrator_changes_counts_too(as_alice: Client, dana: User) -> None:
    sent = {"username": "dana", "is_active": "on", "groups": [dana.groups.get().pk], "present_password": PASSWORD}
    as_alice.post(f"{USERS}{dana.pk}/change/", sent)
    assert not PasswordState.objects.exists()
    as_alice.post(f"{USERS}{dana.pk}/change/", sent | {"password": GIVEN, "password_again": GIVEN})
    assert has_to_change(sign_in(GIVEN, "dana"))


def test_a_password_from_a_shell_counts_too(alice: User, tmp_path: Path) -> None:
    (tmp_path / "file").write_text(GIVEN, encoding="utf-8")
    for name in ("alice", "grace"):
        call_command("people", "admin", name, "--password-file", str(tmp_path / "file"), "--confirm", name)
        assert has_to_change(sign_in(GIVEN, name))


def test_a_password_of_the_command_of_the_framework_counts_too(known: User, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = signed_in(known)
    monkeypatch.setattr(changepassword.Command, "_get_pass", lambda *_args: GIVEN)
    call_command("changepassword", "alice", stdout=io.StringIO())
    assert browser.get(DASHBOARD).status_code == 302
    assert has_to_change(sign_in(GIVEN, "alice"))
    row = LoggedAction.objects.get(action=Action.USER_CHANGED)
    assert (row.subject, row.user_name.endswith(SHELL)) == ("alice", True)


def test_an_own_password_is_chosen_already(as_alice: Client, alice: User) -> None:
    PasswordState.objects.given(alice)
    sent = {"username": "alice", "is_active": "on", "is_superuser": "on", "present_password": PASSWORD}
    as_alice.post(f"{USERS}{alice.pk}/change/", sent | {"password": GIVEN, "password_again": GIVEN})
    assert not has_to_change(sign_in(GIVEN, "alice"))


def test_account_setting_chooses_one_too_and_not_the_same(known: User) -> None:
    browser = signed_in(known)
    PasswordState.objects.given(known)
    same = {"password": PASSWORD, "password_again": PASSWORD, "present_password": PASSWORD}
    assert "This is your current password" in field_error(browser.post(ACCOUNT_SETTING, same), "id_password")
    browser.post(ACCOUNT_SETTING, same | {"password": OWN, "password_again": OWN})
    assert not has_to_change(sign_in(OWN, "alice"))


def test_the_page_also_serves_those_who_need_not(known: User) -> None:
    browser, elsewhere = sign_in(PASSWORD, "alice"), sign_in(PASSWORD, "alice")
    page = text(browser.get(CHANGE_PASSWORD))
    assert "Somebody else" not in page
    assert "Back to Account Setting" in page
    change(browser, present=PASSWORD)
    assert browser.get(DASHBOARD).status_code == 200
    assert elsewhere.get(DASHBOARD).status_code == 302


def test_a_person_can_sign_out_instead(erin: User) -> None:
    browser = sign_in(GIVEN)
    assert browser.get(LOGOUT).status_code == 200
    browser.post(LOGOUT)
    assert has_to_change(sign_in(GIVEN))


def test_guessing_the_present_password_is_limited(erin: User) -> None:
    browser = sign_in(GIVEN)
    answers = [browser.post(CHANGE_PASSWORD, {"present_password": "wrong"}).status_code for _try in range(7)]
    assert answers[0] == 200
    assert answers[-1] == 429


@pytest.mark.parametrize("address", [CHANGE_PASSWORD, ACCOUNT_SETTING, f"{USERS}{{pk}}/change/"])
def test_who_knows_the_old_password_does_not_take_back_a_new_one(
    alice: User, meanwhile: Meanwhile, address: str
) -> None:
    client = signed_in(alice)
    meanwhile(lambda: User.objects.filter(pk=alice.pk).update(password="!"))
    sent = {"username": "alice", "present_password": PASSWORD, "password": OWN, "password_again": OWN}
    assert client.post(address.format(pk=alice.pk), sent).status_code == 403
    assert User.objects.get(pk=alice.pk).password == "!"
    assert not LoggedAction.objects.filter(action=Action.USER_CHANGED).exists()
