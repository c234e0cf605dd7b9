"""A change that is interrupted anywhere, by an error or the end of the process, is done completely or not at all."""

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, NoReturn

import pytest
from django.db import OperationalError, connections, transaction
from django.db import connection as database
from django.test import override_settings
from django.utils import timezone
from pytest_django import Settings

from backend.audit.actions import Result
from backend.audit.models import LoggedAction
from connector import connection
from connector.configuration import pairs
from connector.configuration import save as saving
from connector.configuration.plan import SavePlan
from connector.gateway.client import Credentials
from connector.keys import keyring, pem
from connector.models import RESTORABLE, Instance, KeyPair, Turn
from connector.rekey import reencryption
from connector.verification.causes import Cause
from tests.conftest import new_private_key
from tests.factories import connect, empty_log, learn, store
from tests.gateways import LIVE_ID, PRODUCTION, SANDBOX, Outside

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    # The process that forks has threads: those of another test's server and of the progress report.
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]
Fail = Callable[[], NoReturn]
Act = Callable[[Callable[[], object]], bool]
FEWEST_STEPS = 4
OLDER = keyring.generate_key()


def save(**wanted: Any) -> None:
    stored = connection.load()
    saving.save(SavePlan(stored, **wanted), None)


def restore(what: str) -> None:
    stored = connection.load()
    restorable = pairs.restorable(what, stored)
    assert restorable
    saving.save(pairs.restoring(restorable, stored), None)


def erase_former() -> None:
    stored = connection.load()
    pair = stored.slots[SANDBOX].former
    assert pair
    pairs.erase(pair, stored)


def remove(*, erase: bool) -> None:
    pairs.remove_keys(SANDBOX, connection.load(), erase=erase)


def state() -> Any:
    """Return the stored connection, and what the log says was done to it."""
    stored = connection.load()
    slots = {
        environment: (slot.credentials, slot.former and slot.former.digest)
        for environment, slot in stored.slots.items()
    }
    instance = stored.instance
    kept = (instance.former_identifier or {}).get("data_space_id")
    keys = Counter(value.key_id for value in reencryption.values())
    identifier = instance.active_environment, instance.project_id, instance.data_space_id, kept
    done = Counter(LoggedAction.objects.filter(result=Result.DONE).values_list("action", flat=True))
    found = {environment: slot.verification.last_answer for environment, slot in stored.slots.items()}
    return slots, keys, identifier, instance.revision, found, done


