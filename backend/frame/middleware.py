"""Middleware for every page."""

import logging
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.middleware.security import SecurityMiddleware
from django.urls import is_valid_path
from django.utils.log import log_response
from whitenoise.middleware import WhiteNoiseFileResponse

from backend.frame import error_pages, proxy

logger = logging.getLogger(__name__)
# How much is shown of the name of an unknown host.
MAX_HOST = 100


def heads(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Answer HEAD without a body: gunicorn logs a warning for each one that it drops."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if request.method == "HEAD":
            if isinstance(response, HttpResponse):
                response.content = b""
            elif isinstance(response, StreamingHttpResponse):
                response.streaming_content = iter(())
        return response

    return middleware


def cookies(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Protect every cookie alike, those that libraries set or delete too."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        for cookie in response.cookies.values():
            cookie["httponly"] = True
            cookie["samesite"] = cookie["samesite"] or settings.SESSION_COOKIE_SAMESITE
            if settings.SESSION_COOKIE_SECURE:
                cookie["secure"] = True
        return response

    return middleware


def headers(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Send the headers of every page, of redirects to https too. Static files have their own.

    Pages stay out of caches, so that Back shows nothing after signing out. The framework's pages for debugging have
    styles and scripts in them, which the policy would stop.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        if isinstance(response, WhiteNoiseFileResponse):
            # They are about documents with a window and links. A file has an ETag too, and a page has many files.
            for name in ("Cross-Origin-Opener-Policy", "Referrer-Policy", "Last-Modified"):
                del response[name]
            response["Content-Security-Policy"] = settings.STATIC_SECURITY_POLICY
            return response
        response["Cache-Control"] = "no-store"
        response["Permissions-Policy"] = settings.PERMISSIONS_POLICY
        if not (settings.DEBUG and response.status_code in {400, 404, 500}):
            response.headers.setdefault("Content-Security-Policy", settings.CONTENT_SECURITY_POLICY)
        return response

    return middleware


def proxies(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Name the setting where a request came for an unknown host, or would be redirected to https for ever.

    Static files and probes are answered all the same: the pages of these failures look as they should.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith(settings.STATIC_URL) or request.path_info in settings.PROBES:
            return get_response(request)
        page = _refusal(request)
        if page:
            return SecurityMiddleware(get_response).process_response(request, page)
        if text := proxy.trouble(request):
            proxy.warn_once(text)
        return get_response(request)

    return middleware


def _refusal(request: HttpRequest) -> HttpResponse | None:
    try:
        request.get_host()
    except DisallowedHost:
        host = request.META.get("HTTP_HOST", "")[:MAX_HOST]
        page = error_pages.early_failure(request, 400, "400_host.html", host=host)
        line = "Refused a request for the host '%s'. If it is a name of this Admin, add it to ALLOWED_HOSTS."
        log_response(line, host, response=page, request=request, logger=logger)
        return page
    if text := proxy.endless_redirect(request):
        page = error_pages.early_failure(request, 503, "503_proxy.html", text=text)
        line = "A redirect to https would be endless: check TRUSTED_PROXIES and the proxy's X-Forwarded-Proto."
        log_response(line, response=page, request=request, logger=logger)
        return page
    return None


def probes(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Answer probes before anything looks at the host, the session or the database.

    A probe asks a process by its IP address, with a Host header of its own or with none.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        match = request.path_info in settings.PROBES and is_valid_path(request.path_info)
        if not match:
            return get_response(request)
        request.resolver_match = match
        response: HttpResponseBase = match.func(request)
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
            return error_pages.wrong_method(request, response)
        return response

    return middleware
