"""The cookie with the key of a session."""

from http import HTTPStatus

from django.conf import settings
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse

from backend.frame import session


class Middleware(SessionMiddleware):
    """The framework's own, but it does not delete a cookie whose key leads to no session.

    The key changes when somebody shows again who they are. Another tab may have sent a request with the former key. If
    its response came last and deleted the cookie, the person would be signed out.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Store the session, and send its cookie."""
        response = super().process_response(request, response)
        own = session.of(request)
        if own.is_unknown and own.is_empty():
            response.cookies.pop(settings.SESSION_COOKIE_NAME, None)
        if own.is_renewed and response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            response.set_cookie(
                settings.SESSION_COOKIE_NAME,
                own.session_key or "",
                domain=settings.SESSION_COOKIE_DOMAIN,
                path=settings.SESSION_COOKIE_PATH,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=settings.SESSION_COOKIE_HTTPONLY,
                samesite=settings.SESSION_COOKIE_SAMESITE,  # type: ignore[arg-type]  # the framework has checked it
            )
        return response
