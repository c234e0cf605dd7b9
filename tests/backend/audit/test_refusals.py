"""Refused attempts in the action log: denied pages, and repeats."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection as database
from django.test import Client
from django.utils import timezone

from backend.audit import action_log
from backend.audit.actions import Action, Refusal, Words
from backend.audit.actor import Actor
from backend.audit.models import LoggedAction
from backend.people.actions import Action as PeopleAction
from tests.addresses import CONFIGURATION, USERS

pytestmark = pytest.mark.django_db


def refuse(name: str = "carol", *, subject: str = "alice", address: str = "192.0.2.7") -> None:
    who = Actor(None, name, address)
    action_log.record_refusal(PeopleAction.USER_CHANGED, subject, refusal=Refusal.NOT_ALLOWED, who=who)


def count() -> int:
    return LoggedAction.objects.count()


def test_a_denied_page_is_logged_by_the_name_of_its_address(as_charlie: Client, charlie: User) -> None:
    as_charlie.get(f"{USERS}?q=typed", REMOTE_ADDR="192.0.2.7")
    row = LoggedAction.objects.get(action=Action.PAGE_DENIED)
    assert (row.subject, row.cause, row.result) == ("users", "not_allowed", "refused")
    assert (row.user_name, row.address) == ("charlie", "192.0.2.7")
    assert (Words().action(row.action), Words().label(row.cause)) == ("Page opened", "No role of the person allows it")


def test_denied_pages_are_logged_once_a_minute_each(as_charlie: Client) -> None:
    for address in (USERS, CONFIGURATION, USERS, USERS):
        as_charlie.get(address)
    rows = LoggedAction.objects.filter(action=Action.PAGE_DENIED).order_by("pk")
    assert [row.subject for row in rows] == ["users", "connector:configuration"]


def test_somebody_who_is_not_signed_in_is_sent_to_the_sign_in_and_not_logged(client: Client) -> None:
    assert client.get(USERS).status_code == 302
    assert count() == 0


def test_a_repeated_refusal_has_one_row_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    for _try in range(3):
        refuse()
    assert count() == 1
    now = timezone.now()
    for seconds, rows in ((50, 1), (61, 2)):
        later = now + timedelta(seconds=seconds)
        monkeypatch.setattr(timezone, "now", lambda later=later: later)
        refuse()
        assert count() == rows


@pytest.mark.django_db(transaction=True)
def test_what_many_try_at_once_has_one_row() -> None:
    def refuse_in_a_thread(_number: int) -> None:
        with closing(database):
            refuse()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(refuse_in_a_thread, range(16), timeout=30))
    assert count() == 1


def test_what_differs_has_a_row_of_its_own() -> None:
    refuse()
    refuse(subject="bob")
    refuse(address="192.0.2.8")
    action_log.record_refusal(PeopleAction.USER_DELETED, "alice", refusal=Refusal.NOT_ALLOWED)
    assert count() == 4


def test_a_subject_that_is_cut_is_recognised_again() -> None:
    for _try in range(2):
        refuse(subject="a" * 300)
    assert count() == 1
