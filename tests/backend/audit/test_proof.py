"""`manage.py audit verify` finds what somebody did to the action log who could take its triggers away."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection as database

from backend.audit import action_log, append_only, chain, proof
from backend.audit.models import LoggedAction
from backend.people.actions import Action
from tests.factories import unprotected_log

pytestmark = pytest.mark.django_db


def write(*subjects: str) -> None:
    for subject in subjects:
        action_log.record(Action.USER_CHANGED, subject)
    chain.extend()


def verify(*arguments: str, code: int = 1) -> dict[str, Any]:
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("audit", "verify", "--json", *arguments, stdout=out)
    assert ended.value.code == code
    found: dict[str, Any] = json.loads(out.getvalue())
    assert found["status"] == ("broken" if code else "intact")
    return found


def head() -> str:
    return "{number}:{digest}".format(**verify(code=0)["head"])


def problems(*arguments: str) -> list[tuple[str, int | None]]:
    return [(problem["kind"], problem["number"]) for problem in verify(*arguments)["problems"]]


def tamper(*statements: str) -> None:
    with unprotected_log(), database.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def key_of(subject: str) -> int:
    return int(LoggedAction.objects.get(subject=subject).pk)


def test_a_log_that_nobody_changed_is_intact() -> None:
    write("a", "b", "c")
    kept = head()
    write("d")
    found = verify("--head", kept, code=0)
    assert (found["rows"], found["unlinked"], found["problems"]) == (4, 0, [])


def test_an_empty_log_is_intact() -> None:
    assert verify(code=0)["head"] == {"number": 0, "digest": "0" * 64}


@pytest.mark.parametrize(
    "change",
    [
        "subject = 'x'",
        "at = '2020-01-01 00:00:00+00:00'",
        "user_id = 7",
        "user_name = 'x'",
        "address = '192.0.2.1'",
        "action = 'x'",
        "result = 'refused'",
        "cause = 'x'",
        "before = 'x'",
        "after = 'x'",
        "is_event = NOT is_event",
    ],
)
def test_a_row_that_was_edited_is_named(change: str) -> None:
    write("a", "b", "c")
    change = change.replace("+00:00", "") if database.vendor == "sqlite" else change
    tamper(f"UPDATE audit_loggedaction SET {change} WHERE subject = 'b'")  # noqa: S608
    (problem,) = verify()["problems"]
    assert (problem["kind"], problem["number"]) == ("edited", 2)
    assert problem["text"].startswith(f"Row {problem['row_id']} (number 2) was edited")


def test_a_row_that_was_removed_is_named() -> None:
    write("a", "b", "c")
    key = key_of("b")
    tamper("DELETE FROM audit_loggedaction WHERE subject = 'b'")
    (problem,) = verify()["problems"]
    assert (problem["kind"], problem["text"]) == ("removed", f"Row {key} (number 2) was removed.")


def test_rows_that_were_removed_with_their_links_are_numbered() -> None:
    write("a", "b", "c", "d")
    links = "DELETE FROM audit_chainlink WHERE number IN (2, 3)"
    tamper("DELETE FROM audit_loggedaction WHERE subject IN ('b', 'c')", links)
    (problem,) = (problem for problem in verify()["problems"] if problem["kind"] == "removed")
    assert problem["text"] == "Numbers 2 to 3 were removed, rows and links."


def test_the_first_rows_are_missed_too() -> None:
    write("a", "b")
    tamper("DELETE FROM audit_loggedaction WHERE subject = 'a'", "DELETE FROM audit_chainlink WHERE number = 1")
    assert ("removed", 1) in problems()


def test_rows_that_changed_places_are_named() -> None:
    write("a", "b", "c", "d")
    changes = ((2, 9), (3, 2), (9, 3))
    tamper(*(f"UPDATE audit_chainlink SET number = {new} WHERE number = {old}" for old, new in changes))  # noqa: S608
    assert {number for _kind, number in problems()} == {2, 3, 4}


def test_an_end_that_was_cut_off_shows_by_a_head_that_was_kept() -> None:
    write("a", "b", "c")
    kept = head()
    tamper("DELETE FROM audit_loggedaction WHERE subject = 'c'", "DELETE FROM audit_chainlink WHERE number = 3")
    assert verify(code=0)["rows"] == 2
    assert problems("--head", kept) == [("removed", 3)]


def test_a_chain_that_was_computed_again_shows_by_a_head_that_was_kept() -> None:
    write("a", "b", "c")
    kept = head()
    tamper("UPDATE audit_loggedaction SET subject = 'x' WHERE subject = 'a'", "DELETE FROM audit_chainlink")
    chain.extend_with_all()
    assert verify(code=0)["rows"] == 3
    assert problems("--head", kept) == [("rewritten", 3)]


def test_a_digest_that_was_computed_again_breaks_the_chain_after_it() -> None:
    write("a", "b", "c")
    tamper("UPDATE audit_loggedaction SET subject = 'x' WHERE subject = 'b'")
    with database.cursor() as cursor:
        cursor.execute(proof._LINKS, [1, proof.LAST])
        number, _key, previous, _digest, *columns = cursor.fetchone()
    digest = chain.digest_of(chain.text_of(columns, number, previous))
    tamper(f"UPDATE audit_chainlink SET digest = '{digest}' WHERE number = 2")  # noqa: S608
    assert problems() == [("moved", 3)]


def test_triggers_that_are_gone_are_a_problem() -> None:
    with database.cursor() as cursor:
        cursor.execute(append_only.unprotecting(database.vendor)[0])
    assert problems() == [("unprotected", None)]


def test_rows_without_a_link_are_counted() -> None:
    write("a")
    action_log.record(Action.USER_CHANGED, "b")
    assert verify(code=0)["unlinked"] == 1


def test_problems_beyond_a_hundred_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "MOST_PROBLEMS", 2)
    write("a", "b", "c")
    tamper("UPDATE audit_loggedaction SET subject = 'x'")
    found = verify()
    assert (found["problem_count"], len(found["problems"])) == (3, 2)


def test_a_long_log_is_read_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "ROWS_AT_ONCE", 2)
    monkeypatch.setattr(proof, "_LINKS", proof._LINKS.replace("LIMIT 5000", "LIMIT 2"))
    write("a", "b", "c", "d")
    assert verify(code=0)["rows"] == 4


def test_people_read_what_was_found() -> None:
    write("a", "b")
    tamper("UPDATE audit_loggedaction SET subject = 'x' WHERE subject = 'b'")
    action_log.record(Action.USER_CHANGED, "c")
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("audit", "verify", stdout=out)
    edited, rows, unlinked, last = out.getvalue().splitlines()
    assert edited.endswith("(number 2) was edited: it does not have its digest any more.")
    assert rows == "Rows: 2. Problems: 1."
    assert unlinked.startswith("Rows without a link: 1.")
    assert last.startswith("Head: 2:")


@pytest.mark.parametrize("given", ["", "1", "1:abc", f"x:{'0' * 64}", f"1:{'A' * 64}"])
def test_a_head_that_cannot_be_read_is_refused(given: str) -> None:
    with pytest.raises(CommandError, match="a head looks like"):
        call_command("audit", "verify", "--head", given)
