"""The faults that a gateway shows on purpose, so that every cause can be seen."""

import secrets
import time
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

from django.db import models
from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext_lazy as _

from saas.errors import CLIENT_ID_IS_INVALID, JWT_IS_INVALID

MAX_SECONDS = 86_400
MAX_WAIT_S = 120


class FaultKind(models.TextChoices):
    """The name of each fault in database and command, and its label."""

    NONE = "none", _("None: answer as usual")
    UNAUTHORIZED = "401", _("401: JWT is invalid")
    FORBIDDEN = "403", _("403: Client ID is invalid")
    REFUSED = "refused", _("Refused: 403 in JSON that gives no reason")
    FORBIDDEN_PAGE = "forbidden-html", _("Forbidden page: 403 with a web page, as from a firewall")
    LIMITED = "429", _("429: too many requests, with Retry-After")
    SERVER_ERROR = "500", _("500: internal server error")
    MAINTENANCE = "maintenance", _("Maintenance: 503 with Retry-After")
    GARBAGE = "garbage", _("Garbage: an HTML page with status 200")
    # Only the list of data spaces is odd: the call that reads it puts `odd_rows` into it.
    ODD_ROW = "odd-row", _("Odd rows: a data space without a name, another without an id")
    SLOW = "slow", _("Slow: wait, then answer as usual")
    SKEWED = "skewed", _("Skewed clock: 401 with a Date header that is off")


DEFAULT_SECONDS = {FaultKind.LIMITED: 60, FaultKind.MAINTENANCE: 120, FaultKind.SLOW: 30, FaultKind.SKEWED: 600}
# Faults that answer with a web page, like something between the client and the gateway: the status.
PAGES: dict[str, int] = {FaultKind.FORBIDDEN_PAGE: 403, FaultKind.GARBAGE: 200}
# Faults that answer in JSON: status and body.
ANSWERS: dict[str, tuple[int, dict[str, Any]]] = {
    FaultKind.UNAUTHORIZED: (401, JWT_IS_INVALID),
    FaultKind.FORBIDDEN: (403, CLIENT_ID_IS_INVALID),
    FaultKind.REFUSED: (403, {"message": "Forbidden"}),
    FaultKind.LIMITED: (429, {"message": "Too many requests"}),
    FaultKind.SERVER_ERROR: (500, {"status": 500, "error": "Internal Server Error"}),
    FaultKind.MAINTENANCE: (503, {"status": 503, "error": "Service Unavailable"}),
    FaultKind.SKEWED: (401, JWT_IS_INVALID),
}


def answer(kind: str, seconds: int, now: datetime) -> HttpResponse | None:
    """Return the answer that replaces the answer of any call, or None to answer as usual.

    `seconds` is a wait, a Retry-After, or how far the clock is ahead. Other servers than the development server write
    their own date.
    """
    if kind == FaultKind.SLOW:
        time.sleep(min(seconds, MAX_WAIT_S))
    if kind in PAGES:
        text = "<!doctype html><title>Sorry</title><p>Something else answers here."
        return HttpResponse(text, status=PAGES[kind])
    if kind not in ANSWERS:
        return None
    status, body = ANSWERS[kind]
    if kind == FaultKind.REFUSED:
        body = {**body, "requestId": secrets.token_hex(16)}
    response = JsonResponse(body, status=status)
    if kind in {FaultKind.LIMITED, FaultKind.MAINTENANCE}:
        response["Retry-After"] = str(seconds)
    if kind == FaultKind.SKEWED:
        response["Date"] = format_datetime(now + timedelta(seconds=seconds), usegmt=True)
    return response


def odd_rows(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return `rows` with two odd ones for the last: without a name, of an unknown type; the second has no id either."""
    if not rows:
        return rows
    odd = {**rows[-1], "environmentName": None, "environmentType": "Unheard of"}
    return [*rows[:-1], odd, {**odd, "environmentId": None}]
