"""A new password by e-mail."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import User
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMessage
from django.test import Client
from pytest_django import Settings

from backend.audit.models import LoggedAction
from backend.people import mail
from backend.people.actions import Action
from backend.people.models import PasswordState
from backend.people.passwords.resetting import NewPasswordForm
from tests.addresses import DASHBOARD, FORGOT_PASSWORD, LOGIN
from tests.factories import PASSWORD, UserFactory
from tests.markup import field_error, text

pytestmark = pytest.mark.django_db
OWN = "nobody else has these words"
ADDRESS = "erin@luma.example"


@pytest.fixture
def erin(db: None) -> User:
    return User.objects.create_user("erin", ADDRESS, PASSWORD)


def ask(typed: str, address: str = "192.0.2.1", **headers: str) -> str:
    page = Client(REMOTE_ADDR=address).post(FORGOT_PASSWORD, {"email": typed}, headers=headers, follow=True)
    return text(page)


def link(sent: list[EmailMessage], index: int = -1) -> str:
    found = re.search(r"http://testserver(/\S+)", str(sent[index].body))
    assert found
    return found[1]


def choose(address: str, password: str = OWN, browser: Client | None = None) -> str:
    """Open a link, and send the form of its page."""
    browser = browser or Client()
    page = browser.get(address, follow=True)
    path = page.redirect_chain[-1][0] if page.redirect_chain else address
    return text(browser.post(path, {"password": password, "password_again": password}, follow=True))


def sign_in(password: str) -> Client:
    browser = Client()
    browser.post(LOGIN, {"login": "erin", "password": password})
    return browser


def is_in(browser: Client) -> bool:
    return browser.get(DASHBOARD).status_code == 200


@pytest.mark.parametrize("typed", ["erin", "ERIN", ADDRESS, ADDRESS.upper()])
def test_a_link_comes_by_email_and_sets_a_new_password(erin: User, mailoutbox: list[EmailMessage], typed: str) -> None:
    PasswordState.objects.given(erin)
    elsewhere = sign_in(PASSWORD)
    assert "a link is on its way" in ask(typed)
    (sent,) = mailoutbox
    assert sent.to == [ADDRESS]
    assert sent.subject == "Commerce Admin: choose a new password"
    assert "Your user name: erin" in sent.body
    assert "&" not in sent.body
    assert "Your password was changed." in choose(link(mailoutbox))
    assert not is_in(elsewhere)
    assert not is_in(sign_in(PASSWORD))
    assert is_in(sign_in(OWN))
    assert not EmailAddress.objects.exists()


def test_nobody_is_signed_in_by_a_link(erin: User, mailoutbox: list[EmailMessage]) -> None:
    ask("erin")
    browser = Client()
    choose(link(mailoutbox), browser=browser)
    assert not is_in(browser)


def test_a_link_works_once(erin: User, mailoutbox: list[EmailMessage]) -> None:
    ask("erin")
    choose(link(mailoutbox))
    assert "This link does not work any more" in choose(link(mailoutbox), "quite another set of words")
    assert is_in(sign_in(OWN))


def test_a_link_sets_one_password_also_where_two_forms_arrive_at_once(erin: User) -> None:
    forms = [NewPasswordForm({"password": OWN, "password_again": OWN}, user=User.objects.get()) for _form in range(2)]
    assert all(form.is_valid() for form in forms)
    forms[0].save()
    with pytest.raises(PermissionDenied):
        forms[1].save()


@pytest.mark.parametrize("change", ["time", "inactive", "deleted", "address", "password", "sign-in"])
def test_a_link_ends_with_what_it_was_made_for(
    erin: User, mailoutbox: list[EmailMessage], monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    ask("erin")
    if change == "time":
        later = datetime.now() + timedelta(seconds=3601)  # noqa: DTZ005  (as the framework counts)
        monkeypatch.setattr(PasswordResetTokenGenerator, "_now", lambda _self: later)
    elif change == "deleted":
        erin.delete()
    elif change == "sign-in":
        sign_in(PASSWORD)
    else:
        changed: dict[str, dict[str, Any]] = {
            "inactive": {"is_active": False},
            "address": {"email": "new@luma.example"},
            "password": {"password": ""},
        }
        User.objects.filter(pk=erin.pk).update(**changed[change])
    assert "This link does not work any more" in text(Client().get(link(mailoutbox), follow=True))


@pytest.mark.parametrize("key", ["1-set-password", "zzzzzzzzzzzzz-abc-def", "0-", "1-x"])
def test_a_made_up_link_leads_nowhere(erin: User, key: str) -> None:
    for answer in (Client().get(f"{FORGOT_PASSWORD}key/{key}/"), Client().post(f"{FORGOT_PASSWORD}key/{key}/")):
        assert answer.status_code in {200, 302, 404}
        assert "Set Password" not in text(answer)


def test_the_address_of_the_form_has_no_key(erin: User, mailoutbox: list[EmailMessage]) -> None:
    ask("erin")
    page = Client().get(link(mailoutbox), follow=True)
    assert re.fullmatch(r"/admin/password/reset/key/\w+-set-password/", page.redirect_chain[-1][0])
    assert link(mailoutbox).split("-")[-1].rstrip("/") not in page.content.decode()


def test_the_log_of_the_server_has_no_key(
    erin: User, mailoutbox: list[EmailMessage], capsys: pytest.CaptureFixture[str]
) -> None:
    ask("erin")
    Client().get(link(mailoutbox).replace("/key/", "/key/9"))
    written = capsys.readouterr()
    assert link(mailoutbox).split("-")[-1] not in written.out + written.err


def test_a_password_that_somebody_else_gave_does_not_stay(erin: User, mailoutbox: list[EmailMessage]) -> None:
    PasswordState.objects.given(erin)
    ask("erin")
    assert "This is your current password." in choose(link(mailoutbox), PASSWORD)
    assert PasswordState.objects.filter(user=erin, must_change=True).exists()


def test_a_weak_password_is_refused(erin: User, mailoutbox: list[EmailMessage]) -> None:
    ask("erin")
    browser = Client()
    path = browser.get(link(mailoutbox), follow=True).redirect_chain[-1][0]
    for weak in ("short", "Erin-Luma-2026"):
        assert field_error(browser.post(path, {"password": weak, "password_again": weak}), "id_password")
    assert field_error(browser.post(path, {"password": OWN, "password_again": "x"}), "id_password_again")
    assert is_in(sign_in(PASSWORD))


@pytest.mark.parametrize("typed", ["nobody", "nobody@luma.example", "left", "left@luma.example", "mute", "shell"])
def test_a_stranger_reads_the_same_and_nobody_gets_mail(erin: User, mailoutbox: list[EmailMessage], typed: str) -> None:
    User.objects.create_user("left", "left@luma.example", PASSWORD, is_active=False)
    User.objects.create_user("mute", "", PASSWORD)
    User.objects.create_user("shell", "shell@luma.example")
    assert ask(typed) == ask("erin")
    assert [message.to for message in mailoutbox] == [[ADDRESS]]


def test_nobody_is_looked_up_before_the_answer(erin: User, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs: list[object] = []
    monkeypatch.setattr(mail, "later", jobs.append)
    pages = [Client().post(FORGOT_PASSWORD, {"email": typed}) for typed in ("erin", "nobody")]
    assert pages[0]["Location"] == pages[1]["Location"]
    assert len(jobs) == 2
    assert not LoggedAction.objects.exists()


def test_all_people_of_an_address_get_a_link(erin: User, mailoutbox: list[EmailMessage]) -> None:
    User.objects.create_user("erin.two", ADDRESS, PASSWORD)
    ask(ADDRESS)
    names = {line for message in mailoutbox for line in message.body.splitlines() if "user name" in line}
    assert names == {"Your user name: erin", "Your user name: erin.two"}


def test_the_host_of_a_link_is_one_of_ours(erin: User, mailoutbox: list[EmailMessage]) -> None:
    ask("erin", host="evil.example")
    assert mailoutbox == []


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ("127.0.0.1:8000", "127.0.0.1:8000"),
        ("[::1]:8000", "[::1]:8000"),
        ("127.0.0.1:9999", "127.0.0.1"),
        ("[::1]:9999", "[::1]"),
    ],
)
def test_the_port_of_a_link_is_that_of_the_server(
    erin: User, mailoutbox: list[EmailMessage], asked: str, named: str
) -> None:
    Client().post(FORGOT_PASSWORD, {"email": "erin"}, headers={"host": asked}, SERVER_PORT="8000")
    text = str(mailoutbox[0].body)
    assert re.findall(r"http://([^/]+)/", text) == [named]
    assert f"a new password for you at {named}." in text


@pytest.mark.parametrize(
    ("origin", "named"),
    [
        ("http://testserver:8443", "testserver:8443"),
        ("http://*.testserver:8443", "testserver:8443"),
        ("https://testserver:8443", "testserver"),
        ("http://testserver:9999", "testserver"),
        ("http://other.example:8443", "testserver"),
    ],
)
def test_behind_a_proxy_a_setting_says_which_port_a_link_may_have(
    erin: User, mailoutbox: list[EmailMessage], settings: Settings, origin: str, named: str
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT, settings.CSRF_TRUSTED_ORIGINS = 1, [origin]
    headers = {"host": "testserver:8443", "x-forwarded-for": "192.0.2.1"}
    Client().post(FORGOT_PASSWORD, {"email": "erin"}, headers=headers, SERVER_PORT="8443")
    assert re.findall(r"http://([^/]+)/", str(mailoutbox[0].body)) == [named]


def test_mail_to_a_person_is_limited(erin: User, mailoutbox: list[EmailMessage]) -> None:
    said = {typed: ["on its way" in ask(typed, f"192.0.2.{number}") for number in range(5)] for typed in ("erin", "no")}
    assert said == {typed: [True, True, True, False, False] for typed in ("erin", "no")}
    assert len(mailoutbox) == 3


def test_mail_to_a_person_is_limited_however_they_are_named(erin: User, mailoutbox: list[EmailMessage]) -> None:
    asked = [ask(typed, f"192.0.2.{number}") for number in range(2) for typed in ("erin", ADDRESS)]
    assert all("on its way" in page for page in asked)
    assert len(mailoutbox) == 3


def test_asking_from_an_address_is_limited(erin: User) -> None:
    pages = [ask(f"somebody{number}") for number in range(11)]
    assert "a link is on its way" in pages[9]
    assert "a link is on its way" not in pages[10]


def test_it_is_logged_once_a_minute_and_without_what_was_typed(erin: User, mailoutbox: list[EmailMessage]) -> None:
    for typed in ("erin", ADDRESS, "secret typed here", "and here"):
        ask(typed)
    choose(link(mailoutbox))
    rows = LoggedAction.objects.filter(action__startswith="password_reset").order_by("pk")
    asked = Action.PASSWORD_RESET_ASKED
    assert list(rows.values_list("action", "subject", "cause", "address")) == [
        (asked, "erin", "", "192.0.2.1"),
        (asked, "", "nobody", "192.0.2.1"),
        (Action.PASSWORD_RESET, "erin", "", "127.0.0.1"),
    ]
    written = str(LoggedAction.objects.values())
    assert not [secret for secret in ("typed here", OWN, link(mailoutbox)) if secret in written]


def test_a_mail_is_in_the_language_of_the_page(erin: User, mailoutbox: list[EmailMessage]) -> None:
    ask("erin", **{"accept-language": "fr"})
    assert mailoutbox[0].subject == "Commerce Admin : choisissez un nouveau mot de passe".replace(" :", "\u00a0:")
    assert "Bonjour erin" in mailoutbox[0].body


def test_without_a_mail_server_the_page_says_whom_to_ask(erin: User, settings: Settings) -> None:
    settings.EMAIL_BACKEND = mail.NOWHERE
    for page in (Client().get(FORGOT_PASSWORD), Client().post(FORGOT_PASSWORD, {"email": "erin"})):
        assert "Ask an administrator" in text(page)
        assert 'name="email"' not in page.content.decode()
    assert not LoggedAction.objects.exists()


def test_the_sign_in_leads_there() -> None:
    assert f'href="{FORGOT_PASSWORD}"' in Client().get(LOGIN).content.decode()


def test_somebody_else_who_is_signed_in_keeps_nothing_of_it(erin: User, mailoutbox: list[EmailMessage]) -> None:
    other = UserFactory.create(username="zoe")
    ask("erin")
    browser = Client()
    browser.force_login(other)
    choose(link(mailoutbox), browser=browser)
    assert not is_in(browser)
    assert is_in(sign_in(OWN))
