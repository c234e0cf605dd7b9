"""Where people are signed in, and signing them out there."""

from datetime import timedelta

import pytest
from allauth.account.signals import password_changed
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client, RequestFactory
from django.utils import timezone

from backend.audit.models import LoggedAction
from backend.frame.reauthentication import CONFIRMED_AT
from backend.frame.session import SessionStore
from backend.people import devices
from tests.addresses import ACCOUNT_SETTING, CHANGE_PASSWORD, DASHBOARD, LOGIN, SESSIONS, USERS
from tests.conftest import signed_in, stored_key_of
from tests.factories import PASSWORD, person
from tests.markup import links, text

NEW = "a new pass phrase"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.4 Safari/605.1.15"
EDGE = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36 Edg/120.0"


def sign_in(user_agent: str = "", address: str = "127.0.0.1") -> Client:
    client = Client(headers={"user-agent": user_agent}, REMOTE_ADDR=address)
    assert client.post(LOGIN, {"login": "alice", "password": PASSWORD}).status_code == 302
    return client


def is_signed_in(client: Client) -> bool:
    return client.get(DASHBOARD).status_code == 200


def let_time_pass(client: Client) -> Client:
    """Let so much time pass that the person of `client` is asked again who they are."""
    session = client.session
    session[CONFIRMED_AT] = 0
    session.save()
    return client


def listed(client: Client) -> UserSession:
    row: UserSession = UserSession.objects.get(session_key=stored_key_of(client))
    return row


@pytest.fixture
def grace(db: None) -> User:
    return person("grace", "auth.view_user", "auth.change_user")


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (MAC, "Safari on macOS"),
        (EDGE, "Microsoft Edge on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/120.0.0.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) Version/17.4 Safari/604.1", "Safari on iPhone"),
        ("curl/8.5.0 <script>", "Unknown device"),
        ("Some Linux", "Linux"),
        ("", "Unknown device"),
    ],
)
def test_a_device_has_a_name(user_agent: str, device: str) -> None:
    assert devices.in_words(user_agent) == device


def test_the_list_has_the_own_sessions_that_go_on(known: User, bob: User) -> None:
    here = sign_in(EDGE, "192.0.2.7")
    sign_in(MAC)
    over = sign_in("Firefox/1")
    Session.objects.filter(pk=stored_key_of(over)).update(expire_date=timezone.now())
    old = sign_in("SamsungBrowser/1")
    UserSession.objects.filter(pk=listed(old).pk).update(created_at=timezone.now() - timedelta(hours=12))
    page = text(here.get(SESSIONS))
    assert "Microsoft Edge on Windows This session 192.0.2.7" in page
    assert "Safari on macOS 127.0.0.1" in page
    assert "Firefox" not in page
    assert "Samsung" not in page
    assert "Edge" not in text(signed_in(bob).get(SESSIONS))


def test_the_session_of_the_page_is_the_first(known: User) -> None:
    here, _other = sign_in(EDGE), sign_in(MAC)
    UserSession.objects.filter(pk=listed(here).pk).update(last_seen_at=timezone.now() - timedelta(hours=1))
    assert [row["is_current"] for row in here.get(SESSIONS).context["sessions"]] == [True, False]


def test_what_a_browser_says_of_itself_is_no_markup(known: User) -> None:
    page = sign_in('"><script>alert(1)</script>').get(SESSIONS)
    assert b"<script>alert" not in page.content


def test_signing_out_others_ends_them_and_no_other(known: User, bob: User) -> None:
    here, there, his = sign_in(), sign_in(), signed_in(bob)
    assert "You are signed out everywhere else." in text(here.post(SESSIONS, follow=True))
    assert (is_signed_in(here), is_signed_in(there), is_signed_in(his)) == (True, False, True)
    row = LoggedAction.objects.latest("pk")
    assert (row.action, row.user_name, row.subject, row.before) == ("sessions_ended", "alice", "alice", "sessions: 1")


def test_without_others_there_is_nobody_to_sign_out(known: User) -> None:
    here = sign_in()
    alone = text(here.get(SESSIONS))
    assert "You are signed in only here." in alone
    assert "Sign Out Others" not in alone
    sign_in()
    assert "Sign Out Others" in text(here.get(SESSIONS))


def test_without_others_nothing_is_logged(known: User) -> None:
    here = sign_in()
    assert "You were signed in only here." in text(here.post(SESSIONS, follow=True))
    assert LoggedAction.objects.latest("pk").action == "signed_in"


def test_one_session_is_ended_by_itself(known: User) -> None:
    here, there, other = sign_in(), sign_in(), sign_in()
    here.post(f"{SESSIONS}{listed(there).pk}/end/")
    assert (is_signed_in(here), is_signed_in(there), is_signed_in(other)) == (True, False, True)
    assert LoggedAction.objects.latest("pk").action == "sessions_ended"


