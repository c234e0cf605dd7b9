"""A line in the server's log for each request: who asked for what, from where, and how it was answered.

It comes first of all middleware, so that every answer has the id of its request, refusals of other middleware too.
"""

import logging
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.signals import request_finished
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from whitenoise.middleware import WhiteNoiseFileResponse

from backend.frame import events
from backend.frame.proxy import client_address
from backend.frame.request_facts import HEADER, RequestFacts, id_for, in_hand

logger = logging.getLogger(__name__)

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
STATIC, NO_VIEW = "static", "none"
# What programs ask for every few seconds has a line only if it fails.
QUIET = frozenset({STATIC, "healthz", "readyz", "metrics"})


def middleware(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Name the request, log how it was answered, and count it."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        facts = RequestFacts(request, id_for(request), client_address(request))
        # It stays until the response is closed: a stream is still read after this function, and then may log something.
        in_hand.set(facts)
        response = get_response(request)
        if not isinstance(response, WhiteNoiseFileResponse):
            # A file from a cache has no request, and a page has many files.
            response[HEADER] = facts.request_id
        seconds = time.perf_counter() - began
        view = _view(request)
        _log(facts, response.status_code, view, seconds)
        method = request.method if request.method in METHODS else "other"
        events.note("page", seconds, view=view, method=method, status=f"{response.status_code // 100}xx")
        return response

    return answer


def _view(request: HttpRequest) -> str:
    """Return the name of the view that answered: there are only so many, whatever addresses are asked for."""
    if match := request.resolver_match:
        return match.view_name
    return STATIC if request.path.startswith(settings.STATIC_URL) else NO_VIEW


def _log(facts: RequestFacts, status: int, view: str, seconds: float) -> None:
    level = logging.INFO
    if status >= HTTPStatus.BAD_REQUEST:
        level = logging.ERROR if status >= HTTPStatus.INTERNAL_SERVER_ERROR else logging.WARNING
    elif view in QUIET:
        return
    extra = {"status": status, "duration_ms": round(seconds * 1000, 1), "view": view, "reason": facts.refusal}
    reason = f": {facts.refusal}" if facts.refusal else ""
    asked = f"{facts.request.method} {facts.request.path}"
    if not asked.isprintable():
        # A line break in an address must not begin a line that looks like another one of the log.
        asked = asked.encode("unicode_escape").decode()
    logger.log(level, "%s %s%s", asked, status, reason, extra=extra)


def _forget(**_sent: Any) -> None:
    in_hand.set(None)


request_finished.connect(_forget, dispatch_uid="request_facts")
