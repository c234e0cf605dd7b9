"""Which Commerce instance says that it sends a request. It is a label for people: nothing is allowed because of it."""

import unicodedata
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Self
from urllib.parse import unquote

from django.http import HttpRequest
from django.utils.text import Truncator

from saas.choices import NAME_LENGTH

# Who called is written at most this often, since writing costs more than the call.
RECORDED_EVERY = timedelta(seconds=60)
_SHOWN_LENGTH = 60
# Each character is at most four bytes of UTF-8, and each of those three characters in the header.
_MAX_HEADER_LENGTH = NAME_LENGTH * 4 * 3
# Control characters, what changes the direction of the text around it, line and paragraph separators, lone surrogates.
_UNPRINTABLE = {"Cc", "Cf", "Zl", "Zp", "Cs"}


@dataclass(frozen=True)
class Caller:
    """An instance by its own account; `instance_id` is None where a request names none."""

    instance_id: uuid.UUID | None = None
    name: str = ""

    def __str__(self) -> str:
        """Return the name, cut to 60 characters, with the id's beginning; empty for nobody."""
        beginning = str(self.instance_id)[:8] if self.instance_id else ""
        return f"{Truncator(self.name).chars(_SHOWN_LENGTH)} ({beginning})" if self.name else beginning

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        """Return who sends `request`; without a UUID nobody is named."""
        try:
            instance_id = uuid.UUID(request.headers.get("X-Commerce-Instance-Id", ""))
        except ValueError:
            return cls()
        return cls(instance_id, decoded_name(request.headers.get("X-Commerce-Instance-Name", "")))


NOBODY = Caller()


def decoded_name(value: str) -> str:
    """Return the name in a header's `value`, percent-encoded UTF-8, as one printable line of at most 255 characters."""
    text = unquote(value[:_MAX_HEADER_LENGTH], errors="replace")
    printable = "".join(one for one in text if unicodedata.category(one) not in _UNPRINTABLE)
    return " ".join(printable.split())[:NAME_LENGTH].rstrip()
