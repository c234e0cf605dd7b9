"""Middleware for every page."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase

from backend.frame.error_pages import wrong_method


def headers(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Send the headers of every page. Static files bypass them.

    Pages stay out of caches, so that Back shows nothing after signing out. The framework's pages for debugging have
    styles and scripts in them, which the policy would stop.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response["Cache-Control"] = "no-store"
        if not (settings.DEBUG and response.status_code in {400, 404, 500}):
            response.headers.setdefault("Content-Security-Policy", settings.CONTENT_SECURITY_POLICY)
        return response

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
