"""Secrets of a development copy: made once, in a file that is not committed."""

import contextlib
import json
import os
import secrets
from base64 import urlsafe_b64encode
from pathlib import Path

from config.variables import SettingError


def local_secrets(path: Path) -> dict[str, str]:
    """Return `SECRET_KEY` and `ENCRYPTION_KEYS` from the file `path`, made on the first call, or raise SettingError."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.parent.stat().st_mode & 0o077:
            # A folder that belongs to another user was mounted on purpose.
            with contextlib.suppress(PermissionError):
                path.parent.chmod(0o700)
        if not path.exists():
            _make(path)
        stored: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        return {name: stored[name].strip() for name in ("SECRET_KEY", "ENCRYPTION_KEYS")}
    except OSError as error:
        message = f"{path} cannot be made or read: {error.strerror}. Give this process's user its folder."
    except (ValueError, LookupError, TypeError, AttributeError):
        message = (
            f"{path} does not hold the keys of this development copy. Put it back from a backup. Without one, "
            "delete it: new keys are made, and stored key pairs have to be entered again."
        )
    raise SettingError(message)


def _make(path: Path) -> None:
    made = {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ENCRYPTION_KEYS": urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    }
    # The file gets its name when it is complete, so two processes that start together agree on one set.
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(made, file)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
