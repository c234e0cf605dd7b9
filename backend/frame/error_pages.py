"""The error pages, and the filter that keeps secrets out of error reports."""

import re
import sys
from collections.abc import ItemsView
from types import TracebackType
from typing import Any

from django.conf import settings
from django.db import InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.debug import SafeExceptionReporterFilter

from backend.frame.session import way_back

SECRET_NAMES = re.compile(
    r"api|auth|cache|cipher|cookie|database|key|pass|pem|plain|private|proxy|secret|signature|token|url", re.IGNORECASE
)


class SecretsFilter(SafeExceptionReporterFilter):
    """Hides settings and headers with secret names, and everything that was typed, in debug mode too."""

    hidden_settings = SECRET_NAMES

    def is_active(self, _request: HttpRequest | None) -> bool:
        """Return True: a report may be pasted anywhere."""
        return True

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        """Return only the names of the posted fields: a secret can be pasted into any of them."""
        return {} if request is None else dict.fromkeys(request.POST, self.cleansed_substitute)

    def get_safe_cookies(self, request: HttpRequest) -> dict[str, Any]:
        """Return only the names of the cookies: one of them is the session."""
        return dict.fromkeys(request.COOKIES, self.cleansed_substitute)

    def get_safe_request_meta(self, request: HttpRequest) -> dict[str, Any]:
        """Return only the headers: the rest may hold environment variables."""
        safe: dict[str, Any] = super().get_safe_request_meta(request)
        return {name: value for name, value in safe.items() if name.startswith("HTTP_")}

    def get_traceback_frame_variables(
        self, _request: HttpRequest | None, tb_frame: TracebackType
    ) -> ItemsView[str, Any]:
        """Return only the names of the local variables: any of them may hold a secret."""
        hidden = dict.fromkeys(tb_frame.f_locals, self.cleansed_substitute)  # type: ignore[attr-defined]  # it is a frame
        return hidden.items()


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  (the framework's signature)
    return failure(400)


def server_error(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Answer 503 when the database is down, else 500."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError | InternalError):
        return failure(503, {"Retry-After": "30"})
    return failure(500)


def failure(status: int, headers: dict[str, str] | None = None) -> HttpResponse:
    """Return the page of a failure, made without the request and the database: they may have failed."""
    page = render_to_string(f"{status}.html", {"version": settings.VERSION})
    return HttpResponse(page, status=status, headers=headers)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001  (the reason is for developers)
    """Refuse a form whose token is missing or out of date, and link to the page it was sent from."""
    return render(request, "403_csrf.html", {"way_back": way_back(request)}, status=403)
