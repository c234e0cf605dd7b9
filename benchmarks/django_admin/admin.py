"""The stock look, with the columns and filters that our lists have."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from backend.audit.models import LoggedAction
from django_admin.models import Configuration
from saas.models import ApiKey


@admin.register(Configuration)
class ConfigurationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # takes no type argument at run time
    """The configuration page: the same four groups of fields."""

    fieldsets = (
        (None, {"fields": ("active_environment",)}),
        ("Sandbox Keys", {"fields": ("sandbox_api_key", "sandbox_private_key")}),
        ("Production Keys", {"fields": ("production_api_key", "production_private_key")}),
        ("SaaS Identifier", {"fields": ("project_id", "data_space_id")}),
    )


class ListAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # takes no type argument at run time
    """A list of 100 rows with the columns that are named, without the column of check boxes."""

    actions = None
    list_per_page = 100


@admin.register(LoggedAction)
class LoggedActionAdmin(ListAdmin):
    """The action log."""

    list_display = ("at", "user_name", "action", "subject", "result", "address", "before_and_after")
    list_filter = ("action", "result")
    search_fields = ("user_name", "address", "subject", "before", "after")
    ordering = ("-at",)

    @admin.display(description="Before and after")
    def before_and_after(self, row: Any) -> str:
        """Return both texts."""
        return f"{row.before} {row.after}"


@admin.register(ApiKey)
class ApiKeyAdmin(ListAdmin):
    """The keys of the API Portal."""

    list_display = ("name", "environment", "api_key", "created_at", "last_used_at", "deleted_at")
    ordering = ("-created_at",)


admin.site.unregister(User)


@admin.register(User)
class PersonAdmin(ListAdmin):
    """All Users."""

    list_display = ("username", "get_full_name", "email", "roles", "is_active", "last_login")
    list_filter = ("is_active", "groups")
    search_fields = ("username", "first_name", "last_name", "email")
    ordering = ("username",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Read the roles of all in one query."""
        return super().get_queryset(request).prefetch_related("groups")

    def roles(self, person: Model) -> str:
        """Return the names of the person's roles."""
        return ", ".join(role.name for role in person.groups.all())  # type: ignore[attr-defined]
