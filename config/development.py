"""Secrets of a development copy: made once, in a file that is not committed."""

import contextlib
import json
import os
import secrets
import time
from base64 import urlsafe_b64encode
from pathlib import Path

from config.env_file import SettingError

# The file is empty for less than a millisecond, but its process may have to wait for a processor.
WRITTEN_WITHIN_S = 5


def local_secrets(path: Path) -> dict[str, str]:
    """Return `SECRET_KEY` and `ENCRYPTION_KEYS` from the file `path`, made on the first call, or raise SettingError."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.parent.stat().st_mode & 0o077:
            # A folder that belongs to another user, or cannot be written to, was mounted on purpose.
            with contextlib.suppress(OSError):
                path.parent.chmod(0o700)
        _make_missing(path)
        stored: dict[str, str] = json.loads(_complete(path))
        return {name: stored[name].strip() for name in ("SECRET_KEY", "ENCRYPTION_KEYS")}
    except OSError as error:
        message = (
            f"{path} cannot be made or read: {error.strerror}. Give its folder to the user of this process, use a copy "
            "of the project in a folder of your own, or set SECRET_KEY, ENCRYPTION_KEYS and DATABASE_URL."
        )
    except (ValueError, LookupError, TypeError, AttributeError):
        message = (
            f"{path} does not hold the keys of this development copy. Put it back from a backup. Without one, "
            "delete it: new keys are made, and stored key pairs have to be entered again."
        )
    raise SettingError(message)


def _make_missing(path: Path) -> None:
    """Make the file, unless it is there. One of several processes makes it, also where a file cannot have two names."""
    if path.exists():
        return
    made = {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ENCRYPTION_KEYS": urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    }
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(made, file)
    except BaseException:
        # An empty file would stop every later start.
        path.unlink()
        raise


def _complete(path: Path) -> str:
    """Return the text of the file, which another process may be about to write."""
    give_up_at = time.monotonic() + WRITTEN_WITHIN_S
    while not (text := path.read_text(encoding="utf-8")) and time.monotonic() < give_up_at:
        time.sleep(0.01)
    return text
