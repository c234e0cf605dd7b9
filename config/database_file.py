"""The database file of SQLite in production mode: nobody but its owner may read it."""

import os
import stat
from contextlib import suppress
from pathlib import Path

from config.env_file import SettingError

OWNER_ONLY = 0o600


def make_private(path: Path) -> None:
    """Make the database file `path` and its folder if they are missing, and let only the owner read the file.

    SQLite gives the same permissions to the files that it makes beside it. Those that are there already get them here.

    Raises:
        SettingError: this process cannot make or write the file.
    """
    try:
        with suppress(FileExistsError):
            path.parent.mkdir(parents=True)
            path.parent.chmod(0o700)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, OWNER_ONLY))
        for file in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
            if file.exists() and stat.S_IMODE(file.stat().st_mode) != OWNER_ONLY:
                file.chmod(OWNER_ONLY)
    except OSError as error:
        message = (
            f"The database file that DATABASE_URL names cannot be made, written, or closed to others: "
            f"{error.strerror}. Give the file and its folder to the user of this process, or name another file."
        )
        raise SettingError(message) from None
