"""A session that ends, and a form that was sent after it did."""

import time
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core import signing
from django.test import Client
from django.utils.timezone import now
from pytest_django import Settings

from config.session import ENDS_AT
from connector import kept
from connector.gateway import Credentials
from connector.models import Instance, KeyPair
from tests.conftest import signed_in
from tests.factories import CONFIGURATION, PAYMENT_SERVICES, SANDBOX, connect, form_of, shown_value, text

LOGIN, STAY = "/admin/login/", "/admin/stay/"
PASSWORD = "a password made for tests"
TYPED = {"revision": "1", "production_api_key": "c" * 32, "production_private_key": "-----BEGIN canary-private-key"}


@pytest.fixture
def known(alice: User) -> User:
    alice.set_password(PASSWORD)
    alice.save(update_fields=["password"])
    return alice


def sign_in(client: Client, next_path: str = "") -> None:
    client.post(LOGIN, {"login": "alice", "password": PASSWORD, "next": next_path})


@pytest.mark.usefixtures("known")
def test_signing_in_notes_when_the_session_ends(client: Client, settings: Settings) -> None:
    sign_in(client)
    assert client.session[ENDS_AT] == pytest.approx(time.time() + settings.SESSION_COOKIE_AGE, abs=5)
    assert client.session[ENDS_AT] == pytest.approx(_stored_end(client), abs=5)


def _stored_end(client: Client) -> float:
    return Session.objects.get(pk=client.session.session_key).expire_date.timestamp()


@pytest.mark.parametrize(("age_s", "lead_s"), [(28_800, 300), (60, 30)])
@pytest.mark.usefixtures("known")
def test_the_page_says_in_how_many_seconds(client: Client, settings: Settings, age_s: int, lead_s: int) -> None:
    settings.SESSION_COOKIE_AGE = age_s
    sign_in(client)
    shown = client.get("/admin/").context["session_end"]
    assert shown["in_s"] == pytest.approx(age_s, abs=5)
    assert shown["lead_s"] == lead_s


@pytest.mark.usefixtures("known")
def test_staying_begins_the_time_anew(client: Client) -> None:
    sign_in(client)
    session = client.session
    session[ENDS_AT] = int(time.time()) + 10
    session.save()
    Session.objects.update(expire_date=now() + timedelta(seconds=10))
    assert client.post(STAY).status_code == 204
    assert client.session[ENDS_AT] > time.time() + 1000
    assert _stored_end(client) > time.time() + 1000


def test_staying_is_posted_with_a_token_by_who_is_signed_in(client: Client, known: User) -> None:
    assert client.post(STAY).status_code == 302
    assert signed_in(known).get(STAY).status_code == 405
    assert signed_in(known, enforce_csrf_checks=True).post(STAY).status_code == 403


@pytest.mark.usefixtures("known")
def test_signing_out_leaves_nothing_of_the_session(client: Client) -> None:
    sign_in(client)
    client.post("/admin/logout/")
    assert "sessionid" not in client.cookies or client.cookies["sessionid"].value == ""


@pytest.mark.usefixtures("known")
def test_a_lost_session_leads_back_to_the_form_with_what_was_typed(client: Client) -> None:
    answer = client.post(CONFIGURATION, TYPED)
    assert answer.headers["Location"] == f"{LOGIN}?next={CONFIGURATION}"
    assert "Your session had ended" in text(client.get(answer.headers["Location"]))
    sign_in(client, CONFIGURATION)
    page = client.get(CONFIGURATION)
    assert shown_value(page, "production_api_key") == "c" * 32
    assert "Nothing was saved yet. What you had typed is back" in text(page)
    assert 'data-unsaved="restored"' in page.content.decode()


@pytest.mark.usefixtures("known")
def test_it_is_shown_once_and_never_saved_by_itself(client: Client) -> None:
    client.post(CONFIGURATION, TYPED)
    sign_in(client)
    client.get(CONFIGURATION)
    again = client.get(CONFIGURATION)
    assert shown_value(again, "production_api_key") == ""
    assert 'data-unsaved="restored"' not in again.content.decode()
    assert not KeyPair.objects.exists()


@pytest.mark.usefixtures("known")
def test_a_private_key_is_never_kept(client: Client) -> None:
    answer = client.post(CONFIGURATION, TYPED | {"sandbox_api_key": "-----BEGIN canary"})
    value = answer.cookies[kept.COOKIE].value
    sign_in(client)
    assert "canary" not in client.get(CONFIGURATION).content.decode()
    assert signing.loads(value, salt=kept.SALT) == {"revision": "1", "production_api_key": "c" * 32}


