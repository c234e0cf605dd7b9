"""How much time a session has left, which requests give it more, and the warning before it ends."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_POST

from backend.frame import session

# WCAG 2.2, success criterion 2.2.1, asks for 20 seconds at least; people finish a sentence in five minutes.
LEAD_S = 300

View = TypeVar("View", bound=Callable[..., HttpResponse])


def automatic(view: View) -> View:
    """Mark a view that open pages ask by themselves: such a request does not show that a person is there."""
    view.is_automatic = True  # type: ignore[attr-defined]  # as the framework's own marks of views
    return view


class Middleware:
    """Lets a session last longer because its person did something."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], _args: Any, _kwargs: Any) -> None:
        """Note the use of the session, except by a script that asks by itself."""
        is_fetched = request.headers.get("X-Requested-With") == "fetch"
        if getattr(view, "login_required", True) and not (is_fetched and getattr(view, "is_automatic", False)):
            session.of(request).note_use(request)


def context(request: HttpRequest) -> dict[str, Any]:
    """Give the frame the seconds until the session ends, so that it can warn. Give nothing if nobody is signed in."""
    user = getattr(request, "user", None)
    if not (user and user.is_authenticated):
        return {}
    lead_s = min(LEAD_S, settings.SESSION_IDLE_S // 2)
    return {"session_end": seconds_left(request) | {"lead_s": lead_s, "lead_minutes": max(1, lead_s // 60)}}


def seconds_left(request: HttpRequest) -> dict[str, int]:
    """Return in how many seconds the session ends, and in how many it ends whatever its person does."""
    own, now = session.of(request), timezone.now()
    last_end = own.last_end
    ends_at = own.ends_at or now + timedelta(seconds=settings.SESSION_IDLE_S)
    moments = {"in_s": min(ends_at, last_end), "at_last_in_s": last_end}
    return {name: max(0, round((moment - now).total_seconds())) for name, moment in moments.items()}


@require_POST
def stay(request: HttpRequest) -> HttpResponse:
    """Answer how long the session lasts now: this very request has extended it."""
    return JsonResponse(seconds_left(request))
