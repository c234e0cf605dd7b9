"""The bell: the events that need a person's attention, and which of them are new to that person."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.views.decorators.http import require_http_methods
from markupsafe import Markup

from backend.audit import actions
from backend.audit.actions import Result
from backend.audit.models import LoggedAction, SeenEvents
from backend.audit.permissions import SEE_LOG
from backend.frame.templates import fixed, part

SHOWN_IN_BELL = 10
SHOWN_ON_PAGE = 50
# More than are shown, because some have ended or are the person's own.
READ = 200


@dataclass(frozen=True)
class Place:
    """The page where people with a permission can do something; one with anchors leads to what an event is about."""

    permission: str
    url_name: str
    label: Promise
    has_anchors: bool = False


@dataclass(frozen=True)
class Bell:
    """What needs attention, as the frame shows it: the counter, and the list below it.

    Rows of the log never change, so it looks the same to all to whom the same ones are new.
    """

    keys: tuple[tuple[int, str, bool], ...]
    may_see_log: bool
    place: Place

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
        words = actions.Words()
        events = [self._shown(rows[pk], words, is_new=is_new) for pk, _at, is_new in self.keys]
        return part("audit/_events.html", events=events)

    def _shown(self, row: LoggedAction, words: actions.Words, *, is_new: bool) -> dict[str, Any]:
        event = actions.event(row.action, is_refused=not row.is_done)
        assert event is not None  # noqa: S101  (only events are read)
        has_anchor = bool(event.url_name) or self.place.has_anchors
        anchor = event.anchor.format(subject=row.subject) if has_anchor else ""
        return {
            "row": row,
            "is_new": is_new,
            "severity": event.severity,
            "text": event.text % {"subject": words.label(row.subject)},
            "cause": words.label(row.cause),
            "url": reverse(event.url_name or self.place.url_name) + (f"#{anchor}" if anchor else ""),
            "way": event.way or self.place.label,
        }


class SeenForm(forms.Form):
    """Up to which event a person has seen what happened."""

    up_to = forms.IntegerField(min_value=1, max_value=2**63 - 1)


_places: list[Place] = []


def register(place: Place) -> None:
    """Show the bell to people with the permission of `place`, and lead them there. Call it from `AppConfig.ready`."""
    _places.append(place)


def may_know(request: HttpRequest) -> bool:
    """Return whether this person has one of the permissions that show the bell."""
    return _place_of(request) is not None


def _place_of(request: HttpRequest) -> Place | None:
    return next((place for place in _places if request.user.has_perm(place.permission)), None)


def context(request: HttpRequest) -> dict[str, Any]:
    """Give the frame its bell, which takes one query, and only where a template draws it."""
    user = getattr(request, "user", None)
    place = _place_of(request) if user and user.is_authenticated else None
    return {"bell": partial(_draw, request, place)} if place else {}


def _draw(request: HttpRequest, place: Place, csrf_input: Any) -> Markup:
    return fixed("_bell.html", csrf_input, bell=_read(request, place, SHOWN_IN_BELL))


def _read(request: HttpRequest, place: Place, limit: int) -> Bell:
    """Read what needs attention: nothing of the person's own, nothing that has ended, of repeats the last."""
    later, keys = set(), []
    for row in LoggedAction.objects.newest_events(request.user.pk, READ):
        is_refused = row.result == Result.REFUSED
        event = actions.event(row.action, is_refused=is_refused)
        is_own = row.user_id == request.user.pk and not is_refused
        is_over = event and any((action, row.subject) in later for action in event.ended_by)
        is_repeated = is_refused and (row.action, row.subject) in later
        later.add((row.action, row.subject))
        if event and not (is_own or is_over or is_repeated):
            keys.append((row.pk, row.at, bool(row.is_new)))
    return Bell(tuple(keys[:limit]), may_see_log=request.user.has_perm(SEE_LOG), place=place)


@require_http_methods(["GET", "HEAD", "POST"])
def notifications(request: HttpRequest) -> HttpResponse:
    """List what needs attention, or note that it was seen. A script is answered 204."""
    place = _place_of(request)
    if place is None:
        raise PermissionDenied
    if request.method != "POST":
        listed = _read(request, place, SHOWN_ON_PAGE)
        return render(request, "audit/notifications.html", {"notifications": listed})
    form = SeenForm(request.POST)
    if not form.is_valid():
        message = "The form of the notifications names no event."
        raise BadRequest(message)
    newest = LoggedAction.objects.events().values_list("pk", flat=True).first()
    SeenEvents.objects.advance(request.user.pk, min(form.cleaned_data["up_to"], newest or 0))
    if request.headers.get("X-Requested-With") == "fetch":
        return HttpResponse(status=204)
    return redirect("notifications")
