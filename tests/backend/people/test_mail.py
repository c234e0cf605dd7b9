"""E-mails are sent behind an answer."""

import threading
from functools import partial
from smtplib import SMTPRecipientsRefused

import pytest

from backend.people import mail

later = mail.later
PATIENCE_S = 10


def wait() -> None:
    """Wait until everything before has been done."""
    done = threading.Event()
    later(done.set)
    assert done.wait(PATIENCE_S)


def test_nobody_waits_for_a_mail_server() -> None:
    goes_on, began = threading.Event(), threading.Event()

    def hang() -> None:
        began.set()
        goes_on.wait(PATIENCE_S)

    later(hang)
    assert began.wait(PATIENCE_S)
    goes_on.set()
    wait()


def test_a_failure_is_logged_by_its_kind_and_names_nobody(all_logs: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise SMTPRecipientsRefused({"erin@luma.example": (550, b"no such user")})

    later(fail)
    wait()
    assert "An e-mail was not sent: SMTPRecipientsRefused. Check EMAIL_URL" in all_logs.text
    assert "erin" not in all_logs.text


def test_a_server_that_hangs_does_not_fill_the_memory(
    monkeypatch: pytest.MonkeyPatch, all_logs: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(mail, "MOST_WAITING", 3)
    goes_on, done = threading.Event(), list[int]()

    def hang(number: int) -> None:
        goes_on.wait(PATIENCE_S)
        done.append(number)

    for number in range(5):
        later(partial(hang, number))
    assert all_logs.text.count("3 others are waiting") == 2
    goes_on.set()
    monkeypatch.undo()
    wait()
    assert done == [0, 1, 2]