@pytest.mark.usefixtures("known")
def test_the_cookie_is_for_the_configuration_page_alone(client: Client) -> None:
    cookie = client.post(CONFIGURATION, TYPED).cookies[kept.COOKIE]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (CONFIGURATION, True, "Strict")
    assert cookie["max-age"] == 1800
    assert len(cookie.value) < 1000


@pytest.mark.parametrize("value", ["", "no signature", "eyJhIjoiYiJ9:1abc:forged"])
def test_what_we_did_not_sign_is_not_shown(as_alice: Client, value: str) -> None:
    as_alice.cookies[kept.COOKIE] = value
    assert 'data-unsaved="restored"' not in as_alice.get(CONFIGURATION).content.decode()


def test_after_half_an_hour_it_is_forgotten(as_alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    as_alice.cookies[kept.COOKIE] = signing.dumps({"production_api_key": "c" * 32}, salt=kept.SALT)
    monkeypatch.setattr(kept, "LASTS_S", -1)
    assert shown_value(as_alice.get(CONFIGURATION), "production_api_key") == ""


def test_somebody_who_may_not_configure_sees_nothing_of_it(as_dana: Client) -> None:
    as_dana.cookies[kept.COOKIE] = signing.dumps({"production_api_key": "c" * 32}, salt=kept.SALT)
    assert "c" * 32 not in as_dana.get(CONFIGURATION, follow=True).content.decode()


def test_a_locked_value_stays_locked(as_alice: Client, settings: Settings) -> None:
    settings.LOCKED_VALUES = settings.LOCKED_VALUES | {"production_api_key": "d" * 32}
    as_alice.cookies[kept.COOKIE] = signing.dumps({"production_api_key": "c" * 32}, salt=kept.SALT)
    assert shown_value(as_alice.get(CONFIGURATION), "production_api_key") == "d" * 32


def test_a_save_that_came_between_is_still_noticed(as_alice: Client, pair: Credentials) -> None:
    connect(pair, SANDBOX)
    old = str(Instance.objects.current().revision)
    as_alice.cookies[kept.COOKIE] = signing.dumps({"revision": old, "project_id": ""}, salt=kept.SALT)
    Instance.objects.advance(int(old))
    restored = as_alice.get(CONFIGURATION)
    answer = as_alice.post(CONFIGURATION, form_of(restored))
    assert "This configuration was saved again after you opened it" in text(answer)


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        (f"http://testserver{PAYMENT_SERVICES}?a=1", f"{PAYMENT_SERVICES}%3Fa%3D1"),
        ("https://elsewhere.test/admin/", "/admin/"),
        ("", "/admin/"),
        ("http://testserver//elsewhere.test/", "/admin/"),
    ],
)
@pytest.mark.usefixtures("known")
def test_another_form_leads_back_to_the_page_it_stood_on(client: Client, referer: str, back: str) -> None:
    answer = client.post(f"{CONFIGURATION}verify/", {"environment": "sandbox"}, headers={"referer": referer})
    assert answer.headers["Location"] == f"{LOGIN}?next={back}"
    assert kept.COOKIE not in answer.cookies


@pytest.mark.usefixtures("known")
def test_the_way_back_never_leads_to_another_host(client: Client) -> None:
    sent = {"login": "alice", "password": PASSWORD, "next": "//elsewhere.test/"}
    assert client.post(LOGIN, sent).headers["Location"] == "/admin/"


@pytest.mark.usefixtures("known")
def test_a_script_that_asks_is_told_without_a_message(client: Client) -> None:
    answer = client.post(f"{CONFIGURATION}refresh/", headers={"x-requested-with": "fetch"})
    assert answer.status_code == 302
    assert "messages" not in answer.cookies


def test_an_outdated_form_of_ours_is_kept(known: User) -> None:
    browser = signed_in(known, enforce_csrf_checks=True)
    answer = browser.post(CONFIGURATION, TYPED, headers={"origin": "http://testserver"})
    assert answer.status_code == 403
    assert "what you typed is there, except private keys" in text(answer)
    assert f'href="{CONFIGURATION}"' in answer.content.decode()
    assert shown_value(browser.get(CONFIGURATION), "production_api_key") == "c" * 32


@pytest.mark.parametrize("headers", [{}, {"origin": "null"}, {"origin": "https://elsewhere.test"}])
def test_what_another_site_sent_is_not_kept(known: User, headers: dict[str, str]) -> None:
    answer = signed_in(known, enforce_csrf_checks=True).post(CONFIGURATION, TYPED, headers=headers)
    assert answer.status_code == 403
    assert kept.COOKIE not in answer.cookies


def test_an_outdated_form_stands_in_the_frame(known: User) -> None:
    answer = signed_in(known, enforce_csrf_checks=True).post("/admin/logout/")
    assert "sidebar" in answer.content.decode()
    assert "Back to the form" in text(answer)
