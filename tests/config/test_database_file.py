"""The database file of SQLite in production mode."""

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from config.database_file import make_private
from tests.config.conftest import PRODUCTION, Load, refusal


@pytest.fixture(params=[0o000, 0o022, 0o777], ids=["open", "usual", "closed"])
def _umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.usefixtures("_umask")
def test_only_the_owner_reads_the_database_and_the_files_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "data" / "db.sqlite3"
    make_private(path)
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE t (x)")
        modes = {file.name: mode(file) for file in path.parent.iterdir()}
    assert modes == dict.fromkeys(("db.sqlite3", "db.sqlite3-wal", "db.sqlite3-shm"), 0o600)
    assert mode(path.parent) == 0o700


def test_what_others_could_read_is_closed_and_kept(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    for name in ("db.sqlite3", "db.sqlite3-wal", "db.sqlite3-shm"):
        (tmp_path / name).write_bytes(b"kept")
        (tmp_path / name).chmod(0o644)
    make_private(tmp_path / "db.sqlite3")
    assert {(file.read_bytes(), mode(file)) for file in tmp_path.iterdir()} == {(b"kept", 0o600)}
    # Other programs may need a folder that was there.
    assert mode(tmp_path) == 0o755


@pytest.mark.parametrize("name", ["file/db.sqlite3", "folder"])
def test_production_says_in_one_line_where_it_can_make_no_database(load: Load, tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    (said,) = refusal(load, **PRODUCTION | {"DATABASE_URL": f"sqlite:///{tmp_path}/{name}"})
    assert said.startswith(
        "error: The database file that DATABASE_URL names cannot be made, written, or closed to others: "
    )
    assert said.endswith("Give the file and its folder to the user of this process, or name another file.")


def test_a_relative_file_is_the_same_in_every_folder(load: Load, tmp_path: Path) -> None:
    loaded = load(**PRODUCTION | {"DATABASE_URL": "sqlite:///data/db.sqlite3"})
    assert loaded["DATABASES"]["default"]["NAME"] == str(tmp_path / "data" / "db.sqlite3")
    assert mode(tmp_path / "data" / "db.sqlite3") == 0o600


def test_production_keeps_no_database_in_memory(load: Load) -> None:
    (said,) = refusal(load, **PRODUCTION | {"DATABASE_URL": "sqlite://:memory:"})
    assert said == "error: DATABASE_URL names a database in memory, which ends with its process. Name a file."


def test_a_refused_start_makes_no_database(load: Load, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/data/db.sqlite3"
    refusal(load, **PRODUCTION | {"DATABASE_URL": url, "SECRET_KEY": ""})
    assert not (tmp_path / "data").exists()
