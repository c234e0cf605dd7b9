"""Read the text of a file of settings: `.env`, or a file that holds one value."""

import os
import re
from io import StringIO
from pathlib import Path

from dotenv.parser import parse_stream

_MAX_BYTES = 1_000_000
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
# In a line that cannot be read, only this is certainly a name and not part of a secret.
_SURE_NAME = re.compile(r"\s*(?:export\s+)?([A-Z][A-Z0-9_]*)\s*=", re.ASCII)


class SettingError(Exception):
    """A setting cannot be used. The text says which one, why, and what to do, without the value."""


def read_env_file(path: Path) -> dict[str, str]:
    """Return the variables of the file `path`, none if it is missing; the last of two lines for a name counts.

    Raises:
        SettingError: the file, or a line of it, cannot be read.
    """
    if not os.path.lexists(path):
        return {}
    try:
        text = text_of(path)
    except SettingError as error:
        message = f"{path.name} {error}"
        raise SettingError(message) from None
    found = {}
    for binding in parse_stream(StringIO(text)):
        if not binding.error and binding.key is None:
            # A comment, or the empty end of the file.
            continue
        if binding.error or binding.value is None or not _NAME.fullmatch(binding.key or ""):
            written = binding.original.string
            # The parser counts empty lines before a line as part of it.
            line = binding.original.line + written[: len(written) - len(written.lstrip())].count("\n")
            name = _SURE_NAME.match(written)
            message = (
                f"{path.name}, line {line}{f', {name[1]}' if name else ''}: this line cannot be read. Write "
                "NAME=value, put a value of several lines in quotation marks, and close every quotation mark."
            )
            raise SettingError(message)
        found[str(binding.key)] = binding.value
    return found


def text_of(path: Path | str) -> str:
    """Return the text of a file, without a byte order mark and with line feeds only.

    Raises:
        SettingError: it cannot be read; the text continues a sentence that begins with the name of the file.
    """
    try:
        with Path(path).open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "this is not the name of a file"
        message = f"cannot be read: {why}. Run this as the user who may read it, or correct its place and permissions."
        raise SettingError(message) from None
    if len(data) > _MAX_BYTES:
        message = "is longer than 1 MB, so it cannot be the right one."
        raise SettingError(message)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"is not UTF-8 text, from line {line} on. Save it as UTF-8."
        raise SettingError(message) from None
    if "\0" in text:
        message = "is not UTF-8 text. Save it as UTF-8."
        raise SettingError(message)
    return re.sub(r"\r\n?", "\n", text)
