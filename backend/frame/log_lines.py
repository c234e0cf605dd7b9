"""How lines of the log are written: as text for people in development, as JSON for programs in production.

Neither holds possible parts of a private key, nor the one-time links whose addresses begin with a secret path.
"""

import json
import logging
import re
from collections.abc import Iterable
from datetime import datetime
from http import HTTPStatus
from typing import Any

from backend.frame.leaks import without_keys
from backend.frame.request_facts import in_hand, request_id

# The attributes of a record that become fields of their own.
_EXTRA = ("status", "duration_ms", "view", "reason")
# Fields that may hold what somebody sent. The others are names and numbers of this program, and checked ids.
_FROM_OUTSIDE = frozenset({"message", "path", "reason", "traceback"})
# Characters that command a terminal, or turn around the text beside them.
_COMMANDS = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class _Formatter(logging.Formatter):
    def __init__(self, secret_paths: Iterable[str] = (), **options: Any) -> None:
        """Withhold what follows any of `secret_paths` in an address, up to the next slash."""
        super().__init__(**options)
        paths = "|".join(map(re.escape, secret_paths))
        self._links = re.compile(rf"({paths})[^/?\s\"']+") if paths else None

    def safe(self, text: str) -> str:
        """Return `text` without secrets."""
        text = without_keys(text)
        return self._links.sub(r"\1…", text) if self._links else text


class Text(_Formatter):
    """A line of text, with the id of the request behind it, and a traceback below it."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  (the framework's name)
        """Return the line without its traceback. The development server names no request: it has its own lines."""
        known = "" if record.name == "django.server" else request_id()
        return f"{super().formatMessage(record)} [{known}]" if known else super().formatMessage(record)

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, for a terminal: what a client sent must not command it."""
        return _COMMANDS.sub(lambda found: ascii(found[0])[1:-1], self.safe(super().format(record)))


class Json(_Formatter):
    """A JSON object on one line. docs/operations.md lists its fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the object. What is empty or unknown is left out."""
        fields: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if facts := in_hand.get():
            fields |= {
                "request_id": facts.request_id,
                "person": facts.person,
                "address": facts.address,
                "method": facts.request.method,
                "path": facts.request.path,
            }
        fields |= {name: getattr(record, name, None) for name in _EXTRA}
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        for name in _FROM_OUTSIDE & fields.keys():
            fields[name] = self.safe(fields[name] or "")
        # In ASCII, whatever the encoding of the console is: standard error would not write it as JSON otherwise.
        return json.dumps({name: value for name, value in fields.items() if value not in {None, ""}})


class OneLineARefusal(logging.Filter):
    """Leaves the framework's own lines about the response to the access log, which has one line for each request.

    Why it refused the request becomes a part of that line. A failure of ours keeps its line, with its traceback.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether to write `record`."""
        facts = in_hand.get()
        if facts is None or getattr(record, "request", None) is not facts.request:
            return True
        status = getattr(record, "status_code", HTTPStatus.INTERNAL_SERVER_ERROR)
        if record.exc_info and status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return True
        # The line names the path itself.
        facts.refusal = facts.refusal or record.getMessage().removesuffix(f": {facts.request.path}")
        return False