def test_the_list_is_open_and_asks_who_it_is_before_it_offers_to_end_a_session(known: User) -> None:
    here = let_time_pass(sign_in())
    sign_in(MAC, "192.0.2.7")
    page = here.get(SESSIONS)
    assert "Safari on macOS 192.0.2.7" in text(page)
    assert "Sign Out Others" not in text(page)
    assert "/end/" not in page.content.decode()
    asking = links(page)["Confirm that it is you"]
    assert "Confirm that it is you to sign out a device." in text(here.get(asking))
    assert links(here.get(asking))["Cancel"] == SESSIONS
    assert here.post(asking, {"password": PASSWORD, "next": SESSIONS})["Location"] == SESSIONS
    assert "Sign Out Others" in text(here.get(SESSIONS))


def test_without_another_session_nobody_is_asked_to_confirm(known: User) -> None:
    assert "Confirm that it is you" not in text(let_time_pass(sign_in()).get(SESSIONS))


@pytest.mark.parametrize("which", ["others", "one"])
def test_a_session_is_ended_only_once_the_person_has_shown_who_they_are(known: User, which: str) -> None:
    here, there = let_time_pass(sign_in()), sign_in()
    address = SESSIONS if which == "others" else f"{SESSIONS}{listed(there).pk}/end/"
    asking = here.post(address, headers={"referer": f"http://testserver{SESSIONS}"})["Location"]
    assert "Nothing was changed" in text(here.get(asking))
    assert is_signed_in(there)
    answer = here.post(asking, {"password": PASSWORD, "next": address})
    assert answer["Location"] == SESSIONS
    assert is_signed_in(there)
    here.post(address)
    assert (is_signed_in(here), is_signed_in(there)) == (True, False)


def test_the_session_of_somebody_else_is_not_there(known: User, bob: User) -> None:
    hers = sign_in()
    assert signed_in(bob).post(f"{SESSIONS}{listed(hers).pk}/end/").status_code == 404
    assert is_signed_in(hers)


def test_an_administrator_signs_a_person_out_everywhere(as_alice: Client, bob: User) -> None:
    his = [signed_in(bob), signed_in(bob)]
    address = f"{USERS}{bob.pk}/sign-out/"
    assert "Sign out “bob” everywhere?" in text(as_alice.get(address))
    assert all(map(is_signed_in, his))
    assert "bob is signed out everywhere: 2 sessions ended." in text(as_alice.post(address, follow=True))
    assert not any(map(is_signed_in, his))
    assert is_signed_in(as_alice)
    row = LoggedAction.objects.latest("pk")
    assert (row.action, row.user_name, row.subject, row.before) == ("sessions_ended", "alice", "bob", "sessions: 2")


def test_an_administrator_sees_where_a_person_is_signed_in(known: User) -> None:
    sign_in(MAC, "192.0.2.7")
    assert "Safari on macOS 192.0.2.7" in text(signed_in(known).get(f"{USERS}{known.pk}/sign-out/"))


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nobody_signs_out_somebody_beyond_them(known: User, bob: User, grace: User, method: str) -> None:
    hers = sign_in()
    for user in (bob, grace):
        assert signed_in(user).generic(method, f"{USERS}{known.pk}/sign-out/").status_code == 403
    assert is_signed_in(hers)
    assert "Sign Out Everywhere" not in text(signed_in(grace).get(f"{USERS}{known.pk}/change/"))


@pytest.mark.parametrize("address", [ACCOUNT_SETTING, CHANGE_PASSWORD, f"{USERS}{{pk}}/change/"])
def test_a_new_own_password_ends_the_other_sessions_for_good(known: User, address: str) -> None:
    here, there = sign_in(), sign_in()
    before = here.cookies["sessionid"].value
    sent = {"username": "alice", "password": NEW, "password_again": NEW, "present_password": PASSWORD}
    here.post(address.format(pk=known.pk), sent)
    assert here.cookies["sessionid"].value != before
    # Before the other browser asks for a page: then the framework itself would end a session of the former password.
    assert [session.pk for session in Session.objects.all()] == [stored_key_of(here)]
    assert [row.session_key for row in UserSession.objects.all()] == [stored_key_of(here)]
    assert (is_signed_in(here), is_signed_in(there)) == (True, False)


def test_a_new_password_by_somebody_else_ends_every_session(as_alice: Client, bob: User) -> None:
    signed_in(bob)
    sent = {"username": "bob", "is_active": "on", "password": NEW, "password_again": NEW, "present_password": PASSWORD}
    as_alice.post(f"{USERS}{bob.pk}/change/", sent)
    assert [session.pk for session in Session.objects.all()] == [stored_key_of(as_alice)]


def test_a_new_password_by_a_flow_of_the_library_ends_the_other_sessions(known: User) -> None:
    here, there = sign_in(), sign_in()
    request = RequestFactory().post("/")
    request.session = SessionStore(here.cookies["sessionid"].value)
    password_changed.send(User, request=request, user=known)
    assert (is_signed_in(here), is_signed_in(there)) == (True, False)


def test_a_deleted_person_leaves_no_session(as_alice: Client, bob: User) -> None:
    signed_in(bob)
    as_alice.post(f"{USERS}{bob.pk}/delete/", {"confirm_name": "bob", "present_password": PASSWORD})
    assert [session.pk for session in Session.objects.all()] == [stored_key_of(as_alice)]
