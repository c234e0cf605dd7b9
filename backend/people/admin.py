"""System › Permissions: All Users and User Roles."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Prefetch, QuerySet
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backend.audit.action_log import facts
from backend.frame.grid import Column
from backend.people import resources, rules
from backend.people.actions import Action
from backend.people.forms import PersonForm, PersonSearchForm, RoleForm, SearchForm
from backend.people.sign_ins import end_sessions
from backend.people.site import SystemAdmin, SystemSite

ROLE_SHOWS_PEOPLE = 50


class PersonAdmin(SystemAdmin):
    """All Users."""

    address = "permissions/users/"
    name_label = _("User name")
    form = PersonForm
    search_form = PersonSearchForm
    search_fields = ("username", "first_name", "last_name", "email")
    log_actions = (Action.USER_CREATED, Action.USER_CHANGED, Action.USER_DELETED)
    columns = (
        Column("user_name", _("User name"), order=("username",)),
        Column("name", _("Name"), order=("first_name", "last_name")),
        Column("email", _("Email"), order=("email",)),
        Column("roles", _("Roles")),
        Column("state", _("State"), order=("is_active",)),
        Column("last_sign_in", _("Last sign-in"), order=("last_login",)),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Read the roles of all in one query."""
        return super().get_queryset(request).prefetch_related(Prefetch("groups", Group.objects.order_by("name")))

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Tell whether the person may change somebody, who has no more than they have."""
        return super().has_change_permission(request, obj) and (not obj or rules.may_manage(request.user, obj))

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Tell whether the person may delete somebody else, who has no more than they have."""
        if obj and obj.pk == request.user.pk:
            return False
        return super().has_delete_permission(request, obj) and (not obj or rules.may_manage(request.user, obj))

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        """Delete somebody. Raises PermissionDenied for the last active administrator."""
        if rules.is_last_administrator(obj):
            raise PermissionDenied
        super().delete_model(request, obj)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: Any) -> None:
        """Save; whoever changes their own password stays signed in, and who is made inactive is signed out."""
        super().save_model(request, obj, form, change)
        if change and "is_active" in form.changed_data:
            # Made active again, too: somebody may have signed in just while it was taken away.
            end_sessions(obj)
        if obj.pk == request.user.pk and form.cleaned_data["password"]:
            update_session_auth_hash(request, obj)

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:  # noqa: FBT001, FBT002  (the engine's signature)
        """Return what was there before, and that the password is about to be another."""
        form.instance.has_new_password = bool(form.cleaned_data["password"])
        return super().construct_change_message(request, form, formsets, add)

    def describe(self, obj: User) -> str:
        """Return what the log says of a person; of the password only that it is new."""
        stored = User.objects.get(pk=obj.pk)
        return facts(
            user_name=stored.username,
            name=stored.get_full_name(),
            email=stored.email,
            active="yes" if stored.is_active else "no",
            administrator="yes" if stored.is_superuser else "no",
            roles=", ".join(stored.groups.order_by("name").values_list("name", flat=True)),
            password="changed" if getattr(obj, "has_new_password", False) else "",
        )


class RoleAdmin(SystemAdmin):
    """User Roles."""

    address = "permissions/roles/"
    name_label = _("Role name")
    form = RoleForm
    search_form = SearchForm
    search_fields = ("name",)
    log_actions = (Action.ROLE_CREATED, Action.ROLE_CHANGED, Action.ROLE_DELETED)
    columns = (
        Column("name", _("Role name"), order=("name",)),
        Column("resources", _("Resources")),
        Column("people", _("People"), order=("people",)),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        """Count the people of each role."""
        roles: QuerySet[Group] = super().get_queryset(request).annotate(people=Count("user"))
        return roles

    def shown_rows(self, rows: Any) -> list[Group]:
        """Return the roles, each with the resources that it gives; read once for all of them."""
        available = resources.resources()
        roles = list(rows.prefetch_related("permissions__content_type"))
        for role in roles:
            held = {f"{one.content_type.app_label}.{one.codename}" for one in role.permissions.all()}
            role.has_all = all(one.is_held(held) for one in available)
            role.given = resources.titles(held, available)
        return roles

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """Tell whether the person may change a role, whose people have no more than they have."""
        return super().has_change_permission(request, obj) and (not obj or rules.may_change(request.user, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """Tell whether the person may delete a role, whose people have no more than they have, and are not they."""
        if not super().has_delete_permission(request, obj):
            return False
        if not obj or request.user.is_superuser:
            return True
        return rules.may_change(request.user, obj) and not obj.user_set.filter(pk=request.user.pk or 0).exists()

    def shown_with(self, obj: Group) -> dict[str, Any]:
        """Return who has the role, at most the first of them."""
        members = User.objects.filter(groups=obj).order_by("username")
        return {"members": members[:ROLE_SHOWS_PEOPLE], "members_count": members.count()}

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        """Save what the role gives, and say so where that is nothing."""
        super().save_related(request, form, formsets, change)
        if not form.cleaned_data["permissions"]:
            text = gettext("This role gives no access yet: no resource is ticked. Tick what it is for and save again.")
            messages.warning(request, text)

    def describe(self, obj: Group) -> str:
        """Return what the log says of a role, in the language of the source."""
        with translation.override(None):
            given = resources.titles(rules.given_by(obj), resources.resources())
            stored = Group.objects.get(pk=obj.pk)
            return facts(name=stored.name, resources=", ".join(given))


site = SystemSite("admin")
site.register(User, PersonAdmin)
site.register(Group, RoleAdmin)
