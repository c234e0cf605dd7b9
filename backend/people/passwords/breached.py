"""Refuses passwords that are known from data breaches."""

import hashlib
import logging
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from backend.people.passwords.hashers import normalized
from backend.people.passwords.length import has_good_length

logger = logging.getLogger(__name__)

# The first ten digits of the SHA-1 of each, in order. benchmarks/breached_passwords.py makes it, and says of what.
BUILT_IN = Path(__file__).parent / "breached.txt"
DIGITS = 10


class BreachedValidator:
    """Refuses a password that is in the list of this program or in `BREACHED_PASSWORDS`."""

    def validate(self, password: str, _user: Any = None) -> None:
        """Raise ValidationError where `password` is known, as it is or in small letters."""
        if not has_good_length(password):
            return
        typed = normalized(password)
        for text in {password, typed, typed.lower()}:
            digest = sha1(text)
            if _holds(BUILT_IN, digest[:DIGITS]) or _holds(settings.BREACHED_PASSWORDS, digest):
                raise ValidationError(self.get_help_text(), "password_breached")

    def get_help_text(self) -> str:
        return _(
            "This password is known from a data breach, so others try it first. Choose one that you use nowhere else: "
            "three or four words, say."
        )


def sha1(text: str) -> bytes:
    """Return the SHA-1 of `text` in capital digits, as lists of breached passwords have it."""
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest().upper().encode()


def _holds(path: Path | None, digest: bytes) -> bool:
    """Return whether a line of the sorted file `path` begins with `digest`. It reads some 30 lines, of any file."""
    if path is None:
        return False
    try:
        with path.open("rb") as file:
            low, high = 0, file.seek(0, os.SEEK_END)
            while low < high:
                middle = (low + high) // 2
                # The first line that begins here or later.
                file.seek(max(middle - 1, 0))
                if middle:
                    file.readline()
                found = file.readline()[: len(digest)].upper()
                if found == digest:
                    return True
                low, high = (low, middle) if not found or found > digest else (middle + 1, high)
    except OSError:
        logger.exception("The file of breached passwords cannot be read, so it was left out: check its permissions.")
    return False
