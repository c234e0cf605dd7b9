"""Signing in with a password and a code."""

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from backend.audit.models import LoggedAction
from backend.people.second_factor.pending import BEGUN_WITH
from connector.keys import keyring
from tests.addresses import DASHBOARD, LOGIN
from tests.backend.people.second_factors import (
    SECOND_STEP,
    Clock,
    give_app,
    give_codes,
    is_in,
    type_code,
    type_password,
)
from tests.markup import text

pytestmark = pytest.mark.django_db
WRONG = "000000"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def app(known: User) -> Authenticator:
    """The authenticator app of Alice."""
    return give_app(known)


def logged(*columns: str) -> list[tuple[str, ...]]:
    return list(LoggedAction.objects.order_by("pk").values_list(*columns))


def test_the_password_alone_does_not_let_somebody_in(client: Client, app: Authenticator) -> None:
    assert type_password(client) == SECOND_STEP
    assert not is_in(client)
    assert logged("action") == []


def test_the_code_lets_them_in(client: Client, app: Authenticator, clock: Clock) -> None:
    type_password(client)
    assert type_code(client, clock.code()) == DASHBOARD
    assert is_in(client)
    assert logged("action", "user_name") == [("signed_in", "alice")]


def test_a_new_password_ends_a_sign_in_that_waits_for_the_code(
    client: Client, app: Authenticator, known: User, clock: Clock
) -> None:
    type_password(client)
    known.set_password("quite another set of words")
    known.save()
    assert type_code(client, clock.code()) == LOGIN
    assert not is_in(client)
    assert "Your password was changed meanwhile." in text(client.get(LOGIN))
    assert type_password(client, password="quite another set of words") == SECOND_STEP
    assert type_code(client, clock.code()) == DASHBOARD
    assert BEGUN_WITH not in client.session


def test_the_page_that_was_wanted_opens_after_the_code(client: Client, app: Authenticator, clock: Clock) -> None:
    wanted = "/admin/system/action-logs/"
    client.post(f"/admin/login/?next={wanted}", {"login": "alice", "password": "a long pass phrase", "next": wanted})
    assert type_code(client, clock.code()) == wanted


def test_a_code_without_a_password_leads_to_the_sign_in(client: Client, app: Authenticator, clock: Clock) -> None:
    assert type_code(client, clock.code()) == "/admin/login/"
    assert not is_in(client)


@pytest.mark.parametrize("typed", [WRONG, "", "12345", "\N{FULLWIDTH DIGIT ONE}23456", "1" * 41, "\N{SNOWMAN}" * 6])
def test_a_wrong_code_is_refused(client: Client, app: Authenticator, clock: Clock, typed: str) -> None:
    type_password(client)
    assert type_code(client, typed) == ""
    assert not is_in(client)


def test_a_wrong_code_is_logged_and_never_shown(client: Client, app: Authenticator, clock: Clock) -> None:
    type_password(client)
    page = client.post(SECOND_STEP, {"code": "654321"}).content.decode()
    assert "654321" not in page
    assert logged("action", "user_name", "cause") == [("sign_in_failed", "alice", "second_factor")]
    assert "654321" not in str(list(LoggedAction.objects.values()))


def test_a_code_works_once(client: Client, app: Authenticator, clock: Clock) -> None:
    type_password(client)
    type_code(client, clock.code())
    thief = Client()
    type_password(thief)
    assert type_code(thief, clock.code()) == ""
    clock.wait()
    assert type_code(thief, clock.code()) == DASHBOARD


def test_a_used_code_is_known_without_a_common_cache(client: Client, app: Authenticator, clock: Clock) -> None:
    type_password(client)
    type_code(client, clock.code())
    cache.clear()
    thief = Client()
    type_password(thief)
    assert type_code(thief, clock.code()) == ""


def test_a_code_of_an_earlier_step_is_refused(client: Client, app: Authenticator, clock: Clock) -> None:
    old = clock.code()
    clock.wait()
    type_password(client)
    assert type_code(client, old) == ""


def test_a_recovery_code_lets_them_in_once(client: Client, app: Authenticator, clock: Clock, known: User) -> None:
    code = give_codes(known)[3]
    type_password(client)
    assert type_code(client, f"{code[:4]} {code[4:]}") == DASHBOARD
    assert logged("action", "after") == [
        ("recovery_code_used", "codes_left: 9"),
        ("signed_in", "password_and_recovery_codes"),
    ]
    thief = Client()
    type_password(thief)
    assert type_code(thief, code) == ""


@pytest.mark.parametrize(
    ("used", "warning"),
    [(5, ""), (6, "You have 3 recovery codes left."), (9, "That was your last recovery code. Make new ones")],
)
def test_somebody_with_few_recovery_codes_is_warned(
    client: Client, app: Authenticator, known: User, used: int, warning: str
) -> None:
    code = give_codes(known)[9]
    Authenticator.objects.filter(type="recovery_codes").update(
        data=Authenticator.objects.get(type="recovery_codes").data | {"used_mask": 2**used - 1}
    )
    type_password(client)
    type_code(client, code)
    page = text(client.get(DASHBOARD))
    assert warning in page
    assert ("recovery code" in page) == bool(warning)


def test_wrong_codes_and_wrong_passwords_share_their_limit(client: Client, app: Authenticator, clock: Clock) -> None:
    for _try in range(3):
        type_password(client, password="wrong")
    type_password(client)
    for _try in range(2):
        type_code(client, WRONG)
    assert type_code(client, clock.code()) == ""
    page = text(client.post(SECOND_STEP, {"code": clock.code()}))
    assert "too many tries" in page
    assert type_password(Client()) == ""
    assert logged("cause")[-1] == ("too_many_tries",)


def test_a_right_code_takes_back_what_was_counted_for_it(client: Client, app: Authenticator, clock: Clock) -> None:
    for _time in range(7):
        type_password(client)
        assert type_code(client, clock.code()) == DASHBOARD
        client.logout()
        clock.wait()


def test_one_text_says_nothing_of_the_reason(client: Client, app: Authenticator, clock: Clock) -> None:
    type_password(client)
    type_code(client, clock.code())
    pages = set()
    for typed in (WRONG, clock.code()):
        thief = Client()
        type_password(thief)
        pages.add(text(thief.post(SECOND_STEP, {"code": typed})))
    assert len(pages) == 1


def test_a_person_who_was_made_inactive_meanwhile_stays_out(
    client: Client, app: Authenticator, clock: Clock, known: User
) -> None:
    type_password(client)
    User.objects.filter(pk=known.pk).update(is_active=False)
    assert type_code(client, clock.code()) == ""
    assert not is_in(client)


def test_without_the_encryption_key_nobody_gets_in_and_the_page_says_why(
    app: Authenticator, clock: Clock, settings: Settings
) -> None:
    client = Client(raise_request_exception=False)
    type_password(client)
    settings.ENCRYPTION_KEYS = [keyring.generate_key()]
    answer = client.post(SECOND_STEP, {"code": clock.code()})
    assert answer.status_code == 503
    assert "put the key back into ENCRYPTION_KEYS" in text(answer)
    assert not is_in(client)


def test_a_person_can_sign_in_as_somebody_else(client: Client, app: Authenticator) -> None:
    type_password(client)
    assert client.get("/admin/login/").headers["Location"] == SECOND_STEP
    client.post("/admin/logout/")
    assert client.get("/admin/login/").status_code == 200
