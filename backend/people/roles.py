"""System › Permissions › User Roles."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from backend.audit.action_log import record
from backend.audit.refusals import RefusedError
from backend.frame.grid import Column, Grid
from backend.people import resources, rules
from backend.people.actions import Action, Refusal
from backend.people.forms import DELETED_BEFORE, DeletionForm, SearchForm
from backend.people.role_form import RoleForm, facts_of

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
    may_add = request.user.has_perm(rules.ADD_ROLE)
    context = {"search": search, "grid": grid, "is_searched": bool(request.GET), "may_add": may_add}
    return render(request, "people/roles.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("present_password")
def role(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Show a role, or change it; without `pk`, add one."""
    is_new = pk is None
    if not (request.user.has_perm(rules.ADD_ROLE) if is_new else rules.may_see_roles(request.user)):
        raise PermissionDenied
    role = None if is_new else get_object_or_404(Group, pk=pk)
    may_change = role is None or rules.may_change_role(request.user, role)
    form, is_saved = RoleForm.answered(request, role, may_change=may_change)
    if is_saved:
        if not form.cleaned_data["permissions"]:
            warning = _("This role gives no access yet: no resource is ticked. Tick what it is for and save again.")
            messages.warning(request, warning)
        text = _("%(name)s was saved.") if role else _("%(name)s was added.")
        return _back_to_list(request, text % {"name": form.instance})
    may_delete = role is not None and rules.may_delete_role(request.user, role)
    context = {"form": form, "role": role, "may_change": may_change, "may_delete": may_delete}
    return render(request, "people/role.html", context | (_members(role) if role else {}))


@permission_required(rules.DELETE_ROLE, raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("present_password")
def role_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a role once its name was typed."""
    role = get_object_or_404(Group, pk=pk)
    if not rules.may_delete_role(request.user, role):
        raise RefusedError(Action.ROLE_DELETED, role.name, refusal=Refusal.BEYOND)
    form = DeletionForm(request.POST or None, request=request, name=role.name, label=_("Role name"))
    if request.method != "POST" or not form.is_valid():
        return render(request, "people/role_delete.html", {"form": form, "role": role} | _members(role))
    with transaction.atomic():
        # Of several deletions at once, the others find none.
        if not Group.objects.select_for_update().filter(pk=pk).exists():
            return _back_to_list(request, DELETED_BEFORE % {"name": role.name}, messages.INFO)
        record(Action.ROLE_DELETED, role.name, before=facts_of(role))
        role.delete()
    return _back_to_list(request, _("%(name)s was deleted.") % {"name": role})


def _members(role: Group) -> dict[str, object]:
    """Return the first people with `role`, by name, and how many there are."""
    members = User.objects.filter(groups=role).order_by("username")
    return {"members": members[:SHOWN_PEOPLE], "members_count": members.count()}


def _back_to_list(request: HttpRequest, text: str, level: int = messages.SUCCESS) -> HttpResponse:
    messages.add_message(request, level, text)
    return redirect("roles" if rules.may_see_roles(request.user) else "dashboard")
