"""The Commerce instance that a request says it comes from: a label for people, which gives no rights."""

import unicodedata
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Self
from urllib.parse import unquote

from django.http import HttpRequest
from django.utils.text import Truncator

from backend.frame.fields import NAME_LENGTH, UNPRINTABLE

# The caller is written at most this often: writing costs more than the rest of a call.
RECORDED_EVERY = timedelta(seconds=60)
_SHOWN_LENGTH = 60
# Each character is at most four bytes of UTF-8, and each of those three characters in the header.
_MAX_HEADER_LENGTH = NAME_LENGTH * 4 * 3


@dataclass(frozen=True)
class Caller:
    """An instance as it names itself; without an `instance_id` the request named none."""

    instance_id: uuid.UUID | None = None
    name: str = ""

    def __str__(self) -> str:
        """Return the name, cut to 60 characters, with the beginning of the id; empty if none was named."""
        beginning = str(self.instance_id)[:8] if self.instance_id else ""
        name = self.name if len(self.name) <= _SHOWN_LENGTH else Truncator(self.name).chars(_SHOWN_LENGTH)
        return f"{name} ({beginning})" if name else beginning

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        """Return who sends `request`; without a UUID, nobody."""
        try:
            instance_id = uuid.UUID(request.headers.get("X-Commerce-Instance-Id", ""))
        except ValueError:
            return cls()
        return cls(instance_id, decoded_name(request.headers.get("X-Commerce-Instance-Name", "")))


NOBODY = Caller()


def decoded_name(value: str) -> str:
    """Decode a header's `value`, percent-encoded UTF-8, to one printable line of at most 255 characters."""
    text = unquote(value[:_MAX_HEADER_LENGTH], errors="replace")
    printable = "".join(character for character in text if unicodedata.category(character) not in UNPRINTABLE)
    return " ".join(printable.split())[:NAME_LENGTH].rstrip()
