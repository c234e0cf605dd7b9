"""Who can read and change the settings in `.env`, and what leaves the host in plain text."""

import os
from pathlib import Path

import pytest
from pytest_django import Settings

from config.checks import check_env_file, check_mail_server

STRANGER, SERVER = 4_242, 4_243


@pytest.fixture
def path(tmp_path: Path, settings: Settings) -> Path:
    """A file of the production mode, for its owner alone."""
    settings.BASE_DIR = tmp_path
    settings.PRODUCTION = True
    path = tmp_path / ".env"
    path.touch(mode=0o600)
    return path


def found() -> list[str]:
    return [message.id or "" for message in check_env_file(None)]


def test_a_file_of_the_owner_alone_is_right(path: Path) -> None:
    assert found() == []
    path.unlink()
    assert found() == []


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_file_that_others_can_read_or_change_is_reported_with_the_remedy(path: Path, mode: int) -> None:
    path.chmod(mode)
    (message,) = check_env_file(None)
    assert (message.id, message.hint) == ("config.W001", f"Run: chmod 600 {path}")


def test_a_development_copy_may_show_its_file(path: Path, settings: Settings) -> None:
    settings.PRODUCTION = False
    path.chmod(0o644)
    assert found() == []


@pytest.mark.parametrize(
    ("owner", "process", "ids"),
    [(STRANGER, SERVER, ["config.W002"]), (0, SERVER, []), (SERVER, SERVER, []), (SERVER, 0, [])],
    ids=["a stranger", "root", "the server", "the server, seen by root"],
)
def test_a_file_of_somebody_else_is_reported(
    path: Path, monkeypatch: pytest.MonkeyPatch, owner: int, process: int, ids: list[str]
) -> None:
    stat = Path.stat

    def as_if_given_away(self: Path) -> os.stat_result:
        """Only root can give a file away."""
        found = stat(self)
        return os.stat_result((*found[:4], owner, *found[5:])) if self == path else found

    monkeypatch.setattr(Path, "stat", as_if_given_away)
    monkeypatch.setattr(os, "geteuid", lambda: process)
    assert found() == ids


@pytest.mark.parametrize(
    ("host", "secured", "ids"),
    [
        ("mail.example.com", "", ["config.W003"]),
        ("mail.example.com", "EMAIL_USE_TLS", []),
        ("mail.example.com", "EMAIL_USE_SSL", []),
        ("127.0.0.1", "", []),
        ("localhost", "", []),
    ],
)
def test_mail_that_leaves_the_host_without_tls_is_reported(
    settings: Settings, host: str, secured: str, ids: list[str]
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL = host, False, False
    if secured:
        setattr(settings, secured, True)
    assert [message.id for message in check_mail_server(None)] == []
    settings.PRODUCTION = True
    assert [message.id for message in check_mail_server(None)] == ids
