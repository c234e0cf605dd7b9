"""The action log at a glance, for one person and in one query."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from backend.audit import overview
from backend.audit.models import LoggedAction, SeenEvents
from backend.audit.overview import Overview

pytestmark = pytest.mark.django_db
WATCHED, FAILING = ("keys_replaced", "keys_removed"), "sign_in_failed"


def log(action: str, user: User | None = None, *, is_done: bool = True, **values: Any) -> int:
    """Add a row and return its key."""
    user_id, name = (user.pk, user.username) if user else (None, "")
    result = "done" if is_done else "refused"
    row = LoggedAction.objects.create(action=action, user_id=user_id, user_name=name, result=result, **values)
    return row.pk


def read(person: User, newest: int = 5) -> Overview:
    day_ago = timezone.now() - timedelta(hours=24)
    return overview.read(person, newest=newest, watched=WATCHED, failing=FAILING, since=day_ago)


def test_it_takes_one_query(alice: User, bob: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    log("keys_replaced", bob)
    log(FAILING, is_done=False)
    with django_assert_num_queries(1):
        found = read(alice)
        assert [row.user_name for row in found.newest] == ["", "bob"]


def test_the_newest_rows_come_first_and_no_others(alice: User) -> None:
    keys = [log("signed_in", alice) for _number in range(7)]
    assert [row.pk for row in read(alice).newest] == keys[:1:-1]
    assert read(alice, newest=0).newest == ()


def test_only_done_actions_of_other_people_are_unseen(alice: User, bob: User) -> None:
    log("keys_replaced", alice)
    log("keys_replaced")
    log("keys_removed", bob, is_done=False)
    log("project_chosen", bob)
    wanted = log("keys_removed", bob)
    assert [row.pk for row in read(alice).unseen] == [wanted]


def test_what_was_seen_in_the_bell_is_not_unseen(alice: User, bob: User) -> None:
    SeenEvents.objects.advance(alice.pk, log("keys_replaced", bob))
    assert read(alice).unseen == ()
    newer = log("keys_replaced", bob)
    assert [row.pk for row in read(alice, newest=0).unseen] == [newer]


def test_nobody_is_told_of_what_was_done_before_they_came(alice: User, bob: User) -> None:
    log("keys_replaced", bob, at=timezone.now() - timedelta(days=1))
    assert read(alice).unseen == ()


def test_what_other_people_failed_to_do_counts_for_a_day(alice: User, bob: User) -> None:
    log(FAILING, alice, is_done=False)
    log(FAILING, bob, is_done=False, at=timezone.now() - timedelta(hours=25))
    assert read(alice).failed == 0
    log(FAILING, bob, is_done=False)
    log(FAILING, is_done=False)
    assert read(alice).failed == 2


@pytest.mark.parametrize("newest", [0, 2])
def test_nothing_is_returned_that_was_not_asked_for(alice: User, bob: User, newest: int) -> None:
    log("keys_replaced", bob)
    log(FAILING, is_done=False)
    found = overview.read(alice, newest=newest, watched=(), failing="", since=timezone.now() - timedelta(hours=24))
    assert (len(found.newest), found.unseen, found.failed) == (newest, (), 0)


def test_who_may_see_nothing_of_it_costs_no_query(
    alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        overview.read(alice, newest=0, watched=(), failing="", since=timezone.now())
