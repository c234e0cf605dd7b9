"""Two writers at once wait for each other: neither is refused, and nothing is lost."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import pytest
from django.db import connection as database
from django.db import transaction
from django.utils import timezone

from connector import connection
from connector.configuration import pairs
from connector.gateway.client import Credentials
from connector.models import KeyPair, Verification
from tests.factories import found, learn, store
from tests.gateways import SANDBOX

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE_S = 10
A_WHILE_S = 1


class Meanwhile:
    """Lets another connection do something as soon as this one comes to `statement`."""

    def __init__(self, statement: str, act: Callable[[], object], *, after: bool = False) -> None:
        self.statement, self.act, self.is_after = statement, act, after
        self.thread = ThreadPoolExecutor(1)
        self.acting: Any = None

    def __call__(self, execute: Callable[..., Any], sql: str, *args: Any) -> Any:
        is_there = self.acting is None and sql.startswith(self.statement)
        result = execute(sql, *args) if self.is_after else None
        if is_there:
            self.acting = self.thread.submit(closing, self.act)
            wait([self.acting], A_WHILE_S)
        return result if self.is_after else execute(sql, *args)

    def result(self) -> Any:
        """Return the result of the other connection, or raise its error."""
        with self.thread:
            return self.acting.result(PATIENCE_S)


def closing(act: Callable[[], object]) -> object:
    try:
        return act()
    finally:
        database.close()


def keep_finding(pair: Credentials) -> None:
    with transaction.atomic():
        Verification.objects.record(SANDBOX, found(), pair.digest, pair.digest)


def save(pair: Credentials) -> None:
    with transaction.atomic():
        KeyPair.objects.store(SANDBOX, pair, None, timezone.now())


@pytest.mark.parametrize("is_same", [True, False])
def test_saving_and_verifying_at_once_is_no_deadlock(
    pair: Credentials, other_pair: Credentials, *, is_same: bool
) -> None:
    store(SANDBOX, pair)
    learn(SANDBOX)
    verifying = Meanwhile('DELETE FROM "connector_verification"', lambda: keep_finding(pair), after=True)
    with database.execute_wrapper(verifying):
        save(pair if is_same else other_pair)
    verifying.result()
    assert connection.load().slots[SANDBOX].credentials == (pair if is_same else other_pair)


@pytest.mark.parametrize("erase", [True, False])
def test_removing_and_verifying_at_once_is_no_deadlock(pair: Credentials, *, erase: bool) -> None:
    store(SANDBOX, pair)
    learn(SANDBOX)
    verifying = Meanwhile('DELETE FROM "connector_verification"', lambda: keep_finding(pair), after=True)
    with database.execute_wrapper(verifying):
        pairs.remove_keys(SANDBOX, connection.load(), erase=erase)
    verifying.result()
    assert connection.load().slots[SANDBOX].credentials is None
