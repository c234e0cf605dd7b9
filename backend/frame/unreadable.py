"""Refuses requests that cannot be read as sent: cut short, not in UTF-8, with too many values, or with a file."""

import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.response import HttpResponseBase
from django.utils.log import log_response

from backend.frame import error_pages

logger = logging.getLogger(__name__)
UTF_8 = frozenset({"utf-8", "utf8"})


class Middleware:
    """Answers 400 before a view can work on half a form."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer `request` if its address can be read.

        The framework would read it with whatever Python has under the name in the request, such as `zlib`, which is no
        character set, or `punycode`, which takes minutes.
        """
        try:
            request.encoding = settings.DEFAULT_CHARSET
            _values = request.GET
        except SuspiciousOperation as error:
            return _refuse(request, error)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        """Answer 400 if a form is shorter than announced, not in UTF-8, has too many values or a file.

        A server passes on what came until the client hung up, and half a form must not be saved. Views for programs
        read the body themselves.
        """
        if request.method != "POST" or getattr(view, "csrf_exempt", False):
            return None
        if (request.content_params or {}).get("charset", "utf-8").lower() not in UTF_8:
            return _refuse(request, "The form is not in UTF-8.")
        try:
            is_whole = len(request.body) >= int(request.META.get("CONTENT_LENGTH") or 0)
            _values = request.POST
        except SuspiciousOperation as error:
            return _refuse(request, error)
        except (UnreadablePostError, ValueError):
            is_whole = False
        return None if is_whole else error_pages.failure(400)


def _refuse(request: HttpRequest, error: SuspiciousOperation | str) -> HttpResponse:
    page = error_pages.early_failure(request, 400)
    log_response("Refused a request that cannot be read: %s", error, response=page, request=request, logger=logger)
    return page
