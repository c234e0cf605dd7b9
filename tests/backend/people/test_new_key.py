"""When people show again who they are, the session gets a new key; nothing else of it changes."""

from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection
from django.test import Client

from backend.frame.session import BEGAN_AT, SessionStore, end_session, end_sessions
from tests.addresses import ACCOUNT_SETTING, DASHBOARD, LOGIN, REAUTHENTICATE, SESSIONS, USERS
from tests.backend.people.second_factors import give_codes, is_in
from tests.conftest import signed_in, stored_key_of
from tests.factories import PASSWORD
from tests.markup import text

pytestmark = pytest.mark.django_db
NEW = "nobody else has these words"


@pytest.fixture
def client(known: User) -> Client:
    """The browser of Alice, who has signed in."""
    client = Client()
    client.post(LOGIN, {"login": "alice", "password": PASSWORD})
    return client


def key_of(client: Client) -> str:
    key: str = client.cookies["sessionid"].value
    return key


def with_key(key: str) -> Client:
    """Return a browser with a key of a session in its cookie."""
    client = Client()
    client.cookies["sessionid"] = key
    return client


def confirm(client: Client, address: str = DASHBOARD) -> Any:
    return client.post(REAUTHENTICATE, {"password": PASSWORD, "next": address})


def test_the_former_key_opens_nothing_any_more(client: Client) -> None:
    former = key_of(client)
    confirm(client)
    assert key_of(client) != former
    assert (is_in(client), is_in(with_key(former))) == (True, False)


def test_a_code_gives_a_new_key_too(client: Client, known: User) -> None:
    former = key_of(client)
    client.post(f"{REAUTHENTICATE}code/", {"code": give_codes(known)[0]})
    assert key_of(client) != former
    assert is_in(client)


@pytest.mark.parametrize(
    ("address", "form"),
    [
        (ACCOUNT_SETTING, {"first_name": "Alice"}),
        (f"{USERS}add/", {"username": "erin", "password": NEW, "password_again": NEW}),
        (f"{USERS}add/", {"username": ""}),
    ],
    ids=["one's own account", "somebody else", "a form that is refused"],
)
def test_the_password_in_a_form_gives_a_new_key_too(client: Client, address: str, form: dict[str, str]) -> None:
    former = key_of(client)
    client.post(address, form | {"present_password": PASSWORD})
    assert key_of(client) != former
    assert (is_in(client), is_in(with_key(former))) == (True, False)


def test_a_wrong_password_in_a_form_keeps_the_key(client: Client) -> None:
    former = key_of(client)
    client.post(ACCOUNT_SETTING, {"first_name": "Alice", "present_password": "wrong"})
    assert key_of(client) == former
    assert is_in(client)


