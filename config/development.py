"""Secrets of a development copy: made once, kept in an ignored file."""

import contextlib
import json
import os
import secrets
from base64 import urlsafe_b64encode
from pathlib import Path

from config.variables import SettingError


def keep_private(folder: Path) -> None:
    """Make `folder`, or take it from everybody but its owner: secrets and the database lie in it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o077:
        # Who mounted it as somebody else has their reasons.
        with contextlib.suppress(PermissionError):
            folder.chmod(0o700)


def local_secrets(path: Path) -> dict[str, str]:
    """Return the secrets kept in the file `path`, making them on the first call.

    Returns a dict with `SECRET_KEY` and `ENCRYPTION_KEYS` as environment variables would hold them.

    Raises:
        SettingError: the file cannot be made or read.
    """
    try:
        _make(path)
        kept: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        return {name: kept[name].strip() for name in ("SECRET_KEY", "ENCRYPTION_KEYS")}
    except OSError as error:
        message = f"{path} cannot be made or read: {error.strerror}. Give this process's user its folder."
    except (ValueError, LookupError, TypeError, AttributeError):
        message = (
            f"{path} does not hold the keys of this development copy. Put it back from a backup. Without one, "
            "delete it: new keys are made, and stored key pairs have to be entered again."
        )
    raise SettingError(message)


def _make(path: Path) -> None:
    keep_private(path.parent)
    if not path.exists():
        made = {
            "SECRET_KEY": secrets.token_urlsafe(50),
            "ENCRYPTION_KEYS": urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        }
        # The file is complete before it gets its name, so that two processes starting together agree on one set.
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
