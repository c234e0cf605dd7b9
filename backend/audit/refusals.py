"""Answers 403, and writes the refused attempt to the action log."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from backend.audit import actor
from backend.audit.action_log import record_refusal
from backend.audit.actions import Action, Refusal
from backend.frame import error_pages


class RefusedError(PermissionDenied):
    """Ends a request with 403, and says what the action log notes: `action` on `subject` was refused."""

    def __init__(self, action: str, subject: str = "", *, refusal: str) -> None:
        super().__init__()
        self.action, self.subject, self.refusal = action, subject, refusal


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403, and log what a person who is signed in has tried.

    Without a `RefusedError`, the row names the page, by the name of its address.
    """
    who = actor.of(request, getattr(request, "user", None))
    if who.user_id and isinstance(exception, RefusedError):
        record_refusal(exception.action, exception.subject, refusal=exception.refusal, who=who)
    elif who.user_id:
        page = request.resolver_match.view_name if request.resolver_match else ""
        record_refusal(Action.PAGE_DENIED, page, refusal=Refusal.NOT_ALLOWED, who=who)
    return error_pages.not_allowed(request, exception)
