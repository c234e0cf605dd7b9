"""The cookie with the key of a session."""

from django.conf import settings
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse

from backend.frame import session


class Middleware(SessionMiddleware):
    """The framework's own, except that it leaves a cookie alone whose key leads to no session.

    The key changes when somebody shows again who they are. A request of another tab may be on its way with the former
    one. If its response came last and deleted the cookie, the person would be signed out.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Store the session, and send its cookie."""
        response = super().process_response(request, response)
        own = session.of(request)
        if own.is_unknown and own.is_empty():
            response.cookies.pop(settings.SESSION_COOKIE_NAME, None)
        return response
