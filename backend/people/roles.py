"""System › Permissions › User Roles."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from backend.audit.action_log import facts, record
from backend.frame.grid import Column, Grid
from backend.people import resources, rules
from backend.people.actions import Action
from backend.people.forms import SearchForm, TypedNameForm
from backend.people.permissions import ADD_ROLE, DELETE_ROLE
from backend.people.role_form import RoleForm

SHOWN_PEOPLE = 50
COLUMNS = (
    Column("name", gettext_lazy("Role name"), order=("name",)),
    Column("resources", gettext_lazy("Resources")),
    Column("people", gettext_lazy("People"), order=("people",)),
)


@require_safe
def roles(request: HttpRequest) -> HttpResponse:
    """List the roles with the resources that they give."""
    if not rules.may_see_roles(request.user):
        raise PermissionDenied
    search = SearchForm(request.GET)
    counted = Group.objects.annotate(people=Count("user")).prefetch_related("permissions__content_type")
    grid = Grid(search.found(counted), COLUMNS, request.GET, sort="name")
    available = resources.resources()
    for role in grid.rows:
        held = {f"{permission.content_type.app_label}.{permission.codename}" for permission in role.permissions.all()}
        role.has_all = all(resource.is_held(held) for resource in available)
        role.given = resources.titles(held, available)
    may_add = request.user.has_perm(ADD_ROLE)
    context = {"search": search, "grid": grid, "is_searched": bool(request.GET), "may_add": may_add}
    return render(request, "people/roles.html", context)


@permission_required(ADD_ROLE, raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def role_add(request: HttpRequest) -> HttpResponse:
    """Add a role."""
    if request.method != "POST":
        return _form_page(request, RoleForm(actor=request.user))
    with transaction.atomic():
        form = RoleForm(request.POST, actor=request.user)
        if form.is_valid():
            role = form.save()
            record(Action.ROLE_CREATED, role.name, after=_facts(role))
            return _saved(request, form, _("%(name)s was added.") % {"name": role})
    return _form_page(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
def role(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a role, or change it."""
    if not rules.may_see_roles(request.user):
        raise PermissionDenied
    stored = get_object_or_404(Group, pk=pk)
    may_change = rules.may_change_role(request.user, stored)
    if request.method != "POST":
        form = RoleForm(instance=stored, actor=request.user)
        if not may_change:
            form.lock(_("You may see this, but not change it. Somebody with more resources can."))
        return _form_page(request, form, may_change=may_change)
    if not may_change:
        raise PermissionDenied
    with transaction.atomic():
        form = RoleForm(request.POST, instance=stored, actor=request.user)
        if form.is_valid():
            before = _facts(stored)
            form.save()
            after = _facts(stored)
            if before != after:
                record(Action.ROLE_CHANGED, stored.name, before=before, after=after)
            return _saved(request, form, _("%(name)s was saved.") % {"name": stored})
    return _form_page(request, form)


@permission_required(DELETE_ROLE, raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def role_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a role once its name was typed."""
    role = get_object_or_404(Group, pk=pk)
    if not rules.may_delete_role(request.user, role):
        raise PermissionDenied
    form = TypedNameForm(request.POST or None, name=role.name, label=_("Role name"))
    if request.method != "POST" or not form.is_valid():
        return render(request, "people/role_delete.html", {"form": form, "role": role} | _members(role))
    with transaction.atomic():
        record(Action.ROLE_DELETED, role.name, before=_facts(role))
        role.delete()
    return _back_to_list(request, _("%(name)s was deleted.") % {"name": role})


def _form_page(request: HttpRequest, form: RoleForm, *, may_change: bool = True) -> HttpResponse:
    role = form.instance if form.instance.pk else None
    may_delete = role is not None and rules.may_delete_role(request.user, role)
    context = {"form": form, "role": role, "may_change": may_change, "may_delete": may_delete}
    return render(request, "people/role.html", context | (_members(role) if role else {}))


def _members(role: Group) -> dict[str, object]:
    """Return the first people with `role`, by name, and how many there are."""
    members = User.objects.filter(groups=role).order_by("username")
    return {"members": members[:SHOWN_PEOPLE], "members_count": members.count()}


def _saved(request: HttpRequest, form: RoleForm, text: str) -> HttpResponse:
    """Go back to the list, with a warning where the role gives nothing."""
    if not form.cleaned_data["permissions"]:
        warning = _("This role gives no access yet: no resource is ticked. Tick what it is for and save again.")
        messages.warning(request, warning)
    return _back_to_list(request, text)


def _back_to_list(request: HttpRequest, text: str) -> HttpResponse:
    messages.success(request, text)
    return redirect("roles" if rules.may_see_roles(request.user) else "dashboard")


def _facts(role: Group) -> str:
    """Return what the log says of a role, as stored and in the language of the source."""
    with translation.override(None):
        given = resources.titles(rules.given_by(role), resources.resources())
    return facts(name=Group.objects.get(pk=role.pk).name, resources=", ".join(given))
