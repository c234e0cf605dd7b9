"""What a process says of its configuration at start."""

import pytest
from django.core.checks import run_checks
from django.db import OperationalError
from django.db import connection as database
from pytest_django import Settings

from connector import keyring
from connector.gateway import Credentials
from tests.factories import SANDBOX, store

pytestmark = pytest.mark.django_db


def ids() -> list[str | None]:
    return [message.id for message in run_checks() if str(message.id).startswith("connector.")]


def test_a_sound_configuration_says_nothing(pair: Credentials) -> None:
    store(SANDBOX, pair)
    assert ids() == []


@pytest.mark.parametrize("keys", [["too short"], [""], []])
def test_an_unusable_encryption_key_is_an_error(settings: Settings, keys: list[str]) -> None:
    settings.ENCRYPTION_KEYS = keys
    assert ids() == ["connector.E001"]


def test_the_error_says_what_to_do_and_not_the_key(settings: Settings) -> None:
    settings.ENCRYPTION_KEYS = ["my-precious-key"]
    (error,) = (message for message in run_checks() if message.id == "connector.E001")
    assert "manage.py rekey --generate" in str(error.hint)
    assert "my-precious-key" not in str(error)


def test_a_key_that_does_not_open_what_is_stored_is_a_warning(pair: Credentials, settings: Settings) -> None:
    store(SANDBOX, pair)
    settings.ENCRYPTION_KEYS = [keyring.generate_key()]
    assert ids() == ["connector.W001"]


def test_the_older_key_behind_the_new_one_is_fine(pair: Credentials, settings: Settings) -> None:
    store(SANDBOX, pair)
    settings.ENCRYPTION_KEYS = [keyring.generate_key(), *settings.ENCRYPTION_KEYS]
    assert ids() == []


def test_an_unknown_active_environment_is_an_error(settings: Settings) -> None:
    settings.LOCKED_VALUES = {**settings.LOCKED_VALUES, "active_environment": "staging"}
    assert ids() == ["connector.E002"]


def test_a_locked_data_space_without_its_project_is_an_error(settings: Settings) -> None:
    settings.LOCKED_VALUES = {**settings.LOCKED_VALUES, "data_space_id": "some-space"}
    assert ids() == ["connector.E003"]


def test_a_database_that_is_down_is_not_its_business() -> None:
    def down(*_args: object) -> None:
        raise OperationalError

    with database.execute_wrapper(down):
        assert ids() == []