class Steps:
    """Counts statements that change something, and the moments before and after a commit; fails at the step `at`."""

    def __init__(self, at: int, fail: Fail) -> None:
        self.at, self.fail, self.taken = at, fail, 0

    def take(self) -> None:
        self.taken += 1
        if self.taken == self.at:
            self.fail()

    def execute(self, execute: Callable[..., Any], sql: str, *args: Any) -> Any:
        if not sql.startswith("SELECT"):
            self.take()
        return execute(sql, *args)

    @contextmanager
    def watched(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        commit = database._commit  # type: ignore[attr-defined]  # undocumented, and the only place

        def watched_commit() -> None:
            self.take()
            commit()
            self.take()

        with monkeypatch.context() as patch, database.execute_wrapper(self.execute):
            patch.setattr(database, "_commit", watched_commit)
            yield


@pytest.fixture
def arranged(pair: Credentials, other_pair: Credentials, outside: Outside) -> Callable[[], None]:
    """Return a function that makes the state before: connected, with former values of every kind."""
    outside.accept(SANDBOX)
    outside.accept(PRODUCTION)
    third = Credentials("c" * 32, pair.private_key)

    def arrange() -> None:
        Turn.objects.all().delete()
        KeyPair.objects.all().delete()
        Instance.objects.all().delete()
        empty_log()
        store(PRODUCTION, other_pair)
        store(SANDBOX, third)
        connect(pair)
        learn(PRODUCTION)
        before = connection.load().instance.identifier
        Instance.objects.update(
            former_identifier={**vars(before), "data_space_id": LIVE_ID},
            identifier_replaced_at=timezone.now() - RESTORABLE + timedelta(days=1),
        )

    return arrange


@pytest.fixture(autouse=True)
def _older_key(settings: Settings) -> None:
    settings.ENCRYPTION_KEYS = [*settings.ENCRYPTION_KEYS, OLDER]


def sealed_by_the_older_key() -> None:
    for pair in KeyPair.objects.all():
        plain = {column: pair.open(column) for column in reencryption.COLUMNS}
        with override_settings(ENCRYPTION_KEYS=[OLDER]):
            KeyPair.objects.filter(pk=pair.pk).update(**{name: pair.seal(name, text) for name, text in plain.items()})


def moving() -> None:
    KeyPair.objects.filter(environment=PRODUCTION).delete()
    learn(SANDBOX, Cause.WRONG_ENVIRONMENT)


def nothing() -> None:
    """Leave the state before as it is."""


# For each change: what prepares it, which is never interrupted, and the change itself.
CHANGES: dict[str, tuple[Callable[[], None], Callable[[Credentials], object]]] = {
    "replace": (nothing, lambda new: save(pairs={SANDBOX: new})),
    "save both and switch": (
        nothing,
        lambda new: save(pairs={SANDBOX: new, PRODUCTION: new}, environment=PRODUCTION, switches=True),
    ),
    "choose": (nothing, lambda _new: save(data_space_id=LIVE_ID)),
    "restore pair": (nothing, lambda _new: restore("sandbox")),
    "restore identifier": (nothing, lambda _new: restore("identifier")),
    "remove": (nothing, lambda _new: remove(erase=False)),
    "remove and erase": (nothing, lambda _new: remove(erase=True)),
    "erase": (nothing, lambda _new: erase_former()),
    "move": (moving, lambda _new: pairs.move_pair(SANDBOX, connection.load(), None)),
    "rekey": (sealed_by_the_older_key, lambda _new: reencryption.rekey()),
    "switch": (nothing, lambda _new: pairs.switch_environment(PRODUCTION, connection.load())),
}
each_change = pytest.mark.parametrize("name", CHANGES)


@pytest.fixture(scope="module")
def new() -> Credentials:
    """Return a pair that was not there before."""
    return Credentials("d" * 32, pem.parse(new_private_key()))


@pytest.fixture
def interrupted(
    arranged: Callable[[], None], new: Credentials, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str, Act, Fail], None]:
    """Return a function that interrupts a change at each step in turn, and checks the state after each."""

    def interrupt(name: str, act: Act, fail: Fail) -> None:
        first, change = CHANGES[name]
        seen: list[tuple[Any, Any]] = []
        was_interrupted = True
        while was_interrupted:
            with transaction.atomic():
                arranged()
                first()
            before, steps = state(), Steps(len(seen) + 1, fail)
            with steps.watched(monkeypatch):
                was_interrupted = act(lambda: change(new))
            seen.append((before, state()))
        before, after = seen.pop()
        assert len(seen) >= FEWEST_STEPS
        assert after != before
        assert [found for old, found in seen if found not in (old, after)] == []

    return interrupt


def fail() -> NoReturn:
    message = "The database has gone away."
    raise OperationalError(message)


def is_undone(act: Callable[[], object]) -> bool:
    try:
        act()
    except OperationalError:
        return True
    return False


def die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def is_killed(act: Callable[[], object]) -> bool:
    """Call `act` in a process that shares no connection with this one; return whether it was killed."""
    connections.close_all()
    child = os.fork()
    if not child:
        try:
            act()
        finally:
            os._exit(0)
    _pid, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


@each_change
def test_an_error_at_any_step_leaves_the_old_or_the_new_state(
    interrupted: Callable[[str, Act, Fail], None], name: str
) -> None:
    interrupted(name, is_undone, fail)


@each_change
def test_the_end_of_the_process_at_any_step_leaves_the_old_or_the_new_state(
    interrupted: Callable[[str, Act, Fail], None], name: str
) -> None:
    interrupted(name, is_killed, die)
