"""The database refuses every change of the action log."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.core.management.color import no_style
from django.db import IntegrityError, transaction
from django.db import connection as database

from backend.audit import action_log, append_only, chain
from backend.audit.models import ChainLink, LoggedAction
from backend.people.actions import Action
from tests.factories import empty_log

pytestmark = pytest.mark.django_db


@pytest.fixture
def _row(db: None) -> Iterator[None]:
    action_log.record(Action.USER_CHANGED, "alice")
    chain.extend()
    yield
    assert ChainLink.objects.get().row == LoggedAction.objects.get()
    assert LoggedAction.objects.get().subject == "alice"


def execute(statement: str) -> None:
    with transaction.atomic(), database.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.usefixtures("_row")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_loggedaction SET subject = 'bob'",
        "UPDATE audit_loggedaction SET user_id = NULL",
        "DELETE FROM audit_loggedaction",
        "TRUNCATE audit_loggedaction",
        "UPDATE audit_chainlink SET digest = ''",
        "DELETE FROM audit_chainlink",
        "TRUNCATE audit_chainlink",
        "REPLACE INTO audit_chainlink SELECT number + 1, previous, digest, row_id FROM audit_chainlink",
        "REPLACE INTO audit_loggedaction SELECT * FROM audit_loggedaction",
    ],
)
def test_sql_cannot_change_it(statement: str) -> None:
    if statement.startswith({"sqlite": "TRUNCATE", "postgresql": "REPLACE"}[database.vendor]):
        pytest.skip("Only the other database has this statement.")
    with pytest.raises(IntegrityError, match=append_only.MESSAGE):
        execute(statement)


@pytest.mark.usefixtures("_row")
def test_the_models_cannot_change_it() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        LoggedAction.objects.update(subject="bob")
    with pytest.raises(IntegrityError), transaction.atomic():
        LoggedAction.objects.all().delete()


@pytest.mark.usefixtures("_row")
def test_flush_leaves_it() -> None:
    statements = database.ops.sql_flush(no_style(), ["audit_loggedaction"])
    with pytest.raises(IntegrityError), transaction.atomic():
        database.ops.execute_sql_flush(statements)


def test_the_log_stays_as_it_is_when_a_person_is_deleted(alice: User) -> None:
    action_log.record(Action.USER_CHANGED, "alice")
    before = list(LoggedAction.objects.values())
    alice.delete()
    assert list(LoggedAction.objects.values()) == before


def test_triggers_that_were_taken_away_are_named() -> None:
    assert append_only.missing(database) == []
    names = [trigger.name for trigger in append_only._triggers(database.vendor)]
    for statement in append_only.unprotecting(database.vendor):
        execute(statement)
    assert append_only.missing(database) == names


def test_a_trigger_that_does_nothing_is_named() -> None:
    name, *_others = (trigger.name for trigger in append_only._triggers(database.vendor))
    if database.vendor == "postgresql":
        function = "CREATE OR REPLACE FUNCTION audit_checkpoint_keep() RETURNS trigger LANGUAGE plpgsql AS"
        execute(f"{function} $$ BEGIN RETURN COALESCE(NEW, OLD); END $$")
        execute(f"DROP TRIGGER {name} ON audit_loggedaction")
        keep = "FOR EACH ROW EXECUTE FUNCTION audit_loggedaction_keep()"
        execute(f"CREATE TRIGGER {name} BEFORE UPDATE ON audit_loggedaction {keep}")
        expected = [name, "audit_checkpoint_keep", "audit_checkpoint_keep_all"]
    else:
        execute(f"DROP TRIGGER {name}")
        execute(f"CREATE TRIGGER {name} BEFORE UPDATE ON audit_loggedaction BEGIN SELECT 1; END")
        expected = [name]
    assert append_only.missing(database) == expected


def test_only_who_takes_the_triggers_away_empties_it() -> None:
    action_log.record(Action.USER_CHANGED, "alice")
    empty_log()
    assert not LoggedAction.objects.exists()
    assert append_only.missing(database) == []
