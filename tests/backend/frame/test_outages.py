"""What is behind an error: something that the Admin needs, or a fault of ours."""

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, IntegrityError, OperationalError
from django.db import connection as database

from backend.frame import outages
from backend.frame.outages import outage_of


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1 FROM nowhere",
        "SELECT missing FROM django_session",
        "INSERT INTO django_session (missing) VALUES (1)",
        "INSERT INTO nowhere VALUES (1)",
    ],
)
@pytest.mark.django_db
def test_tables_that_are_not_there_are_migrations(statement: str) -> None:
    with pytest.raises(DatabaseError) as raised, database.cursor() as cursor:
        cursor.execute(statement)
    assert outage_of(raised.value) is outages.MIGRATIONS


@pytest.mark.django_db
def test_a_row_that_breaks_a_rule_is_a_fault_of_ours(alice: User) -> None:
    with pytest.raises(IntegrityError) as raised:
        User.objects.create(username="alice")
    assert outage_of(raised.value) is None


def test_whatever_else_a_database_fails_at_is_the_database() -> None:
    assert outage_of(OperationalError("no answer")) is outages.DATABASE


def test_a_secret_that_does_not_open_lacks_an_encryption_key() -> None:
    assert outage_of(outages.SealedValueError()) is outages.ENCRYPTION_KEY


@pytest.mark.parametrize("error", [None, ValueError("no such table")])
def test_other_errors_are_faults_of_ours(error: Exception | None) -> None:
    assert outage_of(error) is None
