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
from django.views.decorators.http import require_http_methods, require_safe

from backend.audit.action_log import facts, record
from backend.frame.grid import Column, Grid
from backend.frame.session import end_sessions
from backend.people import rules
from backend.people.actions import Action
from backend.people.forms import TypedNameForm
from backend.people.permissions import ADD_USER, DELETE_USER
from backend.people.user_form import UserForm, UserSearchForm

COLUMNS = (
    Column("user_name", gettext_lazy("User name"), order=("username",)),
    Column("name", gettext_lazy("Name"), order=("first_name", "last_name")),
    Column("email", gettext_lazy("Email"), order=("email",)),
    Column("roles", gettext_lazy("Roles")),
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
    roles = _roles(grid.page)
    context = {
        "search": search,
        "grid": grid,
        "rows": [(person, roles[person.pk]) for person in grid.page],
        "is_searched": bool(request.GET),
        "may_add": request.user.has_perm(ADD_USER),
    }
    return render(request, "people/users.html", context)


def _roles(people: Iterable[User]) -> Mapping[int, list[str]]:
    """Return the names of the roles of each of `people`, by their keys."""
    held = User.groups.through.objects.filter(user__in=people).order_by("group__name")
    roles: dict[int, list[str]] = defaultdict(list)
    for pk, name in held.values_list("user_id", "group__name"):
        roles[pk].append(name)
    return roles


@permission_required(ADD_USER, raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def user_add(request: HttpRequest) -> HttpResponse:
    """Add a person."""
    if request.method != "POST":
        return _form_page(request, UserForm(actor=request.user))
    with transaction.atomic():
        form = UserForm(request.POST, actor=request.user)
        if form.is_valid():
            person = form.save()
            record(Action.USER_CREATED, person.username, after=_facts(person, has_new_password=True))
            return _back_to_list(request, _("%(name)s was added.") % {"name": person})
    return _form_page(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
def user(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a person, or change them."""
    if not rules.may_see_users(request.user):
        raise PermissionDenied
    person = get_object_or_404(User, pk=pk)
    may_change = rules.may_change_user(request.user, person)
    if request.method != "POST":
        form = UserForm(instance=person, actor=request.user)
        if not may_change:
            form.lock(_("You may see this, but not change it. Somebody with more resources can."))
        return _form_page(request, form, may_change=may_change)
    if not may_change:
        raise PermissionDenied
    with transaction.atomic():
        form = UserForm(request.POST, instance=person, actor=request.user)
        if form.is_valid():
            _save(request, form)
            return _back_to_list(request, _("%(name)s was saved.") % {"name": person})
    return _form_page(request, form)


def _save(request: HttpRequest, form: UserForm) -> None:
    """Save the form, end the sessions that must end, and log what is different."""
    person, has_new_password = form.instance, bool(form.cleaned_data["password"])
    before = _facts(person)
    form.save()
    if "is_active" in form.changed_data:
        # Also when they become active again: somebody may have signed in just while they were made inactive.
        end_sessions(person)
    if has_new_password and person.pk == request.user.pk:
        update_session_auth_hash(request, person)
    after = _facts(person, has_new_password=has_new_password)
    if before != after:
        record(Action.USER_CHANGED, person.username, before=before, after=after)


@permission_required(DELETE_USER, raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def user_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a person once their name was typed."""
    person = get_object_or_404(User, pk=pk)
    if person == request.user:
        text = _("You cannot delete yourself, so nothing was changed. Somebody else who manages users has to do it.")
        return _back_to_list(request, text, messages.ERROR)
    if not rules.may_delete_user(request.user, person):
        raise PermissionDenied
    name = person.username
    form = TypedNameForm(request.POST or None, name=name, label=_("User name"))
    if request.method != "POST" or not form.is_valid():
        return render(request, "people/user_delete.html", {"form": form, "person": person})
    with transaction.atomic():
        if rules.is_last_administrator(person):
            raise PermissionDenied
        record(Action.USER_DELETED, name, before=_facts(person))
        person.delete()
    return _back_to_list(request, _("%(name)s was deleted.") % {"name": name})


def _form_page(request: HttpRequest, form: UserForm, *, may_change: bool = True) -> HttpResponse:
    person = form.instance if form.instance.pk else None
    may_delete = person is not None and rules.may_delete_user(request.user, person)
    context = {"form": form, "person": person, "may_change": may_change, "may_delete": may_delete}
    return render(request, "people/user.html", context)


def _back_to_list(request: HttpRequest, text: str, level: int = messages.SUCCESS) -> HttpResponse:
    messages.add_message(request, level, text)
    return redirect("users" if rules.may_see_users(request.user) else "dashboard")


def _facts(person: User, *, has_new_password: bool = False) -> str:
    """Return what the log says of a person, as stored; of a password only that it is new."""
    stored = User.objects.get(pk=person.pk)
    return facts(
        user_name=stored.username,
        name=stored.get_full_name(),
        email=stored.email,
        active="yes" if stored.is_active else "no",
        administrator="yes" if stored.is_superuser else "no",
        roles=", ".join(stored.groups.order_by("name").values_list("name", flat=True)),
        password="changed" if has_new_password else "",
    )
