"""Refuses a body before anything reads it: one that is too long, or of unknown length.

A view that takes more, or that answers programs, says so in its `accepted_body`. Files are refused by the framework:
the settings allow none, and name nothing that could store one.
"""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import is_valid_path
from django.utils.log import log_response

from backend.frame import error_pages

logger = logging.getLogger(__name__)
# More digits than any body has bytes. `int` would take signs, blanks, underscores and the digits of other scripts too.
_LENGTH = re.compile(r"[0-9]{1,15}", re.ASCII)


@dataclass(frozen=True)
class AcceptedBody:
    """What a view takes. `refuse` makes the answer to anything else; without it, people get a page.

    A chunked body does not say its length. The framework takes it for empty, so a view that takes one reads it itself,
    and stops where it is too long.
    """

    max_bytes: int = 0
    may_be_chunked: bool = False
    refuse: Callable[[int, str], HttpResponse] | None = None


def middleware(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Answer 400, 411 or 413 to a body that the address does not take."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        length = request.META.get("CONTENT_LENGTH", "")
        is_chunked = "Transfer-Encoding" in request.headers
        if not length and not is_chunked:
            return get_response(request)
        is_read = bool(_LENGTH.fullmatch(length)) and not is_chunked
        if is_read and int(length) <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return get_response(request)
        match = is_valid_path(request.path_info)
        accepted = getattr(match.func, "accepted_body", None) if match else None
        accepted = accepted or AcceptedBody()
        limit = max(accepted.max_bytes, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
        if length and not is_read:
            return _refuse(request, accepted, 400, "The header Content-Length is not a number of bytes.")
        if is_chunked and not accepted.may_be_chunked:
            return _refuse(request, accepted, 411, "The body has no length. Send it with the header Content-Length.")
        if length and int(length) > limit:
            return _refuse(request, accepted, 413, f"The body has more than {limit} bytes.")
        return get_response(request)

    return answer


def _refuse(request: HttpRequest, accepted: AcceptedBody, status: int, text: str) -> HttpResponse:
    if accepted.refuse:
        response = accepted.refuse(status, text)
    else:
        template = "" if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE else "400.html"
        response = error_pages.early_failure(request, status, template)
    log_response("Refused a body without reading it: %s", text, response=response, request=request, logger=logger)
    return response
