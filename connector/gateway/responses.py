"""What the answers of the gateway mean: rows become data spaces, everything else one typed error.

Source: the protocol that the client modules `magento/services-connector` and `magento/services-id` speak.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Self

from django.utils.functional import cached_property

from backend.frame.fields import visible
from connector.errors import GatewayError, Reason

MAX_RETRY_AFTER_S = 3600
MAX_TEXT_CHARACTERS = 255
MAX_TYPE_CHARACTERS = 64
MAX_ROWS = 2000
MAX_FEATURES = 200
OCCUPIED_FOR = timedelta(days=30)

# Source: the refusals that magento/services-connector recognises by their text, whatever the HTTP status.
_REASONS: Mapping[str, Reason] = {
    "JWT is invalid": Reason.JWT_INVALID,
    "Client ID is invalid": Reason.CLIENT_ID_INVALID,
}
# What Adobe's API gateway calls an unknown API key, and a missing one.
API_KEY_CODES = frozenset({"403003", "403000"})

_WORD = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
# A moment of the first or the last year has no date in some time zones, so no page could show it.
_YEARS = range(2, 9999)
# Halves of surrogate pairs and NUL, which no database can store, and characters that command a terminal or turn around
# the text beside them.
_HARMFUL = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_DIGITS = re.compile(r"[0-9]{1,18}", re.ASCII)


@dataclass(frozen=True)
class LastInstance:
    """The instance that was last seen on a data space. The real registry does not say."""

    id: str
    name: str
    seen_at: datetime

    @classmethod
    def from_row(cls, value: object) -> Self | None:
        """Return the instance that `value`, the `lastInstance` of a row, names; None if it is not as expected."""
        if not isinstance(value, dict):
            return None
        instance_id, name, seen_at = word(value.get("id")), value.get("name"), moment(value.get("seenAt"))
        if not instance_id or not isinstance(name, str) or seen_at is None:
            return None
        if len(name) > MAX_TEXT_CHARACTERS or _HARMFUL.search(name):
            return None
        return cls(instance_id, name, seen_at)

    @property
    def title(self) -> str:
        """Its name, else the beginning of its id; what nobody can see is no name."""
        return self.name if visible(self.name) else self.id[:8]


@dataclass(frozen=True)
class DataSpace:
    """One row of the merchant registry, as far as it can be read: what is missing is empty.

    A missing name is the id. `features` is None in a row of a list, which does not have them.
    """

    id: str
    mage_id: str
    organization_name: str
    project_id: str
    project_name: str
    type: str
    name: str
    features: tuple[str, ...] | None = None
    last_instance: LastInstance | None = None

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Self:
        """Return the data space of a registry row, which calls it an environment."""
        space_id, project_id = word(row.get("environmentId")), word(row.get("projectId"))
        features = row.get("featureSet")
        return cls(
            id=space_id,
            mage_id=word(row.get("mageId")),
            organization_name=text(row.get("organizationName")),
            project_id=project_id,
            project_name=text(row.get("projectName")) or project_id,
            type=text(row.get("environmentType"), MAX_TYPE_CHARACTERS),
            name=text(row.get("environmentName")) or space_id,
            features=tuple(filter(None, map(text, features[:MAX_FEATURES]))) if isinstance(features, list) else None,
            last_instance=LastInstance.from_row(row.get("lastInstance")),
        )

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Return what `to_json` was called on."""
        features = None if stored["features"] is None else tuple(stored["features"])
        last_instance = LastInstance.from_row(stored["last_instance"])
        return cls(**{**stored, "features": features, "last_instance": last_instance})

    def to_json(self) -> dict[str, Any]:
        """Return a form that JSON can hold."""
        seen = self.last_instance
        return asdict(self) | {
            "last_instance": seen and {"id": seen.id, "name": seen.name, "seenAt": seen.seen_at.isoformat()},
        }

    def occupant(self, instance_id: str, now: datetime) -> LastInstance | None:
        """Return the instance, other than `instance_id`, that was seen here in the last 30 days.

        A shop that nobody looks at for weeks still works in its data space. After 30 days of silence its former
        configuration could not be restored either.
        """
        seen = self.last_instance
        if seen is None or seen.id == instance_id or seen.seen_at < now - OCCUPIED_FOR:
            return None
        return seen


