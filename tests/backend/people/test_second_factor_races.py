"""Two requests with the same code, at the same moment: one of them signs in."""

import threading
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.db import connection as database

from backend.people.second_factor import codes
from tests.backend.people.second_factors import Clock, give_app, give_codes

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE_S = 30


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def at_once(act: Callable[[], object], times: int = 5) -> list[object]:
    """Do the same in several threads, each with a database connection of its own; return what they returned."""
    ready, answers = threading.Barrier(times), list[object]()

    def run() -> None:
        ready.wait(PATIENCE_S)
        try:
            answers.append(act())
        finally:
            database.close()

    threads = [threading.Thread(target=run, daemon=True) for _thread in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert len(answers) == times
    return answers


def test_a_code_of_an_app_is_used_up_once(known: User, clock: Clock) -> None:
    give_app(known)
    code = clock.code()
    assert len([factor for factor in at_once(lambda: codes.use(known, code)) if factor]) == 1


def test_a_recovery_code_is_used_up_once(known: User, clock: Clock) -> None:
    give_app(known)
    code = give_codes(known)[0]
    assert len([factor for factor in at_once(lambda: codes.use(known, code)) if factor]) == 1


def test_recovery_codes_that_are_used_at_once_are_all_used_up(known: User, clock: Clock) -> None:
    give_app(known)
    given = iter(give_codes(known)[:5])
    lock = threading.Lock()

    def use_another() -> object:
        with lock:
            code = next(given)
        return codes.use(known, code)

    assert all(at_once(use_another))
    assert codes.left(Authenticator.objects.get(type="recovery_codes")) == 5
