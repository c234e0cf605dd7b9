"""The keys of a development copy."""

import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.conf import settings

from config.development import local_secrets
from config.env_file import SettingError
from connector.keys import keyring

SHOW = (
    "import pathlib, sys; from config.development import local_secrets; print(local_secrets(pathlib.Path(sys.argv[1])))"
)


def run_script(script: str, path: Path) -> "subprocess.Popen[str]":
    """Start a process that runs `script` with `path` as its argument."""
    return subprocess.Popen(  # noqa: S603  (our own)
        [sys.executable, "-c", script, str(path)],
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_secrets_are_made_once(tmp_path: Path) -> None:
    path = tmp_path / "below" / "secrets.json"
    assert local_secrets(path) == local_secrets(path)
    assert keyring.Keyring([local_secrets(path)["ENCRYPTION_KEYS"]])


def test_secrets_are_their_owners_alone(tmp_path: Path) -> None:
    local_secrets(tmp_path / "secrets.json")
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["secrets.json"]


@pytest.mark.parametrize("is_there", [False, True])
def test_the_database_beside_them_is_their_owners_alone(tmp_path: Path, *, is_there: bool) -> None:
    folder = tmp_path / "var"
    if is_there:
        local_secrets(folder / "secrets.json")
        folder.chmod(0o755)
    local_secrets(folder / "secrets.json")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("content", ["S3cretValue", "[]", '{"SECRET_KEY": "S3cretValue"}', '{"SECRET_KEY": 1}', "\xff"])
def test_a_damaged_file_of_secrets_is_one_line_without_them(tmp_path: Path, content: str) -> None:
    (tmp_path / "secrets.json").write_text(content, encoding="latin-1")
    with pytest.raises(SettingError, match=r"secrets\.json does not hold the keys of this development copy") as caught:
        local_secrets(tmp_path / "secrets.json")
    assert "S3cret" not in str(caught.value)


def test_a_place_where_no_file_can_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "var").touch()
    with pytest.raises(SettingError, match="cannot be made or read: File exists") as caught:
        local_secrets(tmp_path / "var" / "secrets.json")
    assert "or set SECRET_KEY, ENCRYPTION_KEYS and DATABASE_URL." in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_cannot_be_written_to_is_not_left_empty(tmp_path: Path) -> None:
    limited = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))"
    done = run_script(f"{limited}; {SHOW}", tmp_path / "secrets.json")
    assert "secrets.json cannot be made or read: File too large." in done.communicate(timeout=30)[1]
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_another_process_is_about_to_write_is_waited_for(tmp_path: Path) -> None:
    made, path = local_secrets(tmp_path / "made.json"), tmp_path / "secrets.json"
    path.touch()
    threading.Timer(0.1, path.write_bytes, [(tmp_path / "made.json").read_bytes()]).start()
    assert local_secrets(path) == made


def test_processes_that_start_together_agree(tmp_path: Path) -> None:
    started = [run_script(SHOW, tmp_path / "secrets.json") for _process in range(4)]
    assert len({process.communicate(timeout=30)[0] for process in started}) == 1
    assert [process.returncode for process in started] == 4 * [0]
