"""Rows of the action log are sent elsewhere, and nothing waits for that."""

import json
import logging
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client

from backend.audit import action_log, chain, forwarding
from backend.audit.models import ChainLink
from backend.people.actions import Action
from tests.addresses import USERS
from tests.backend.audit.test_archive import found

PATIENCE_S = 10


@pytest.fixture
def _to_stdout() -> Iterator[None]:
    yield from attached(forwarding.StandardOutput())


def attached(handler: logging.Handler) -> Iterator[None]:
    level = forwarding.logger.level
    forwarding.logger.addHandler(handler)
    forwarding.logger.setLevel(logging.INFO)
    yield
    forwarding.logger.removeHandler(handler)
    forwarding.logger.setLevel(level)
    handler.flush()
    handler.close()


def record(text: str = "{}") -> logging.LogRecord:
    return logging.LogRecord(forwarding.LOGGER, logging.INFO, "", 0, text, (), None)


def server(kind: int = socket.SOCK_DGRAM) -> socket.socket:
    place = socket.socket(socket.AF_INET, kind)
    place.bind(("127.0.0.1", 0))
    place.settimeout(PATIENCE_S)
    if kind == socket.SOCK_STREAM:
        place.listen()
    return place


@pytest.mark.usefixtures("_to_stdout")
@pytest.mark.django_db(transaction=True)
def test_each_row_is_a_line_that_proves_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    action_log.record(Action.USER_CHANGED, "alice")
    with transaction.atomic():
        action_log.record(Action.USER_CHANGED, "bob")
        action_log.record(Action.USER_CHANGED, "carol")
    lines = capsys.readouterr().err
    assert [json.loads(line)["subject"] for line in lines.splitlines()] == ["alice", "bob", "carol"]
    file = tmp_path / "log.jsonl"
    file.write_text(lines, encoding="utf-8")
    assert found(file, code=0)["head"]["digest"] == ChainLink.objects.get(number=3).digest


@pytest.mark.usefixtures("_to_stdout")
@pytest.mark.django_db(transaction=True)
def test_rows_of_requests_go_to_standard_output(as_charlie: Client, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    as_charlie.get(USERS)
    (line,) = capsys.readouterr().out.splitlines()
    assert (json.loads(line)["action"], json.loads(line)["subject"]) == ("page_denied", "users")


@pytest.mark.usefixtures("_to_stdout")
@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_is_not_sent(capsys: pytest.CaptureFixture[str]) -> None:
    with transaction.atomic():
        action_log.record(Action.USER_CHANGED, "alice")
        transaction.set_rollback(True)
    assert capsys.readouterr().err == ""


@pytest.mark.django_db
def test_without_the_setting_nothing_is_sent(capsys: pytest.CaptureFixture[str]) -> None:
    action_log.record(Action.USER_CHANGED, "alice")
    chain.extend()
    assert capsys.readouterr() == ("", "")


def test_a_line_for_syslog_is_of_rfc_5424() -> None:
    with server() as place:
        handler = forwarding.Syslog("syslog://127.0.0.1:{1}".format(*place.getsockname()))
        handler.emit(record('{"a": 1}'))
        head, _dash, text = place.recv(9000).decode().partition(" - ")
        handler.close()
    priority, _at, host, program, process, name = head.split(" ")
    assert (priority, host, program) == ("<110>1", socket.gethostname(), "commerce-admin")
    assert (process, name, text) == (str(os.getpid()), "action_log", '{"a": 1}')


def test_over_tcp_each_line_begins_with_its_length() -> None:
    with server(socket.SOCK_STREAM) as place:
        handler = forwarding.Syslog("syslog+tcp://127.0.0.1:{1}".format(*place.getsockname()))
        handler.emit(record())
        with place.accept()[0] as accepted:
            length, _blank, line = accepted.recv(9000).partition(b" ")
        handler.close()
    assert int(length) == len(line)


def test_a_local_syslog_is_a_socket(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as place:
        place.bind(str(tmp_path / "log"))
        place.settimeout(PATIENCE_S)
        handler = forwarding.Syslog(f"syslog://{tmp_path}/log")
        handler.emit(record())
        assert place.recv(9000).endswith(b"{}")
        handler.close()


def test_lines_wait_for_a_syslog_that_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(forwarding, "PAUSE_S", 0.02)
    monkeypatch.setattr(forwarding, "MOST_WAITING", 3)
    handler = forwarding.Syslog(f"syslog://{tmp_path}/log")
    began = time.monotonic()
    for number in range(10):
        handler.emit(record(f"{number}"))
    assert time.monotonic() - began < PATIENCE_S
    while not caplog.records:
        time.sleep(0.01)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as place:
        place.bind(str(tmp_path / "log"))
        place.settimeout(PATIENCE_S)
        assert place.recv(9000).endswith(b" 0")
        handler.flush()
        handler.close()
    said = [line.getMessage() for line in caplog.records]
    assert said[0] == "The action log cannot be forwarded: No such file or directory. New rows wait."
    assert said[-1].endswith("rows of the action log were not forwarded.")


def test_the_end_of_a_process_does_not_wait_for_ever_and_says_what_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(forwarding, "AT_END_S", 0.05)
    monkeypatch.setattr(forwarding, "PAUSE_S", 0.01)
    handler = forwarding.Syslog(f"syslog://{tmp_path}/log")
    handler.emit(record())
    # Python does both for each handler.
    handler.flush()
    handler.close()
    assert handler._waiting.unfinished_tasks == 1
    assert caplog.messages[-1] == "1 rows of the action log were not forwarded."
