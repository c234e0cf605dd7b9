"""Middleware for every page."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.urls import is_valid_path
from whitenoise.middleware import WhiteNoiseFileResponse

from backend.frame.error_pages import wrong_method


def headers(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Send the headers of every page, of redirects to https too. Static files have their own.

    Pages stay out of caches, so that Back shows nothing after signing out. The framework's pages for debugging have
    styles and scripts in them, which the policy would stop.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if isinstance(response, WhiteNoiseFileResponse):
            return response
        response["Cache-Control"] = "no-store"
        if not (settings.DEBUG and response.status_code in {400, 404, 500}):
            response.headers.setdefault("Content-Security-Policy", settings.CONTENT_SECURITY_POLICY)
        return response

    return middleware


def probes(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Answer probes before anything looks at the host, the session or the database.

    A probe asks a process by its IP address, with a Host header of its own or with none.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        match = request.path_info in settings.PROBES and is_valid_path(request.path_info)
        return match.func(request) if match else get_response(request)

    return middleware


def readable_refusals(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Show people a page when an address refuses the method without saying why."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        is_person = "text/html" in request.headers.get("Accept", "")
        if is_person and isinstance(response, HttpResponseNotAllowed) and not response.content:
            return wrong_method(request, response)
        return response

    return middleware
