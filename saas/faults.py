"""The fault switch: how the gateway misbehaves on purpose, so that every cause can be shown."""

import time
from datetime import datetime, timedelta
from email.utils import format_datetime

from django.http import HttpResponse, JsonResponse

from saas.choices import FaultKind
from saas.errors import RefusalError, client_id_is_invalid, jwt_is_invalid

# What a switch without a number means, in seconds: the wait, the Retry-After and the error of the clock.
DEFAULT_SECONDS = {FaultKind.SLOW: 30, FaultKind.LIMITED: 60, FaultKind.SKEWED: 600}
MAX_SECONDS = 86_400
MAX_WAIT_S = 120


def wrong_answer(kind: str | None, seconds: int | None, now: datetime) -> HttpResponse | None:
    """Return the answer that the fault `kind` gives to any request, or None to answer as usual; *slow* waits first."""
    number = seconds or 0
    refusals: dict[str | None, RefusalError] = {
        FaultKind.UNAUTHORIZED: jwt_is_invalid(),
        FaultKind.FORBIDDEN: client_id_is_invalid(),
        FaultKind.LIMITED: RefusalError(429, {"message": "Too many requests"}, {"Retry-After": str(number)}),
        FaultKind.SERVER_ERROR: RefusalError(500, {"status": 500, "error": "Internal Server Error"}),
    }
    if kind in refusals:
        return refusals[kind].response()
    if kind == FaultKind.GARBAGE:
        return HttpResponse("<!doctype html><title>Sorry</title><p>Something else answers here.")
    if kind == FaultKind.SKEWED:
        return skewed(now + timedelta(seconds=number))
    if kind == FaultKind.SLOW:
        time.sleep(min(number, MAX_WAIT_S))
    return None


def skewed(moment: datetime) -> JsonResponse:
    """Return a refusal dated `moment`; servers other than the development server put their own date over it."""
    response = jwt_is_invalid().response()
    response["Date"] = format_datetime(moment, usegmt=True)
    return response
