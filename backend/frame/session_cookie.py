"""The cookie with the key of a session."""

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
        return response
