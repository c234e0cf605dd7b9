"""System › Permissions › All Users."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from backend.audit.action_log import record, record_refusal
from backend.audit.refusals import RefusedError
from backend.frame import session
from backend.frame.grid import Column, Grid
from backend.people import rules
from backend.people.actions import Action, Refusal
from backend.people.forms import DELETED_BEFORE, DeletionForm
from backend.people.second_factor.rules import has_factor, people_with_factor
from backend.people.user_form import UserForm, UserSearchForm, facts_of

COLUMNS = (
    Column("user_name", gettext_lazy("User name"), order=("username",)),
    Column("name", gettext_lazy("Name"), order=("first_name", "last_name")),
    Column("email", gettext_lazy("Email"), order=("email",)),
    Column("roles", gettext_lazy("Roles")),
    Column("second_factor", gettext_lazy("Second factor")),
    Column("state", gettext_lazy("State"), order=("is_active",)),
    Column("last_sign_in", gettext_lazy("Last sign-in"), order=("last_login",)),
)


@require_safe
def users(request: HttpRequest) -> HttpResponse:
    """List everybody who may sign in."""
    if not rules.may_see_users(request.user):
        raise PermissionDenied
    search = UserSearchForm(request.GET)
    grid = Grid(search.found(User.objects.all()), COLUMNS, request.GET, sort="user_name")
    roles, with_factor = _roles(grid.rows), people_with_factor(grid.rows)
    context = {
        "search": search,
        "grid": grid,
        "rows": [(person, roles[person.pk], person.pk in with_factor) for person in grid.rows],
        "is_searched": bool(request.GET),
        "may_add": request.user.has_perm(rules.ADD_USER),
    }
    return render(request, "people/users.html", context)


def _roles(people: Iterable[User]) -> Mapping[int, list[str]]:
    """Return the names of the roles of each of `people`, by their keys."""
    held = User.groups.through.objects.filter(user__in=people).order_by("group__name")
    roles: dict[int, list[str]] = defaultdict(list)
    for pk, name in held.values_list("user_id", "group__name"):
        roles[pk].append(name)
    return roles


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password", "password_again", "present_password")
def user(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Show a person, or change them; without `pk`, add one."""
    is_new = pk is None
    if not (request.user.has_perm(rules.ADD_USER) if is_new else rules.may_see_users(request.user)):
        raise PermissionDenied
    person = None if is_new else get_object_or_404(User, pk=pk)
    may_change = person is None or rules.may_change_user(request.user, person)
    form, is_saved = UserForm.answered(request, person, may_change=may_change)
    if is_saved:
        if form.cleaned_data["password"] and form.instance == request.user:
            update_session_auth_hash(request, form.instance)
            session.end_other_sessions(request, form.instance)
        text = _("%(name)s was saved.") if person else _("%(name)s was added.")
        return _back_to_list(request, text % {"name": form.instance})
    may_delete = person is not None and rules.may_delete_user(request.user, person)
    context = {"form": form, "person": person, "may_change": may_change, "may_delete": may_delete}
    context["has_second_factor"] = person is not None and may_change and has_factor(person)
    return render(request, "people/user.html", context)


@permission_required(rules.DELETE_USER, raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("present_password")
def user_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a person once their name was typed."""
    person = get_object_or_404(User, pk=pk)
    name = person.username
    if person == request.user:
        if request.method == "POST":
            record_refusal(Action.USER_DELETED, name, refusal=Refusal.ONESELF)
        text = _("You cannot delete yourself, so nothing was changed. Somebody else who manages users has to do it.")
        return _back_to_list(request, text, messages.ERROR)
    if not rules.may_delete_user(request.user, person):
        raise RefusedError(Action.USER_DELETED, name, refusal=Refusal.BEYOND)
    form = DeletionForm(request.POST or None, request=request, name=name, label=_("User name"))
    if request.method != "POST" or not form.is_valid():
        return render(request, "people/user_delete.html", {"form": form, "person": person})
    with transaction.atomic():
        if rules.is_last_administrator(person):
            raise RefusedError(Action.USER_DELETED, name, refusal=Refusal.LAST_ADMINISTRATOR)
        # Of several deletions at once, the others find nobody.
        if not User.objects.select_for_update().filter(pk=pk).exists():
            return _back_to_list(request, DELETED_BEFORE % {"name": name}, messages.INFO)
        record(Action.USER_DELETED, name, before=facts_of(person))
        session.end_sessions(person)
        person.delete()
    return _back_to_list(request, _("%(name)s was deleted.") % {"name": name})


def _back_to_list(request: HttpRequest, text: str, level: int = messages.SUCCESS) -> HttpResponse:
    messages.add_message(request, level, text)
    return redirect("users" if rules.may_see_users(request.user) else "dashboard")
