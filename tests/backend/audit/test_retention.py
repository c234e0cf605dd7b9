"""`maintain` deletes old rows of the action log, and what is left can still be proved."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.db import connection as database
from django.utils import timezone
from pytest_django import Settings

from backend.audit import action_log, append_only, chain, retention
from backend.audit.actions import Action, Words
from backend.audit.models import ChainLink, Checkpoint, LoggedAction
from backend.audit.proof import Head
from tests.backend.audit.test_proof import head, problems, tamper, verify, write

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _keep_forty_days(settings: Settings) -> None:
    settings.ACTION_LOG_DAYS = 40


def add(days: int, subject: str = "") -> None:
    at = timezone.now() - timedelta(days=days)
    LoggedAction.objects.create(action="user_changed", result="done", subject=subject or f"{days} days", at=at)
    chain.extend()


def shorten() -> int:
    count = retention.shorten(timezone.now())
    chain.extend()
    return count


def left() -> list[str]:
    return list(LoggedAction.objects.order_by("pk").values_list("subject", flat=True))


def test_old_rows_go_and_the_log_says_so() -> None:
    for days in (90, 60, 39, 1):
        add(days)
    assert shorten() == 2
    assert left() == ["39 days", "1 days", ""]
    row, checkpoint = LoggedAction.objects.latest("pk"), Checkpoint.objects.get()
    assert (row.action, row.user_name, checkpoint.number, checkpoint.rows) == (Action.LOG_SHORTENED, "", 2, 2)
    assert Words().read(row.after) == f"Number: 2\nDigest: {checkpoint.digest}"


def test_a_clock_ahead_of_the_one_of_the_database_does_no_harm(settings: Settings) -> None:
    settings.ACTION_LOG_DAYS = 30
    now = timezone.now()
    LoggedAction.objects.create(action="user_changed", result="done", at=now - timedelta(days=30, minutes=-1))
    add(1)
    assert retention.shorten(now + timedelta(minutes=2)) == 1
    assert verify(code=0)["problems"] == []


def test_the_rest_is_proved_from_the_checkpoint() -> None:
    add(90)
    kept = head()
    for days in (60, 1):
        add(days)
    middle = head()
    shorten()
    assert verify("--head", middle, code=0)["rows"] == 2
    assert verify("--head", kept, code=0)["problems"] == []
    tamper("DELETE FROM audit_loggedaction WHERE subject = '1 days'", "DELETE FROM audit_chainlink WHERE number = 3")
    assert ("removed", 3) in problems()


def test_it_goes_on_from_the_last_checkpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "ROWS_AT_ONCE", 2)
    for days in (90, 80, 70, 60, 50):
        add(days)
    assert shorten() == 5
    assert shorten() == 0
    LoggedAction.objects.create(action="user_changed", subject="older", at=timezone.now() - timedelta(days=45))
    assert shorten() == 0  # It was linked after a row that stays.
    assert verify(code=0)["rows"] == 2


def test_what_a_stopped_run_left_goes_with_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    add(90)
    with monkeypatch.context() as patch:
        patch.setattr(retention, "_delete", lambda: 0)
        shorten()
    # Until then it is proved as well.
    assert (left(), verify(code=0)["rows"]) == (["90 days", ""], 2)
    assert shorten() == 1
    assert (left(), verify(code=0)["rows"]) == ([""], 1)


def test_without_the_setting_nothing_is_deleted(settings: Settings) -> None:
    settings.ACTION_LOG_DAYS = 0
    add(900)
    assert shorten() == 0
    assert not Checkpoint.objects.exists()


def test_rows_that_somebody_changed_stay_as_evidence() -> None:
    for days in (90, 60, 1):
        add(days)
    tamper("UPDATE audit_loggedaction SET user_name = 'x' WHERE subject = '60 days'")
    with pytest.raises(CommandError, match="because somebody changed it"):
        call_command("maintain")
    assert len(left()) == 3


def test_sql_cannot_delete_what_no_checkpoint_names() -> None:
    add(90)
    for statement in ("DELETE FROM audit_loggedaction", "DELETE FROM audit_chainlink"):
        with pytest.raises(IntegrityError, match=append_only.MESSAGE), transaction.atomic():
            database.cursor().execute(statement)


def test_a_checkpoint_of_somebody_else_deletes_no_new_row_and_shows() -> None:
    for days in (90, 20):
        add(days)
    last = ChainLink.objects.get(number=2)
    Checkpoint.objects.create(number=2, digest=last.digest, rows=2, at=timezone.now())
    for rows in (LoggedAction.objects.filter(subject="20 days"), ChainLink.objects.filter(number=2)):
        with pytest.raises(IntegrityError, match=append_only.MESSAGE), transaction.atomic():
            rows.delete()
    assert problems() == [("removed", 2)]


@pytest.mark.parametrize(("number", "digest"), [(2**62, "f" * 64), (2, "f" * 64)], ids=["far ahead", "wrong"])
def test_nobody_hides_rows_behind_a_made_up_checkpoint(number: int, digest: str) -> None:
    for days in (20, 10, 5):
        add(days)
    Checkpoint.objects.create(number=number, digest=digest, rows=2, at=timezone.now())
    action_log.record(Action.LOG_SHORTENED, after=retention.facts_of(Head(number, digest)))
    chain.extend()
    tamper("UPDATE audit_loggedaction SET subject = 'other' WHERE subject = '10 days'")
    kinds = {"far ahead": [("edited", 2), ("removed", number)], "wrong": [("edited", 2), ("rewritten", 2)]}
    assert problems() == kinds["wrong" if number == 2 else "far ahead"]


@pytest.mark.parametrize("statement", ["UPDATE audit_checkpoint SET number = 2", "DELETE FROM audit_checkpoint"])
def test_a_checkpoint_stays_as_it_is(statement: str) -> None:
    add(90)
    shorten()
    with pytest.raises(IntegrityError, match=append_only.MESSAGE), transaction.atomic():
        database.cursor().execute(statement)


def test_a_head_that_does_not_match_its_checkpoint_shows() -> None:
    add(90)
    shorten()
    write("a")
    assert problems("--head", f"1:{'0' * 64}") == [("rewritten", 1)]
