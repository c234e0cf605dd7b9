"""What the database has of a session, and what ends with it."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from backend.frame.session import end_sessions, stored_key
from tests.addresses import DASHBOARD, LOGIN
from tests.conftest import signed_in, stored_key_of
from tests.factories import PASSWORD


def sign_in(username: str = "alice") -> Client:
    client = Client()
    assert client.post(LOGIN, {"login": username, "password": PASSWORD}).status_code == 302
    return client


def is_signed_in(client: Client) -> bool:
    return client.get(DASHBOARD).status_code == 200


def test_the_database_has_nothing_that_a_cookie_could_say(known: User) -> None:
    client = sign_in()
    secret = client.cookies["sessionid"].value
    [session], [listed] = Session.objects.values(), UserSession.objects.values()
    assert secret not in f"{session} {listed}"
    assert session["session_key"] == listed["session_key"] == stored_key_of(client)


def test_what_the_database_has_signs_nobody_in(known: User) -> None:
    client = sign_in()
    client.cookies["sessionid"] = stored_key_of(client)
    assert not is_signed_in(client)


def test_signing_out_leaves_nothing_of_the_session(known: User) -> None:
    client = sign_in()
    secret = client.cookies["sessionid"].value
    client.post("/admin/logout/")
    assert not Session.objects.exists()
    assert not UserSession.objects.exists()
    client.cookies["sessionid"] = secret
    assert not is_signed_in(client)


def test_who_signs_in_where_somebody_was_takes_no_session_over(known: User, bob: User) -> None:
    client = signed_in(bob)
    key = stored_key_of(client)
    client.force_login(known)
    assert stored_key_of(client) != key
    assert Session.objects.count() == 1


def test_all_sessions_of_a_person_end_and_no_other(known: User, bob: User) -> None:
    hers, unlisted, his = sign_in(), signed_in(known), signed_in(bob)
    Session.objects.create(session_key="nobody", session_data="-", expire_date=timezone.now() + timedelta(hours=1))
    assert UserSession.objects.count() == 1
    assert end_sessions(known) == 2
    assert (is_signed_in(hers), is_signed_in(unlisted), is_signed_in(his)) == (False, False, True)
    assert not UserSession.objects.filter(user=known).exists()


def test_a_session_that_goes_on_does_not_end(known: User) -> None:
    kept, other = sign_in(), sign_in()
    assert end_sessions(known, keep=stored_key_of(kept)) == 1
    assert (is_signed_in(kept), is_signed_in(other)) == (True, False)
    assert UserSession.objects.get().session_key == stored_key_of(kept)


def test_a_new_key_keeps_its_place_in_the_list(known: User) -> None:
    session = sign_in().session
    row = UserSession.objects.get()
    session.cycle_key()
    row.refresh_from_db()
    assert row.session_key == Session.objects.get().pk == stored_key(str(session.session_key))


@pytest.mark.parametrize("minutes", [1, -1])
def test_maintain_forgets_sessions_that_have_ended(known: User, minutes: int) -> None:
    sign_in()
    Session.objects.update(expire_date=timezone.now() + timedelta(minutes=minutes))
    call_command("maintain")
    assert Session.objects.count() == UserSession.objects.count() == (minutes > 0)


def test_behind_a_broken_proxy_a_session_is_not_in_the_list(known: User) -> None:
    client = Client(REMOTE_ADDR="")
    client.force_login(known)
    assert is_signed_in(client)
    assert not UserSession.objects.exists()