def test_nobody_is_signed_out_by_a_form_that_cannot_be_saved(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise OperationalError

    former = key_of(client)
    monkeypatch.setattr(User, "save", fail)
    client.raise_request_exception = False
    answer = client.post(ACCOUNT_SETTING, {"first_name": "Alice", "present_password": PASSWORD})
    assert answer.status_code >= 500
    assert key_of(client) != former
    assert is_in(client)


def test_a_form_of_a_session_that_was_ended_meanwhile_changes_nothing(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = User.check_password

    def end_meanwhile(person: User, typed: str) -> bool:
        end_sessions(person)
        return check(person, typed)

    monkeypatch.setattr(User, "check_password", end_meanwhile)
    answer = client.post(ACCOUNT_SETTING, {"first_name": "Mallory", "present_password": PASSWORD})
    assert answer.headers["Location"].startswith(LOGIN)
    assert not User.objects.filter(first_name="Mallory").exists()
    assert not Session.objects.exists()


def test_a_wrong_password_keeps_the_key(client: Client) -> None:
    former = key_of(client)
    client.post(REAUTHENTICATE, {"password": "wrong"})
    assert key_of(client) == former
    assert is_in(client)


def test_it_is_the_same_session_in_the_list_and_ends_when_it_would_have(client: Client) -> None:
    began, row, end = client.session[BEGAN_AT], UserSession.objects.get(), Session.objects.get().expire_date
    confirm(client)
    assert client.session[BEGAN_AT] == began
    assert Session.objects.get().expire_date == end
    [listed] = UserSession.objects.all()
    assert (listed.pk, listed.created_at) == (row.pk, row.created_at)
    assert listed.session_key == Session.objects.get().pk == stored_key_of(client)
    assert "This session" in text(client.get(SESSIONS))


def test_a_form_that_another_tab_has_open_can_still_be_sent(known: User) -> None:
    browser = signed_in(known, enforce_csrf_checks=True)
    browser.get(f"{USERS}add/")
    token = {"csrfmiddlewaretoken": browser.cookies["csrftoken"].value}
    assert browser.post(REAUTHENTICATE, {"password": PASSWORD} | token).status_code == 302
    new = {"username": "erin", "password": NEW, "password_again": NEW, "present_password": PASSWORD}
    assert browser.post(f"{USERS}add/", new | token).status_code == 302
    assert User.objects.filter(username="erin").exists()


def test_a_request_that_was_on_its_way_with_the_former_key_deletes_no_cookie(client: Client) -> None:
    former = key_of(client)
    confirm(client)
    late = with_key(former).get(ACCOUNT_SETTING)
    assert late.headers["Location"] == f"{LOGIN}?next={ACCOUNT_SETTING}"
    assert "sessionid" not in late.cookies
    # The browser follows with the new key, which leads on.
    assert client.get(late.headers["Location"]).headers["Location"] == ACCOUNT_SETTING


def test_a_request_that_read_the_session_before_cannot_bring_the_former_key_back(client: Client) -> None:
    earlier = SessionStore(key_of(client))
    earlier["anything"] = 1
    confirm(client)
    with pytest.raises(UpdateError):
        earlier.save()
    assert Session.objects.get().pk == stored_key_of(client)


def test_a_session_that_was_ended_meanwhile_stays_ended(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    check = User.check_password

    def end_meanwhile(person: User, typed: str) -> bool:
        end_sessions(person)
        return check(person, typed)

    monkeypatch.setattr(User, "check_password", end_meanwhile)
    former = key_of(client)
    answer = confirm(client, SESSIONS)
    assert answer.headers["Location"] == f"{LOGIN}?next={SESSIONS}"
    assert not Session.objects.exists()
    assert not UserSession.objects.exists()
    assert not is_in(with_key(former))


def test_a_form_that_is_sent_twice_leads_on(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    check, twin = User.check_password, with_key(key_of(client))
    answers: list[Any] = []

    def send_the_other_meanwhile(person: User, typed: str) -> bool:
        monkeypatch.setattr(User, "check_password", check)
        answers.append(confirm(client, SESSIONS))
        return check(person, typed)

    monkeypatch.setattr(User, "check_password", send_the_other_meanwhile)
    late = confirm(twin, SESSIONS)
    assert answers[0].headers["Location"] == SESSIONS
    assert late.headers["Location"] == f"{LOGIN}?next={SESSIONS}"
    assert "sessionid" not in late.cookies
    assert client.get(late.headers["Location"]).headers["Location"] == SESSIONS


def test_a_session_that_has_ended_gets_no_new_key(client: Client, known: User) -> None:
    store = SessionStore(key_of(client))
    assert store[BEGAN_AT]
    end_sessions(known)
    with pytest.raises(SessionInterrupted):
        store.renew_key()
    assert not Session.objects.exists()


@pytest.mark.parametrize("how", ["all", "one"])
def test_a_session_that_gets_a_new_key_while_it_is_ended_ends(client: Client, known: User, how: str) -> None:
    store = SessionStore(key_of(client))
    renewed: list[str] = []

    def renew_first(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith('DELETE FROM "django_session"') and not renewed:
            renewed.append(sql)
            store.renew_key()
        return execute(sql, *rest)

    with connection.execute_wrapper(renew_first):
        if how == "all":
            assert end_sessions(known) == 1
        else:
            end_session(UserSession.objects.get())
    assert renewed
    assert not Session.objects.exists()
    assert not UserSession.objects.exists()
