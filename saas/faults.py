"""The faults that a gateway shows on purpose, so that every cause can be seen: one row each."""

import secrets
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any, Self

from django.db import models
from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext_lazy as _

from saas.errors import client_id_is_invalid, jwt_is_invalid

MAX_SECONDS = 86_400
MAX_WAIT_S = 120

# Takes the seconds of the switch and the time; returns None to answer as usual.
Answer = Callable[[int, datetime], HttpResponse | None]


def usual(_seconds: int, _now: datetime) -> None:
    """Answer as usual."""


def json(status: int, body: dict[str, Any]) -> Answer:
    """Answer with `body`."""
    return lambda _seconds, _now: JsonResponse(body, status=status)


def pause(status: int, body: dict[str, Any]) -> Answer:
    """Answer with `body`, and ask for a pause."""
    return lambda seconds, _now: JsonResponse(body, status=status, headers={"Retry-After": str(seconds)})


def page(status: int) -> Answer:
    """Answer with a web page, like something between the client and the gateway."""
    text = "<!doctype html><title>Sorry</title><p>Something else answers here."
    return lambda _seconds, _now: HttpResponse(text, status=status)


def forbidden(_seconds: int, _now: datetime) -> HttpResponse:
    """Refuse in JSON without a reason."""
    return JsonResponse({"message": "Forbidden", "requestId": secrets.token_hex(16)}, status=403)


def slow(seconds: int, _now: datetime) -> None:
    """Wait, then answer as usual."""
    time.sleep(min(seconds, MAX_WAIT_S))


def skewed(seconds: int, now: datetime) -> HttpResponse:
    """Refuse with a clock that is `seconds` ahead. Other servers than the development server write their own date."""
    date = format_datetime(now + timedelta(seconds=seconds), usegmt=True)
    return JsonResponse(jwt_is_invalid().body, status=401, headers={"Date": date})


class FaultKind(models.TextChoices):
    """Each row: the name in database and command, the answer, the seconds that it takes by default, and the label."""

    answer: Answer
    default_seconds: int

    def __new__(cls, value: str, answer: Answer = usual, default_seconds: int = 0) -> Self:
        """Make one row; the label never gets here."""
        kind = str.__new__(cls, value)
        kind._value_ = value
        kind.answer = answer
        kind.default_seconds = default_seconds
        return kind

    NONE = "none", _("None: answer as usual")
    UNAUTHORIZED = "401", json(401, jwt_is_invalid().body), _("401: JWT is invalid")
    FORBIDDEN = "403", json(403, client_id_is_invalid().body), _("403: Client ID is invalid")
    REFUSED = "refused", forbidden, _("Refused: 403 in JSON that gives no reason")
    FORBIDDEN_PAGE = "forbidden-html", page(403), _("Forbidden page: 403 with a web page, as from a firewall")
    LIMITED = "429", pause(429, {"message": "Too many requests"}), 60, _("429: too many requests, with Retry-After")
    SERVER_ERROR = "500", json(500, {"status": 500, "error": "Internal Server Error"}), _("500: internal server error")
    MAINTENANCE = (
        "maintenance",
        pause(503, {"status": 503, "error": "Service Unavailable"}),
        120,
        _("Maintenance: 503 with Retry-After"),
    )
    GARBAGE = "garbage", page(200), _("Garbage: an HTML page with status 200")
    # Only the list of data spaces is odd; the registry adds `odd_rows` to it.
    ODD_ROW = "odd-row", _("Odd rows: a data space without a name, another without an id")
    SLOW = "slow", slow, 30, _("Slow: wait, then answer as usual")
    SKEWED = "skewed", skewed, 600, _("Skewed clock: 401 with a Date header that is off")


def odd_rows(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return `rows` with two odd ones at the end, without a name and of an unknown type; the last lacks its id too."""
    if not rows:
        return rows
    odd = {**rows[-1], "environmentName": None, "environmentType": "Unheard of"}
    return [*rows[:-1], odd, {**odd, "environmentId": None}]
