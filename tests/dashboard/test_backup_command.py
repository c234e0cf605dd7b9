"""`manage.py backup`, on the database of the tests."""

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import time
from contextlib import closing
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection as database

from tests.factories import set_instance

pytestmark = pytest.mark.django_db(transaction=True)
DAY = 24 * 60 * 60


@pytest.fixture(autouse=True)
def _has_programs() -> None:
    """Without the client programs the tests fail in CI, and are left out elsewhere."""
    if database.vendor == "postgresql" and not shutil.which("pg_dump"):
        reason = "No pg_dump was found: install Debian's postgresql-client."
        if os.environ.get("CI") == "true":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)


def back_up(folder: Path, *options: str) -> str:
    printed = StringIO()
    call_command("backup", folder, *options, stdout=printed)
    return printed.getvalue()


def content(backup: Path) -> str:
    """Return what a backup holds, as SQL."""
    if database.vendor == "postgresql":
        return subprocess.check_output(["pg_restore", "--file=-", backup], text=True)  # noqa: S603, S607
    with closing(sqlite3.connect(backup)) as copy:
        return "\n".join(copy.iterdump())


def test_a_backup_holds_what_was_saved(tmp_path: Path) -> None:
    set_instance(project_name="saved last")
    printed = back_up(tmp_path)
    [backup] = tmp_path.iterdir()
    assert printed.startswith(f"{backup}: ")
    assert "saved last" in content(backup)


def test_a_backup_and_its_folder_are_their_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "backups"
    back_up(folder)
    [backup] = folder.iterdir()
    assert (stat.S_IMODE(folder.stat().st_mode), stat.S_IMODE(backup.stat().st_mode)) == (0o700, 0o600)


def test_backups_are_removed_after_their_days_and_nothing_else_is(tmp_path: Path) -> None:
    names = ["old", "young", "unfinished"]
    back_up(tmp_path)
    [first] = tmp_path.iterdir()
    old, young = (first.with_name(first.name.replace("admin-", f"admin-{name}-")) for name in names[:2])
    unfinished, foreign = first.with_name(f"{first.name}.part"), tmp_path / "of-somebody-else.dump"
    for path, age in [(old, 4), (young, 2), (unfinished, 4), (foreign, 400)]:
        path.write_bytes(b"")
        os.utime(path, (time.time() - age * DAY,) * 2)
    assert back_up(tmp_path, "--days", "3").endswith("Removed: 1 older than 3 days.\n")
    assert not {old, unfinished} & {*tmp_path.iterdir()}
    assert {first, young, foreign} < {*tmp_path.iterdir()}


def test_a_database_without_our_tables_is_not_backed_up(tmp_path: Path) -> None:
    done = subprocess.run(  # noqa: S603  (our own)
        [sys.executable, "manage.py", "backup", str(tmp_path / "backups")],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": f"sqlite:///{tmp_path / 'empty.sqlite3'}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "DATABASE_URL names has no tables of this Admin. Correct it, or run migrate" in done.stderr
    assert not [*(tmp_path / "backups").iterdir()]


def test_only_postgresql_needs_its_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    if database.vendor != "postgresql":
        assert back_up(tmp_path)
        return
    with pytest.raises(CommandError, match=r"pg_dump is missing\. Install PostgreSQL's client programs"):
        back_up(tmp_path)
    assert not [*tmp_path.iterdir()]


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(CommandError, match=r"There is no new backup in .*file/backups: .*Not a directory"):
        back_up(tmp_path / "file" / "backups")


@pytest.mark.parametrize("days", ["0", "-1", "many"])
def test_days_are_a_number_of_1_or_more(tmp_path: Path, days: str) -> None:
    with pytest.raises(CommandError, match="must be a whole number of days, 1 or more"):
        back_up(tmp_path, f"--days={days}")
