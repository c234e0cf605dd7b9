"""The rows of the action log are one chain, even if several processes write at once."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connections, transaction
from django.db import connection as database

from backend.audit import action_log, chain
from backend.audit.models import LoggedAction
from backend.people.actions import Action

WRITERS, ROWS_EACH = 8, 10
PATIENCE_S = 30


def write(subject: str = "alice") -> None:
    action_log.record(Action.USER_CHANGED, subject, before="name: A; B", after="name: Ä")


def linked() -> list[tuple[int, str]]:
    """Return number and subject of each link. Fails where the chain is broken."""
    query = f"SELECT c.number, c.previous, c.digest, {chain.SELECTED} FROM audit_chainlink c"  # noqa: S608
    previous, found = chain.BEGINNING, []
    with database.cursor() as cursor:
        cursor.execute(f"{query} JOIN audit_loggedaction l ON l.id = c.row_id ORDER BY c.number")
        for expected, (number, before, digest, *row) in enumerate(cursor.fetchall(), 1):
            assert (number, before) == (expected, previous)
            assert digest == sha256(chain.text_of(row, number, previous).encode()).hexdigest()
            previous = digest
            found.append((number, row[chain.COLUMNS.index("subject")]))
    return found


@pytest.mark.django_db(transaction=True)
def test_a_row_is_linked_at_once() -> None:
    for name in ("alice", "bob"):
        write(name)
    assert linked() == [(1, "alice"), (2, "bob")]


@pytest.mark.django_db(transaction=True)
def test_the_rows_of_a_transaction_are_linked_when_it_ends() -> None:
    with transaction.atomic():
        write("alice")
        write("bob")
        assert linked() == []
    assert linked() == [(1, "alice"), (2, "bob")]


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_leaves_no_gap() -> None:
    with transaction.atomic():
        write("alice")
        transaction.set_rollback(True)
    write("bob")
    assert linked() == [(1, "bob")]


@pytest.mark.django_db(transaction=True)
def test_a_change_is_done_although_its_row_cannot_be_linked_yet(
    monkeypatch: pytest.MonkeyPatch, all_logs: pytest.LogCaptureFixture
) -> None:
    def fail(_key: int = 0) -> None:
        raise OperationalError

    with monkeypatch.context() as patch:
        patch.setattr(chain, "_append", fail)
        with transaction.atomic():
            write("alice")
    assert "in on_commit()" in all_logs.text
    assert linked() == []
    write("bob")
    assert linked() == [(1, "alice"), (2, "bob")]


@pytest.mark.django_db(transaction=True)
def test_rows_that_a_stopped_process_left_are_linked_by_the_next_one() -> None:
    LoggedAction.objects.create(action=Action.USER_CHANGED, subject="left")
    write("alice")
    assert linked() == [(1, "left"), (2, "alice")]


@pytest.mark.django_db(transaction=True)
def test_a_row_that_was_left_behind_newer_ones_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "ROWS_AT_ONCE", 2)
    newest = LoggedAction.objects.create(pk=1000, action=Action.USER_CHANGED, subject="newest")
    chain.extend(newest.pk)
    for number in range(5):
        LoggedAction.objects.create(pk=number + 1, action=Action.USER_CHANGED, subject="left")
    chain.extend(1000)
    assert len(linked()) == 1
    assert chain.extend_with_all() == 5
    assert chain.extend_with_all() == 0
    assert len(linked()) == 6


@pytest.mark.django_db(transaction=True)
def test_many_who_write_at_once_make_one_chain(alice: User) -> None:
    """Half of them write in transactions that lock the same row before and after."""

    def add(writer: int) -> None:
        for number in range(ROWS_EACH):
            if writer % 2:
                write(f"{writer}-{number}")
                continue
            with transaction.atomic():
                write(f"{writer}-{number}")
                User.objects.select_for_update().get(pk=alice.pk).save()
        connections.close_all()

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(add, range(WRITERS), timeout=PATIENCE_S))
    expected = {f"{writer}-{number}" for writer in range(WRITERS) for number in range(ROWS_EACH)}
    found = [subject for _number, subject in linked()]
    assert (len(found), {*found}) == (WRITERS * ROWS_EACH, expected)


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_a_transaction_that_has_written() -> None:
    if database.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time.")
    written, may_end = threading.Event(), threading.Event()

    def linger() -> None:
        with transaction.atomic():
            write("slow")
            written.set()
            assert may_end.wait(PATIENCE_S)
        connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(linger)
        assert written.wait(PATIENCE_S)
        write("quick")
        may_end.set()
        slow.result(PATIENCE_S)
    assert linked() == [(1, "quick"), (2, "slow")]


@pytest.mark.django_db
def test_the_text_of_a_row_is_json_that_is_safe_in_a_spreadsheet() -> None:
    write()
    text = chain.text_of(LoggedAction.objects.values_list(*chain.COLUMNS).get(), 1, chain.BEGINNING)
    assert text.isascii()
    assert not {*";\n"} & {*text}
    values = json.loads(text)
    assert (values["before"], values["after"], values["number"]) == ("name: A; B", "name: Ä", 1)
    assert {*values} == {"number", "previous", "at", *(field.name for field in LoggedAction._meta.fields)}
    assert chain.canonical(values) == text
