"""Removing the second factor of somebody else, who has lost it."""

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from backend.audit.action_log import facts, record
from backend.frame.session import end_sessions
from backend.people import rules as people_rules
from backend.people.actions import Action
from backend.people.forms import DeletionForm
from backend.people.second_factor import rules


@transaction.atomic
def remove_from(person: User) -> int:
    """Remove every second factor of `person`, sign them out everywhere, and log it; return how many factors ended.

    Somebody who has found the lost device may be signed in.
    """
    removed = rules.remove_all(person)
    if removed:
        sessions = end_sessions(person)
        record(Action.SECOND_FACTOR_REMOVED, person.username, before="\n".join(removed), after=facts(sessions=sessions))
    return len(removed)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("present_password")
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove the second factor of a person. Asks for their name, and for the password of the person who does it."""
    person = get_object_or_404(User, pk=pk)
    if not people_rules.may_change_user(request.user, person):
        raise PermissionDenied
    if person == request.user:
        return redirect("mfa_index")
    name = person.username
    form = DeletionForm(request.POST or None, request=request, name=name, label=_("User name"))
    if request.method != "POST" or not form.is_valid():
        return render(request, "people/second_factor_remove.html", {"form": form, "person": person})
    if remove_from(person):
        messages.success(request, _("The second factor of %(name)s was removed.") % {"name": name})
    else:
        messages.info(request, _("%(name)s has no second factor, so nothing was changed.") % {"name": name})
    return redirect("user", pk)