@dataclass(frozen=True)
class Listed:
    """The data spaces that an answer lists, and how many rows were left out because they lack an id or a project."""

    spaces: tuple[DataSpace, ...] = ()
    left_out: int = 0


@dataclass(frozen=True)
class Answer:
    """An answer as far as it matters: the status, the head and the bounded body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @cached_property
    def facts(self) -> dict[str, Any] | None:
        """The JSON object in the body, None where there is none."""
        try:
            facts = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return facts if isinstance(facts, dict) else None


def checked(answer: Answer) -> dict[str, Any]:
    """Return the answer's object, or raise what its status, in the head or in the body, says."""
    facts = answer.facts
    is_success = HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES
    if facts is None or not is_success or _status(answer) >= HTTPStatus.BAD_REQUEST or _message(facts) in _REASONS:
        raise refusal(answer)
    return facts


def word(value: object) -> str:
    """Return `value` when it is one short word: anything else of a body is never shown or logged."""
    return value if isinstance(value, str) and _WORD.fullmatch(value) else ""


def refusal(answer: Answer) -> GatewayError:
    """Return the error that an answer other than a success means."""
    facts, status = answer.facts or {}, _status(answer)
    return GatewayError(
        _REASONS.get(_message(facts)) or _reason(status, answer.facts),
        status=status,
        retry_after_s=parse_retry_after(answer.headers.get("Retry-After", ""), datetime.now(UTC)),
        detail=word(facts.get("detail")),
        request_id=word(facts.get("requestId") or answer.headers.get("X-Request-Id")),
        server_date=parse_date(answer.headers.get("Date", "")),
    )


def listed(answer: Mapping[str, Any]) -> Listed:
    """Return the data spaces of an answer that lists them, or raise when it does not."""
    results = answer.get("results")
    # No merchant has more rows than `MAX_ROWS`, and a page that lists them all would be of no use.
    if not isinstance(results, list) or len(results) > MAX_ROWS:
        raise GatewayError(Reason.MALFORMED)
    read = (DataSpace.from_row(row) for row in results if isinstance(row, dict))
    spaces = tuple(space for space in read if space.id and space.project_id)
    return Listed(spaces, len(results) - len(spaces))


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


def moment(value: object) -> datetime | None:
    """Return the moment that an ISO 8601 text with its zone names, or None. It has a date in every time zone."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
        return found.astimezone(UTC) if found and found.tzinfo and found.year in _YEARS else None
    except (ValueError, OverflowError):
        return None


def _status(answer: Answer) -> int:
    # The registry may answer 200 and say `"status": 404` in the body, which is what counts then.
    status = (answer.facts or {}).get("status")
    if isinstance(status, int) and HTTPStatus.BAD_REQUEST <= status < 600:  # noqa: PLR2004  (HTTP ends there)
        return status
    return answer.status


def _message(facts: Mapping[str, Any]) -> str:
    error = facts.get("error")
    message = error.get("message") if isinstance(error, dict) else facts.get("message")
    return message if isinstance(message, str) else ""


def _reason(status: int, facts: Mapping[str, Any] | None) -> Reason:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Reason.RATE_LIMITED
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Reason.SERVER_ERROR
    if facts is None:
        # A proxy or firewall also answers 401, 403 or 404. Only an answer in JSON comes from Commerce Services.
        return Reason.MALFORMED
    if str(facts.get("error_code")) in API_KEY_CODES:
        return Reason.API_KEY_INVALID
    if status == HTTPStatus.NOT_FOUND:
        return Reason.NOT_FOUND
    # A redirect is refused, since its target would get the signature.
    return Reason.REFUSED if status >= HTTPStatus.BAD_REQUEST else Reason.MALFORMED


def text(value: object, length: int = MAX_TEXT_CHARACTERS) -> str:
    """Return `value` as it can be stored and shown, cut to `length` characters; empty where nothing of it shows."""
    clean = _HARMFUL.sub("", value).strip() if isinstance(value, str) else ""
    if not visible(clean):
        return ""
    return clean if len(clean) <= length else clean[: length - 1] + "…"
