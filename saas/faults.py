"""The fault switch: how the gateway misbehaves on purpose, so that every cause can be shown."""

import secrets
import time
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

from django.http import HttpResponse, JsonResponse

from saas.choices import FaultKind
from saas.errors import RefusalError, client_id_is_invalid, jwt_is_invalid

# What a switch without a number means, in seconds: the wait, the Retry-After and the error of the clock.
DEFAULT_SECONDS = {FaultKind.SLOW: 30, FaultKind.LIMITED: 60, FaultKind.MAINTENANCE: 120, FaultKind.SKEWED: 600}
MAX_SECONDS = 86_400
MAX_WAIT_S = 120


def wrong_answer(kind: str | None, seconds: int | None, now: datetime) -> HttpResponse | None:
    """Return the answer that the fault `kind` gives to any request, or None to answer as usual; *slow* waits first."""
    number = seconds or 0
    refusals: dict[str | None, RefusalError] = {
        FaultKind.UNAUTHORIZED: jwt_is_invalid(),
        FaultKind.FORBIDDEN: client_id_is_invalid(),
        FaultKind.REFUSED: RefusalError(403, {"message": "Forbidden", "requestId": secrets.token_hex(16)}),
        FaultKind.LIMITED: RefusalError(429, {"message": "Too many requests"}, {"Retry-After": str(number)}),
        FaultKind.SERVER_ERROR: RefusalError(500, {"status": 500, "error": "Internal Server Error"}),
        FaultKind.MAINTENANCE: RefusalError(
            503, {"status": 503, "error": "Service Unavailable"}, {"Retry-After": str(number)}
        ),
    }
    if kind in refusals:
        return refusals[kind].response()
    if kind in {FaultKind.GARBAGE, FaultKind.FORBIDDEN_PAGE}:
        page = "<!doctype html><title>Sorry</title><p>Something else answers here."
        return HttpResponse(page, status=200 if kind == FaultKind.GARBAGE else 403)
    if kind == FaultKind.SKEWED:
        return skewed(now + timedelta(seconds=number))
    if kind == FaultKind.SLOW:
        time.sleep(min(number, MAX_WAIT_S))
    return None


def odd_rows(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return `rows` with two odd ones at the end: without a name and of an unknown type, the last without an id too."""
    if not rows:
        return rows
    odd = {**rows[-1], "environmentName": None, "environmentType": "Unheard of"}
    return [*rows[:-1], odd, {**odd, "environmentId": None}]


def skewed(moment: datetime) -> JsonResponse:
    """Return a refusal dated `moment`; servers other than the development server put their own date over it."""
    response = jwt_is_invalid().response()
    response["Date"] = format_datetime(moment, usegmt=True)
    return response
