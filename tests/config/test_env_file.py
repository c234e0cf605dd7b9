"""The file of settings as people write it; no refusal shows a value."""

from collections.abc import Callable
from pathlib import Path

import pytest

from config.env_file import SettingError, read_env_file

SECRET = "S3cretValue"
KEY = f"-----BEGIN PRIVATE KEY-----\n{SECRET}/+abc\nxyz==\n-----END PRIVATE KEY-----"

Read = Callable[..., dict[str, str]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Return the variables of a file `.env` with the given content."""

    def written(content: str | bytes) -> dict[str, str]:
        (tmp_path / ".env").write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_env_file(tmp_path / ".env")

    return written


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("NAME=value", "value"),
        ("NAME = value ", "value"),
        ("export NAME=value", "value"),
        ("NAME='a value'", "a value"),
        ('NAME="a value" # a remark', "a value"),
        ("NAME=value # a remark", "value"),
        ("NAME=val#ue", "val#ue"),
        ("NAME='val #ue'", "val #ue"),
        ("NAME=$value${HOME}", "$value${HOME}"),
        ("NAME=", ""),
        ("NAME=first\nNAME=last", "last"),
        ("\ufeffNAME=value", "value"),
        ("# a remark\r\n\r\nNAME=value\r\n", "value"),
        (f'NAME="{KEY}"', KEY),
        (f"NAME='{KEY}'\n".replace("\n", "\r\n"), KEY),
        (f'NAME="{KEY}"'.replace("\n", r"\n"), KEY),
    ],
    ids=range(16),
)
def test_a_variable_of_the_file_is_read(read: Read, written: str, value: str) -> None:
    assert read(written) == {"NAME": value}


@pytest.mark.parametrize("content", ["", "\n\n", "# nothing", "\ufeff"], ids=range(4))
def test_a_file_may_be_empty(read: Read, content: str) -> None:
    assert read(content) == {}


def test_a_file_may_be_missing(tmp_path: Path) -> None:
    assert read_env_file(tmp_path / ".env") == {}


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (f"{SECRET}\n", ".env, line 1:"),
        (f"A=1\n\n\n  {SECRET}\n", ".env, line 4:"),
        (f"NAME={KEY}", ".env, line 2:"),
        (f'# x\n\nNAME="{KEY}', ".env, line 3, NAME:"),
        (f"export NAME = 'a' {SECRET}", ".env, line 1, NAME:"),
        (f"{SECRET}-NAME={SECRET}", ".env, line 1:"),
        (f"{SECRET}==\nA B=1", ".env, line 2:"),
        (f"A=1\nNAME={SECRET}\xe9".encode("latin-1"), ".env is not UTF-8 text, from line 2"),
        (f"NAME={SECRET}".encode("utf-16"), ".env is not UTF-8 text, from line 1"),
        (f"NAME={SECRET}".encode("utf-16-le"), ".env is not UTF-8 text"),
        (f"NAME={SECRET}\n" * 100_000, ".env is longer than 1 MB"),
    ],
    ids=range(11),
)
def test_a_line_that_cannot_be_read_is_named_and_not_shown(read: Read, content: str | bytes, place: str) -> None:
    with pytest.raises(SettingError) as caught:
        read(content)
    assert str(caught.value).startswith(place)
    assert SECRET not in str(caught.value)


def test_a_folder_or_a_broken_link_instead_of_the_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(SettingError, match="folder cannot be read: Is a directory"):
        read_env_file(tmp_path / "folder")
    with pytest.raises(SettingError, match="link cannot be read: No such file"):
        read_env_file(tmp_path / "link")
