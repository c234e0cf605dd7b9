"""What the doctor finds of this process and its machine."""

import resource
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.checks import Warning as StartWarning
from django.core.checks import register
from django.core.checks.registry import registry
from django.core.management import call_command
from pytest_django import Settings
from redis.exceptions import AuthenticationError, ReadOnlyError, RedisError
from redis.exceptions import ConnectionError as RedisConnectionError

from backend.frame.outages import SharedCacheError
from connector.doctor import server
from connector.doctor.findings import State


@pytest.mark.django_db
def test_what_a_check_of_the_framework_says_is_said_with_its_hint() -> None:
    def strange(app_configs: object, **_options: object) -> list[StartWarning]:
        return [StartWarning("Something is strange.", hint="Correct it.", id="test.W001")]

    register(strange)
    try:
        found = list(server.system_checks())
    finally:
        registry.registered_checks.remove(strange)  # type: ignore[arg-type]  # `register` gave it the rest
    assert ("test.W001: Something is strange.", "Correct it.") in {(finding.text, finding.remedy) for finding in found}


def test_a_server_that_would_not_start_for_want_of_its_static_files_is_said(settings: Settings, tmp_path: Path) -> None:
    settings.STORAGES = {"staticfiles": {"BACKEND": "backend.frame.static_files.CollectedFiles"}}
    settings.STATIC_ROOT = tmp_path
    call_command("collectstatic", verbosity=0, interactive=False)
    assert [found.state for found in server.static_files()] == [State.OK]
    # As after an upgrade: all files are there, but they are of another version.
    (tmp_path / "sources.sha256").write_text("of another version")
    (found,) = server.static_files()
    assert (found.state, found.remedy) == (State.WRONG, "python manage.py collectstatic --no-input")


def test_few_open_files_are_said() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (512, before[1]))
    try:
        found = list(server.limits())
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert (found[-1].state, found[-1].text) == (State.WRONG, "512 open files are allowed")
    assert "LimitNOFILE" in found[-1].remedy


def test_the_time_is_said_with_its_zone(settings: Settings) -> None:
    (found,) = server.clock()
    assert settings.TIME_ZONE in found.text


@pytest.mark.parametrize(
    ("cause", "text"),
    [
        (RedisConnectionError("Error 111 connecting to redis.example.com:6379"), "does not answer in time"),
        (AuthenticationError("WRONGPASS of somebody"), "refuses the user or the password"),
        (ReadOnlyError("You can't write against a read only replica."), "a copy that only reads"),
        (None, "values of another program"),
    ],
)
def test_a_redis_that_cannot_be_used_is_wrong_and_says_why(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, cause: RedisError | None, text: str
) -> None:
    def fail(*_args: object) -> None:
        raise SharedCacheError from cause

    settings.CACHES = {
        "default": {**settings.CACHES["default"], "LOCATION": "redis://:secret@redis.example.com:6379/0"}
    }
    monkeypatch.setattr(server, "cache", SimpleNamespace(set=fail))
    (found,) = server.cache_works()
    assert found.state is State.WRONG
    assert found.text.startswith("Redis at redis.example.com:6379 ")
    assert text in found.text
    assert "somebody" not in found.text
    assert "CACHE_URL" in found.remedy
