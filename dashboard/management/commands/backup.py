"""Back up the database into a folder; a timer runs it once a day."""

import os
import sqlite3
import subprocess
import time
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.core.management import BaseCommand, CommandError
from django.db import connection as database
from django.db.backends.postgresql.client import DatabaseClient
from django.db.migrations.recorder import MigrationRecorder
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

DAYS = 14
_DAY = 24 * 60 * 60
_PREFIX = "commerce-admin-"


class NotMadeError(Exception):
    """There is no backup. The text says why."""


class Command(BaseCommand):
    """Copies, reads the copy again, and only then removes old copies. It may run while the server does."""

    help = "Back up the database into a folder, check the backup, and remove the old ones there."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take where to, and how long backups are kept."""
        parser.add_argument("folder", type=Path, help="is made if it is missing; only its owner may read it")
        help_of_days = f"remove backups that are older; default: {DAYS}"
        parser.add_argument("--days", type=_days, default=DAYS, metavar="N", help=help_of_days)

    def handle(self, *_args: Any, folder: Path, days: int, **_options: Any) -> None:
        """Back up, and print which file that made. Raises CommandError if there is no backup."""
        suffix = ".dump" if database.vendor == "postgresql" else ".sqlite3"
        backup = folder / f"{_PREFIX}{timezone.now():%Y%m%d-%H%M%S-%f}{suffix}"
        unfinished = backup.with_suffix(f"{suffix}.part")
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # From the first byte on, nobody else can read it.
            os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            _copy_database(unfinished)
            unfinished.rename(backup)
        except (NotMadeError, OSError, sqlite3.Error) as error:
            if unfinished.exists():
                unfinished.unlink()
            message = f"There is no new backup in {folder}: {str(error).strip()}. Older backups there are as they were."
            raise CommandError(message) from None
        try:
            removed = _remove_old(folder, suffix, days)
        except OSError as error:
            message = f"{backup} is made, but old backups could not be removed: {error}. Remove them by hand."
            raise CommandError(message) from None
        size = filesizeformat(backup.stat().st_size).replace("\xa0", " ")
        self.stdout.write(f"{backup}: {size}, checked. Removed: {removed} older than {days} days.")


def _days(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        message = "must be a whole number of days, 1 or more."
        raise ArgumentTypeError(message)
    return int(text)


def _copy_database(copy: Path) -> None:
    """Copy the database into a file, and read that again. Raises NotMadeError, OSError or sqlite3.Error."""
    if not MigrationRecorder(database).has_table():
        message = "the database that DATABASE_URL names has no tables of this Admin. Correct it, or run migrate"
        raise NotMadeError(message)
    if database.vendor == "postgresql":
        arguments, login = DatabaseClient.settings_to_cmd_args_env(database.settings_dict, [])
        # The login is in the environment, because everybody can list the arguments of a process.
        options = ["--format=custom", "--no-owner", "--no-privileges", "--no-password", f"--file={copy}"]
        _run(["pg_dump", *options, *arguments[1:]], login or {})
        _run(["pg_restore", f"--file={os.devnull}", str(copy)], {})
        return
    # rw: without it, a wrong name would make an empty database.
    source = f"file:{quote(str(database.settings_dict['NAME']))}?mode=rw"
    with closing(sqlite3.connect(source, uri=True)) as original, closing(sqlite3.connect(copy)) as copied:
        original.backup(copied)
        found = copied.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        message = f"the database is damaged ({' '.join(found.split())}). Restore the newest backup"
        raise NotMadeError(message)


def _run(command: Sequence[str], variables: dict[str, str]) -> None:
    """Run one of PostgreSQL's programs. Raises NotMadeError with what it printed."""
    try:
        subprocess.run(command, env=os.environ | variables, check=True, capture_output=True, text=True)  # noqa: S603
    except FileNotFoundError:
        message = f"{command[0]} is missing. Install PostgreSQL's client programs (Debian: postgresql-client)"
        raise NotMadeError(message) from None
    except subprocess.CalledProcessError as error:
        message = " ".join(error.stderr.split()).rstrip(".")
        raise NotMadeError(message) from None


def _remove_old(folder: Path, suffix: str, days: int) -> int:
    """Remove backups older than `days`, and what interrupted runs left; return how many backups that were."""
    limit = time.time() - days * _DAY
    old = [path for path in folder.glob(f"{_PREFIX}*{suffix}*") if path.stat().st_mtime < limit]
    for path in old:
        path.unlink(missing_ok=True)
    return sum(path.suffix == suffix for path in old)
