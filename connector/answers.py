"""What the answers of the gateway mean: rows become data spaces, everything else one typed error.

Source: the protocol that the client modules `magento/services-connector` and `magento/services-id` speak.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Self

from connector.errors import GatewayError, Reason

MAX_RETRY_AFTER_S = 3600
MAX_TEXT_CHARACTERS = 255
MAX_ROWS = 2000
MAX_FEATURES = 200

# Source: the refusals that magento/services-connector recognises by their text, whatever the HTTP status.
REASONS_BY_MESSAGE: Mapping[str, Reason] = {
    "JWT is invalid": Reason.JWT_INVALID,
    "Client ID is invalid": Reason.CLIENT_ID_INVALID,
}

_WORD = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_WORD_FIELDS = ("id", "mage_id", "project_id", "type")
# What no database can store: NUL and halves of surrogate pairs, which JSON can spell.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_DIGITS = re.compile(r"[0-9]{1,18}", re.ASCII)
# The registry calls a data space an environment.
_ROW_KEYS = {
    "id": "environmentId",
    "mage_id": "mageId",
    "organization_name": "organizationName",
    "project_id": "projectId",
    "project_name": "projectName",
    "type": "environmentType",
    "name": "environmentName",
}


@dataclass(frozen=True)
class DataSpace:
    """One row of the merchant registry. `features` is None where the row, being part of a list, does not say."""

    id: str
    mage_id: str
    organization_name: str
    project_id: str
    project_name: str
    type: str
    name: str
    features: tuple[str, ...] | None = None

    @classmethod
    def from_row(cls, row: object) -> Self:
        """Return the data space of a registry row; keys that we do not use are ignored.

        Raises:
            GatewayError: a key is missing, or its value is none that the key can have.
        """
        if not isinstance(row, dict):
            raise GatewayError(Reason.MALFORMED)
        values: dict[str, Any] = {field: row.get(key) for field, key in _ROW_KEYS.items()}
        has_words = all(word(values[field]) for field in _WORD_FIELDS)
        if not has_words or not all(_is_text(value) for value in values.values()):
            raise GatewayError(Reason.MALFORMED)
        return cls(**values, features=_features(row.get("featureSet")))

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Return what `to_json` was called on."""
        features = stored["features"]
        return cls(**{**stored, "features": None if features is None else tuple(features)})

    def to_json(self) -> dict[str, Any]:
        """Return a form that JSON can hold."""
        return asdict(self) | {"features": None if self.features is None else list(self.features)}


@dataclass(frozen=True)
class Answer:
    """An answer as far as it matters: the status, the head and the bounded body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def checked(answer: Answer) -> dict[str, Any]:
    """Return the answer's object, or raise what its status, in the head or in the body, says."""
    body = _json(answer.body)
    is_success = HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES
    if not is_success or _status(answer, body) >= HTTPStatus.BAD_REQUEST or _message(body) in REASONS_BY_MESSAGE:
        raise refusal(answer)
    if not isinstance(body, dict):
        raise GatewayError(Reason.MALFORMED, status=answer.status)
    return body


def word(value: object) -> str:
    """Return `value` when it is one short word: anything else of a body is never shown or logged."""
    return value if isinstance(value, str) and _WORD.fullmatch(value) else ""


def refusal(answer: Answer) -> GatewayError:
    """Return the error that an answer other than a success means."""
    body = _json(answer.body)
    facts = body if isinstance(body, dict) else {}
    status = _status(answer, body)
    return GatewayError(
        REASONS_BY_MESSAGE.get(_message(body)) or _reason_by_status(status),
        status=status,
        retry_after_s=parse_retry_after(answer.headers.get("Retry-After", ""), datetime.now(UTC)),
        detail=word(facts.get("detail")),
        request_id=word(facts.get("requestId") or answer.headers.get("X-Request-Id")),
        server_date=parse_date(answer.headers.get("Date", "")),
    )


def rows(answer: Mapping[str, Any]) -> tuple[DataSpace, ...]:
    """Return the data spaces of an answer that lists them, or raise when it does not."""
    results = answer.get("results")
    if not isinstance(results, list):
        raise GatewayError(Reason.MALFORMED)
    if len(results) > MAX_ROWS:
        # A page lists them all: more than this is no account of a merchant, and no page to work with.
        raise GatewayError(Reason.MALFORMED)
    return tuple(DataSpace.from_row(row) for row in results)


def parse_retry_after(value: str, now: datetime) -> int | None:
    """Return the seconds that a `Retry-After` header asks for, 3600 at most, or None when it says nothing readable.

    Source: RFC 9110, section 10.2.3: a number of seconds, or a date.
    """
    if _DIGITS.fullmatch(value.strip()):
        return min(int(value), MAX_RETRY_AFTER_S)
    date = parse_date(value)
    if date is None:
        return None
    return min(max(0, round((date - now).total_seconds())), MAX_RETRY_AFTER_S)


def parse_date(value: str) -> datetime | None:
    """Return the moment that an HTTP date names, or None when it is none."""
    try:
        date = parsedate_to_datetime(value)
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


def _json(body: bytes) -> object:
    try:
        value: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value


def _status(answer: Answer, body: object) -> int:
    # The registry may answer 200 and say `"status": 404` in the body, which is what counts then.
    told = body.get("status") if isinstance(body, dict) else None
    if isinstance(told, int) and HTTPStatus.BAD_REQUEST <= told < 600:  # noqa: PLR2004  (HTTP ends there)
        return told
    return answer.status


def _message(body: object) -> str:
    if not isinstance(body, dict):
        return ""
    error = body.get("error")
    message = error.get("message") if isinstance(error, dict) else body.get("message")
    return message if isinstance(message, str) else ""


def _reason_by_status(status: int) -> Reason:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Reason.RATE_LIMITED
    if status == HTTPStatus.NOT_FOUND:
        return Reason.NOT_FOUND
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Reason.SERVER_ERROR
    # A redirect is refused, since its target would get the signature.
    return Reason.REFUSED if status >= HTTPStatus.BAD_REQUEST else Reason.MALFORMED


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= MAX_TEXT_CHARACTERS and not _UNSTORABLE.search(value)


def _features(value: object) -> tuple[str, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list) or len(value) > MAX_FEATURES or not all(_is_text(name) for name in value):
        raise GatewayError(Reason.MALFORMED)
    return tuple(value)
