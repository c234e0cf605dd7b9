"""What is made sure of a request before anything reads it. No code that needs the framework set up is imported here."""

import re
from collections.abc import Callable, Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.http import parse_header_parameters

# Every page and every program of ours says utf-8, or nothing. Python knows codes that are none of text, too.
_CHARSETS = frozenset({"utf-8", "utf8"})
_UNREADABLE = "application/x-unreadable"
_SESSION_KEY = re.compile(r"[a-z0-9]{32}", re.ASCII)
# They answer without a database, whoever asks.
_PROBES = frozenset({"/healthz", "/readyz"})


def with_readable_type(application: WSGIApplication) -> WSGIApplication:
    """Let a request in another code than UTF-8 be one that the middleware refuses.

    The framework takes the code over as it is, and fails at it wherever the request is first read, or at once where the
    header is malformed.
    """

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not _is_readable(environ.get("CONTENT_TYPE", "")):
            environ["CONTENT_TYPE"] = _UNREADABLE
        return application(environ, start_response)

    return answer


def _is_readable(content_type: str) -> bool:
    try:
        _type, parameters = parse_header_parameters(content_type)
    except ValueError:
        return False
    return str(parameters.get("charset", "utf-8")).lower() in _CHARSETS


def middleware(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Refuse a request that cannot be read, and leave out a session that cannot be one of ours.

    A database may fail at the key of such a session. Probes need none at all.
    """

    def read(request: HttpRequest) -> HttpResponseBase:
        if request.content_type == _UNREADABLE:
            message = "The request is in another code than UTF-8."
            raise BadRequest(message)
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
        if request.path_info in _PROBES or not _SESSION_KEY.fullmatch(key):
            request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
        return get_response(request)

    return read
