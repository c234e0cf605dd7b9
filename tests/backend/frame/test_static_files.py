"""How the server of production mode knows that its static files are those of this version."""

import io
import shutil
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import override_settings
from pytest_django import Settings

from backend.frame.static_files import CollectedFiles

STORAGES = {"staticfiles": {"BACKEND": "backend.frame.static_files.CollectedFiles"}}


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the static files, collected once."""
    folder = tmp_path_factory.mktemp("collected")
    with override_settings(STATIC_ROOT=folder, STORAGES=STORAGES):
        call_command("collectstatic", verbosity=0, interactive=False)
    return folder


@pytest.fixture
def folder(collected: Path, tmp_path: Path, settings: Settings) -> Path:
    """Return a copy of the collected files, which the settings name."""
    settings.STATIC_ROOT = shutil.copytree(collected, tmp_path / "static")
    settings.STORAGES = STORAGES
    return tmp_path / "static"


def is_complete() -> bool:
    # Another process starts with what is there.
    return CollectedFiles().is_complete()


def test_what_was_collected_is_complete(folder: Path) -> None:
    assert is_complete()


def test_collecting_finds_no_file_twice(settings: Settings, tmp_path: Path) -> None:
    settings.STATIC_ROOT, settings.STORAGES = tmp_path / "static", STORAGES
    out = io.StringIO()
    call_command("collectstatic", interactive=False, stdout=out)
    assert "Found another file" not in out.getvalue()
    assert is_complete()


def test_nothing_collected_is_not_complete(folder: Path) -> None:
    shutil.rmtree(folder)
    assert not is_complete()


def test_a_file_that_is_gone_is_noticed(folder: Path) -> None:
    next(folder.glob("css/joined.*.css")).unlink()
    assert not is_complete()


@pytest.mark.parametrize("content", [b"", b'{"paths": {"js/che', b"\xff", None], ids=["empty", "cut", "bytes", "gone"])
def test_damaged_files_are_noticed_and_collected_again(folder: Path, content: bytes | None) -> None:
    for name in ("staticfiles.json", "sources.sha256"):
        (folder / name).unlink() if content is None else (folder / name).write_bytes(content)
    assert not is_complete()
    call_command("collectstatic", verbosity=0, interactive=False)
    assert is_complete()


def test_files_of_another_version_are_noticed(folder: Path, tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "more").mkdir()
    settings.STATICFILES_DIRS = [*settings.STATICFILES_DIRS, tmp_path / "more"]
    (tmp_path / "more" / "more.js").write_text("first", encoding="utf-8")
    assert not is_complete()
    call_command("collectstatic", verbosity=0, interactive=False)
    assert is_complete()
    (tmp_path / "more" / "more.js").write_text("other", encoding="utf-8")
    assert not is_complete()
