"""Where people are signed in: their own list, and how an administrator signs somebody out."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from backend.audit.action_log import facts, record
from backend.frame import session
from backend.frame.reauthentication import is_confirmed, reauthentication_required
from backend.people import devices, rules
from backend.people.actions import Action

ENDING = gettext_lazy("Confirm that it is you to sign out a device.")


def running(person: User, current: str = "") -> Iterator[dict[str, Any]]:
    """Yield the running sessions of `person`: this one, whose stored key is `current`, then the latest first."""
    now = timezone.now()
    alive = Session.objects.filter(expire_date__gt=now).values("pk")
    youngest = now - timedelta(seconds=settings.SESSION_ABSOLUTE_S)
    listed = UserSession.objects.filter(user=person, session_key__in=alive, created_at__gt=youngest)
    latest = listed.order_by("-last_seen_at")
    for row in sorted(latest, key=lambda row: row.session_key != current):
        device, is_current = devices.in_words(row.user_agent), row.session_key == current
        yield {"row": row, "device": device, "is_current": is_current}


@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required(ENDING, methods={"POST"})
def sessions(request: HttpRequest) -> HttpResponse:
    """List where the person is signed in, or sign them out everywhere else."""
    person = User.objects.get(username=request.user.get_username())
    if request.method != "POST":
        current = session.of(request).stored_key
        shown = {"sessions": list(running(person, current)), "is_confirmed": is_confirmed(request)}
        return render(request, "people/sessions.html", shown)
    with transaction.atomic():
        if count := session.end_other_sessions(request, person):
            record(Action.SESSIONS_ENDED, person.username, before=facts(sessions=count))
    messages.success(request, _("You are signed out everywhere else.") if count else _("You were signed in only here."))
    return redirect("sessions")


@require_POST
@reauthentication_required(ENDING, has_page=False)
def session_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of the sessions of the person."""
    row = get_object_or_404(UserSession, pk=pk, user=request.user)
    with transaction.atomic():
        session.end_session(row)
        record(Action.SESSIONS_ENDED, request.user.get_username(), before=facts(sessions=1))
    text = _("%(device)s is signed out.")
    messages.success(request, text % {"device": devices.in_words(row.user_agent)})
    return redirect("sessions")


@require_http_methods(["GET", "HEAD", "POST"])
def user_sign_out(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign somebody out everywhere, once that is confirmed."""
    person = get_object_or_404(User, pk=pk)
    if not rules.may_change_user(request.user, person):
        raise PermissionDenied
    if request.method != "POST":
        current = session.of(request).stored_key
        context = {"person": person, "sessions": list(running(person, current))}
        return render(request, "people/user_sign_out.html", context)
    with transaction.atomic():
        count = session.end_sessions(person)
        record(Action.SESSIONS_ENDED, person.username, before=facts(sessions=count))
    text = ngettext(
        "%(name)s is signed out everywhere: %(count)d session ended.",
        "%(name)s is signed out everywhere: %(count)d sessions ended.",
        count,
    )
    messages.success(request, text % {"name": person, "count": count})
    return redirect("user", pk)


@receiver([password_changed, password_set, password_reset])
def end_the_others(request: HttpRequest, user: User, **_kwargs: Any) -> None:
    """End the other sessions of a person who has a new password."""
    session.end_other_sessions(request, user)
