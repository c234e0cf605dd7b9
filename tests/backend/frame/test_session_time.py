"""How long a session lasts, and what makes it last longer."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from backend.frame.session import BEGAN_AT
from tests.addresses import CONFIGURATION, DASHBOARD, LOGIN, PAYMENT_SERVICES
from tests.conftest import signed_in, stored_key_of
from tests.factories import PASSWORD

STAY = "/admin/stay/"
HOUR_S = 3600


def end_of(client: Client) -> datetime:
    """Return when the session ends if nobody does anything."""
    return Session.objects.get(pk=stored_key_of(client)).expire_date


def leave_alone(client: Client, *, minutes: float) -> datetime:
    """Let the person of `client` have done nothing for some minutes, and return when the session ends then."""
    Session.objects.update(expire_date=end_of(client) - timedelta(minutes=minutes))
    return end_of(client)


def sign_in_earlier(client: Client, *, hours: float) -> None:
    """Let the person of `client` have signed in some hours ago, and have been busy since."""
    session = client.session
    session[BEGAN_AT] -= int(hours * HOUR_S)
    session.save()


def warning(client: Client) -> dict[str, Any]:
    shown: dict[str, Any] = client.get(DASHBOARD).context["session_end"]
    return shown


def test_a_session_lasts_30_minutes_and_at_most_12_hours(as_alice: Client) -> None:
    assert warning(as_alice)["in_s"] == pytest.approx(HOUR_S / 2, abs=5)
    assert warning(as_alice)["at_last_in_s"] == pytest.approx(12 * HOUR_S, abs=5)


def test_a_session_ends_when_nobody_does_anything(as_alice: Client) -> None:
    leave_alone(as_alice, minutes=30)
    assert as_alice.get(DASHBOARD).status_code == 302


@pytest.mark.parametrize("path", [DASHBOARD, STAY])
def test_a_session_ends_12_hours_after_the_sign_in_whatever_is_done(as_alice: Client, path: str) -> None:
    sign_in_earlier(as_alice, hours=11.99)
    assert as_alice.post(STAY).json() == {"in_s": pytest.approx(36, abs=5), "at_last_in_s": pytest.approx(36, abs=5)}
    sign_in_earlier(as_alice, hours=0.01)
    assert as_alice.post(path).status_code == 302
    assert as_alice.get(DASHBOARD).status_code == 302


def test_a_person_who_does_something_has_more_time(as_alice: Client) -> None:
    leave_alone(as_alice, minutes=20)
    assert warning(as_alice)["in_s"] == pytest.approx(HOUR_S / 2, abs=5)
    assert end_of(as_alice) > timezone.now() + timedelta(minutes=29)


def test_staying_answers_how_long_the_session_lasts(as_alice: Client) -> None:
    leave_alone(as_alice, minutes=28)
    assert as_alice.post(STAY).json()["in_s"] == pytest.approx(HOUR_S / 2, abs=5)


@pytest.mark.parametrize(
    "path",
    [f"{place}refresh/" for place in (DASHBOARD, CONFIGURATION, PAYMENT_SERVICES, f"{PAYMENT_SERVICES}orders/")],
)
def test_what_an_open_page_asks_by_itself_gives_no_time(as_alice: Client, path: str) -> None:
    before = leave_alone(as_alice, minutes=20)
    assert as_alice.post(path, headers={"x-requested-with": "fetch"}).status_code < 400
    assert end_of(as_alice) == before


def test_reading_the_orders_by_a_button_gives_time(as_alice: Client) -> None:
    before = leave_alone(as_alice, minutes=20)
    as_alice.post(f"{PAYMENT_SERVICES}orders/refresh/")
    assert end_of(as_alice) > before


def test_storing_something_in_a_session_gives_no_time(as_alice: Client) -> None:
    before = leave_alone(as_alice, minutes=20)
    session = as_alice.session
    session["anything"] = 1
    session.save()
    assert end_of(as_alice) == before


def test_the_use_is_written_once_a_minute(as_alice: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    as_alice.get("/admin/search/")
    leave_alone(as_alice, minutes=0.9)
    with django_assert_num_queries(3) as page:
        as_alice.get("/admin/search/")
    assert not [query["sql"] for query in page if not query["sql"].lstrip().startswith("SELECT")]
    leave_alone(as_alice, minutes=0.2)
    as_alice.get("/admin/search/")
    assert end_of(as_alice) > timezone.now() + timedelta(minutes=29.9)


@pytest.mark.django_db(transaction=True)
def test_a_page_is_shown_where_nothing_can_be_written(as_alice: Client) -> None:
    def refuse(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql.startswith("UPDATE"):
            raise OperationalError
        return execute(sql, *rest)

    before = leave_alone(as_alice, minutes=5)
    with connection.execute_wrapper(refuse):
        assert warning(as_alice)["in_s"] == pytest.approx(25 * 60, abs=5)
    assert end_of(as_alice) == before


def test_the_list_of_sessions_knows_when_one_was_used_and_from_where(as_alice: Client) -> None:
    leave_alone(as_alice, minutes=5)
    as_alice.get(DASHBOARD, headers={"user-agent": "A browser"}, REMOTE_ADDR="192.0.2.7")
    row = UserSession.objects.get()
    assert (row.session_key, row.user.username, row.ip) == (stored_key_of(as_alice), "alice", "192.0.2.7")
    assert row.user_agent == "A browser"
    assert row.last_seen_at > timezone.now() - timedelta(seconds=5)


@pytest.mark.parametrize(("idle_s", "lead_s"), [(1800, 300), (60, 30)])
def test_the_page_warns_five_minutes_before_or_at_the_half(
    alice: User, settings: Settings, idle_s: int, lead_s: int
) -> None:
    settings.SESSION_IDLE_S = idle_s
    shown = warning(signed_in(alice))
    assert (shown["in_s"], shown["lead_s"]) == (pytest.approx(idle_s, abs=5), lead_s)


def test_signing_in_begins_the_time_with_a_new_key(known: User, client: Client) -> None:
    client.get(LOGIN)
    for _time in range(2):
        before = client.cookies.get("sessionid")
        client.post(LOGIN, {"login": "alice", "password": PASSWORD})
        assert client.cookies["sessionid"].value != (before.value if before else "")
        assert client.session[BEGAN_AT] == pytest.approx(timezone.now().timestamp(), abs=5)
        client.post("/admin/logout/")


@pytest.mark.parametrize("user_agent", ["", "a\0b", "x" * 10_000, "\xe9"])
def test_any_name_of_a_browser_can_be_listed(known: User, user_agent: str) -> None:
    client = Client(headers={"user-agent": user_agent})
    assert client.post(LOGIN, {"login": "alice", "password": PASSWORD}).status_code == 302
    assert UserSession.objects.get().user_agent == user_agent.replace("\0", "")[:200]
