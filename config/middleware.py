"""What every dynamic request passes through."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from connector.actor import acting_for


def no_store(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Keep every page out of caches, so that nothing of it shows after signing out.

    Static files are answered before this middleware and stay cacheable.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response["Cache-Control"] = "no-store"
        return response

    return middleware


def acting(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Let the action log know who acts, and from where."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        with acting_for(request):
            return get_response(request)

    return middleware
