"""What every process says about its configuration when it starts."""

from pathlib import Path

import certifi
import pytest
from django.core.checks import CheckMessage, run_checks
from django.db import OperationalError
from django.db import connection as database
from pytest_django import Settings

from connector.keys import keyring
from connector.keys.mistakes import ApiKeyMistake, Mistake
from tests.factories import lock

pytestmark = pytest.mark.django_db


def found() -> list[CheckMessage]:
    return [message for message in run_checks() if str(message.id).startswith("connector.")]


def ids() -> list[str | None]:
    return [message.id for message in found()]


def test_a_sound_configuration_says_nothing(pair_stored: None) -> None:
    assert ids() == []


@pytest.mark.parametrize("keys", [["too short"], [""]])
def test_an_unusable_encryption_key_is_an_error(settings: Settings, keys: list[str]) -> None:
    settings.ENCRYPTION_KEYS = keys
    assert ids() == ["connector.E001"]


def test_the_error_says_what_to_do_and_not_the_key(settings: Settings) -> None:
    settings.ENCRYPTION_KEYS = ["my-precious-key"]
    (error,) = found()
    assert "manage.py rekey --generate" in str(error.hint)
    assert "my-precious-key" not in str(error)


def test_a_key_that_does_not_open_what_is_stored_is_a_warning(pair_stored: None, settings: Settings) -> None:
    settings.ENCRYPTION_KEYS = [keyring.generate_key()]
    assert ids() == ["connector.W001"]


def test_the_older_key_behind_the_new_one_is_fine(pair_stored: None, settings: Settings) -> None:
    settings.ENCRYPTION_KEYS = [keyring.generate_key(), *settings.ENCRYPTION_KEYS]
    assert ids() == []


def test_an_unknown_active_environment_is_an_error(settings: Settings) -> None:
    lock(settings, active_environment="staging")
    assert ids() == ["connector.E002"]


def test_a_locked_data_space_without_its_project_is_an_error(settings: Settings) -> None:
    lock(settings, data_space_id="some-space")
    assert ids() == ["connector.E003"]


@pytest.mark.parametrize(
    ("name", "mistake", "check"),
    [
        ("sandbox_private_key", Mistake.NOT_A_KEY, "E004"),
        ("production_private_key", Mistake.NOT_A_KEY, "E004"),
        ("sandbox_api_key", ApiKeyMistake.WRONG_LENGTH, "E005"),
    ],
)
def test_a_malformed_locked_half_is_an_error_in_the_words_of_the_page_and_not_shown(
    settings: Settings, name: str, mistake: Mistake | ApiKeyMistake, check: str
) -> None:
    lock(settings, **{name: "S3cret value"})
    (error,) = found()
    assert (error.id, error.msg) == (f"connector.{check}", f"CONNECTOR_{name.upper()}: {mistake.label}")
    assert "Correct this environment variable" in str(error.hint)
    assert "S3cret" not in str(error)


@pytest.mark.parametrize(
    "url", ["S3cret:port", "http://u:12/S3cret@h:3128", "http://u:S3cret@h:port", "socks5://u:S3cret@h", "http://"]
)
def test_a_proxy_without_a_usable_address_is_an_error(settings: Settings, url: str) -> None:
    settings.GATEWAY_PROXY = url
    (error,) = found()
    assert error.id == "connector.E008"
    assert "S3cret" not in str(error)


@pytest.mark.parametrize("url", ["http://u:p%2Fx@h:3128", "https://h", "h:3128", "http://[::1]:3128/"])
def test_a_proxy_may_be_written_in_several_ways(settings: Settings, url: str) -> None:
    settings.GATEWAY_PROXY = url
    assert ids() == []


def test_a_bundle_has_to_hold_certificates(settings: Settings, tmp_path: Path) -> None:
    settings.GATEWAY_CA_BUNDLE = certifi.where()
    assert ids() == []
    (tmp_path / "bundle.pem").write_text("S3cret", encoding="utf-8")
    for place in (tmp_path / "bundle.pem", tmp_path / "nowhere"):
        settings.GATEWAY_CA_BUNDLE = str(place)
        assert ids() == ["connector.E007"]


@pytest.mark.parametrize("url", ["https://h:port/", "https://", "ftp://h/", "https://[S3cret/"])
def test_a_gateway_without_a_usable_address_is_an_error(settings: Settings, url: str) -> None:
    settings.GATEWAY_URLS = {**settings.GATEWAY_URLS, "sandbox": url}
    (error,) = found()
    assert error.id == "connector.E006"
    assert "SANDBOX_GATEWAY_URL" in str(error.hint)
    assert "S3cret" not in str(error)


def test_a_database_that_is_down_is_left_to_other_checks() -> None:
    def down(*_args: object) -> None:
        raise OperationalError

    with database.execute_wrapper(down):
        assert ids() == []
