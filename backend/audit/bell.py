"""The bell: what happened to the connection, and what of it a person has not seen yet."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods
from markupsafe import Markup

from backend.audit import actions
from backend.audit.models import LoggedAction, SeenEvents
from backend.audit.permissions import SEE_LOG
from backend.frame.templates import fixed, part

SHOWN_IN_BELL = 10
SHOWN_ON_PAGE = 50


@dataclass(frozen=True)
class Bell:
    """The newest connection events as the frame shows them: the counter, and the list below it.

    Rows of the log never change, so it looks the same to all to whom the same ones are new.
    """

    keys: tuple[tuple[int, str, bool], ...]
    may_see_log: bool

    @property
    def new_count(self) -> int:
        """How many of them are new to the person."""
        return sum(is_new for _pk, _at, is_new in self.keys)

    @property
    def new_label(self) -> str:
        """The number on the bell, with a plus sign where there may be more new events than were read."""
        return f"{SHOWN_IN_BELL - 1}+" if self.new_count >= SHOWN_IN_BELL else str(self.new_count)

    @property
    def up_to(self) -> int:
        """The newest event that is shown."""
        return self.keys[0][0] if self.keys else 0

    @property
    def listed(self) -> Markup:
        """The events as HTML."""
        rows = LoggedAction.objects.in_bulk([pk for pk, _at, _is_new in self.keys])
        events = [{"row": rows[pk], "is_new": is_new} for pk, _at, is_new in self.keys]
        return part("audit/_events.html", events=events, words=actions.Words())


class SeenForm(forms.Form):
    """Up to which event a person has seen what happened."""

    up_to = forms.IntegerField(min_value=1, max_value=2**63 - 1)


_readers: list[str] = []


def register(permission: str) -> None:
    """Show the bell to people with `permission`. Call it from `AppConfig.ready`."""
    _readers.append(permission)


def may_know(request: HttpRequest) -> bool:
    """Return whether this person has one of the permissions that show the bell."""
    return any(request.user.has_perm(permission) for permission in _readers)


def context(request: HttpRequest) -> dict[str, Any]:
    """Give the frame its bell, which takes one query, and only where a template draws it."""
    if not getattr(request, "user", None) or not request.user.is_authenticated or not may_know(request):
        return {}
    return {"bell": partial(_draw, request)}


def _draw(request: HttpRequest, csrf_input: Any) -> Markup:
    return fixed("_bell.html", csrf_input, bell=_read(request, SHOWN_IN_BELL))


def _read(request: HttpRequest, limit: int) -> Bell:
    keys = tuple(LoggedAction.objects.newest_events(request.user.pk, limit))
    return Bell(keys, may_see_log=request.user.has_perm(SEE_LOG))


@require_http_methods(["GET", "HEAD", "POST"])
def notifications(request: HttpRequest) -> HttpResponse:
    """List the newest connection events, or note that they were seen. A script is answered 204."""
    if not may_know(request):
        raise PermissionDenied
    if request.method != "POST":
        return render(request, "audit/notifications.html", {"notifications": _read(request, SHOWN_ON_PAGE)})
    form = SeenForm(request.POST)
    if not form.is_valid():
        message = "The form of the notifications names no event."
        raise BadRequest(message)
    newest = LoggedAction.objects.events().values_list("pk", flat=True).first()
    SeenEvents.objects.advance(request.user.pk, min(form.cleaned_data["up_to"], newest or 0))
    if request.headers.get("X-Requested-With") == "fetch":
        return HttpResponse(status=204)
    return redirect("notifications")
