"""How checks are taken: each by itself, and none for ever."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError

from connector.doctor import findings
from connector.doctor.findings import Check, Finding, State, fine, wrong


def good() -> Iterator[Finding]:
    yield fine("All is\twell.\n")


def broken() -> Iterator[Finding]:
    yield fine("begun")
    message = "canary"
    raise TypeError(message)


def down() -> Iterator[Finding]:
    message = 'connection failed for user "canary"'
    raise OperationalError(message)
    yield


def hanging() -> Iterator[Finding]:
    threading.Event().wait(5)
    yield fine("too late")


def take(*checks: Check) -> list[tuple[str, State, str]]:
    return [(name, finding.state, finding.text) for name, finding in findings.take(checks, patience_s=0.2)]


def test_somebody_who_waits_sees_which_check_looks() -> None:
    shown: list[str] = []

    @contextmanager
    def waiting(text: str) -> Iterator[None]:
        shown.append(text)
        yield
        shown.append("done")

    def looks() -> Iterator[Finding]:
        shown.append("looks")
        yield fine("All is well.")

    findings.take([Check("good", looks)], waiting)
    assert shown == ["Looking at good", "looks", "done"]


def test_a_text_is_one_line() -> None:
    assert take(Check("good", good)) == [("good", State.OK, "All is well.")]


def test_a_check_that_fails_or_hangs_does_not_end_the_others() -> None:
    taken = take(Check("broken", broken), Check("hanging", hanging), Check("down", down), Check("good", good))
    assert [state for _name, state, _text in taken] == [*[State.UNKNOWN] * 3, State.OK]
    assert taken[0][2] == "The check itself failed: TypeError."
    assert "canary" not in repr(taken)


def test_without_a_database_nothing_that_needs_one_is_tried() -> None:
    taken = take(Check("database", down), Check("rows", broken, needs_database=True), Check("good", good))
    assert taken[1] == ("rows", State.UNKNOWN, "Not looked at: the database does not answer.")
    assert taken[2][1] is State.OK


def test_a_database_that_answers_is_looked_at_whatever_else_is_wrong_with_it() -> None:
    def read_only() -> Iterator[Finding]:
        yield fine("It answers.")
        yield wrong("It can only be read.", "Correct it.")

    taken = take(Check("database", read_only), Check("rows", good, needs_database=True))
    assert [state for _name, state, _text in taken] == [State.OK, State.WRONG, State.OK]
