"""The pages below System on the framework's admin engine: its views, in our frame and with our permissions.

The engine's app is not installed: we use its lists, forms and checks, not its tables, pages, scripts or sign-in.
"""

from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin import AdminSite, ModelAdmin
from django.core.exceptions import PermissionDenied
from django.forms import Media
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, include, path
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from backend.audit.action_log import record
from backend.frame.grid import Column, Grid
from backend.people.actions import Action
from backend.people.forms import SearchForm, TypedNameForm


class SystemAdmin(ModelAdmin):  # type: ignore[type-arg]  # takes no type argument at run time
    """Lists, adds, changes and deletes rows of one model; every change is logged with what was there before."""

    address: ClassVar[str]
    name_label: ClassVar[Promise]
    columns: ClassVar[tuple[Column, ...]]
    search_form: ClassVar[type[SearchForm]]
    log_actions: ClassVar[tuple[Action, Action, Action]]
    preserve_filters = False

    @property
    def media(self) -> Media:
        """Return nothing: the frame brings what the pages need."""
        return Media()

    def get_urls(self) -> list[URLPattern]:
        """Return the four pages, under the names that the engine knows."""
        name, view = f"{self.opts.app_label}_{self.opts.model_name}", self.admin_site.admin_view
        form = require_http_methods(["GET", "HEAD", "POST"])
        return [
            path("", view(require_safe(self.changelist_view)), name=f"{name}_changelist"),
            path("add/", view(form(self.add_view)), name=f"{name}_add"),
            path("<str:object_id>/change/", view(form(self.change_view)), name=f"{name}_change"),
            path("<str:object_id>/delete/", view(form(self.delete_view)), name=f"{name}_delete"),
        ]

    def describe(self, obj: Any) -> str:
        """Return what the log says of `obj`, read from the database."""
        raise NotImplementedError

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:  # noqa: ARG002
        """List the rows. The engine's own list would filter by any column that an address names."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        form = self.search_form(request.GET)
        form.is_valid()  # What cannot be read is left out.
        words = form.cleaned_data.get("q", "")
        rows, _has_twins = self.get_search_results(request, form.narrow(self.get_queryset(request)), words)
        grid = Grid(rows, self.columns, request.GET, sort=self.columns[0].name)
        context = {
            "search": form,
            "filters": [form[name] for name in form.fields if name != "q"],
            "grid": grid,
            "rows": self.shown_rows(grid.page.object_list),
            "is_searched": bool(request.GET),
            "may_add": self.has_add_permission(request),
            "opts": self.opts,
        }
        return TemplateResponse(request, self._template("change_list"), context)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: ARG002, FBT001, FBT002
        """Return the form as the person who asks may fill it in."""
        # The row takes over what is typed, refused or not; the page goes on naming it as it is stored.
        facts = {"actor": request.user, "is_new": obj is None, "stored_name": str(obj or "")}
        return type(self.form.__name__, (self.form,), facts)

    def _get_obj_does_not_exist_redirect(self, *_args: Any) -> HttpResponse:
        raise Http404

    def save_form(self, request: HttpRequest, form: Any, change: Any) -> Any:
        """Note what is in the database before it is saved."""
        form.before = self.describe(form.instance) if change else ""
        return super().save_form(request, form, change)

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:  # noqa: ARG002, FBT001, FBT002
        """Return what the two methods below log: what was there before."""
        return form.before

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]  # noqa: ARG002
        """Log that `obj` is new. The engine's own log is not used."""
        record(self.log_actions[0], str(obj), after=self.describe(obj))

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]  # noqa: ARG002
        """Log what is different in `obj`, if anything is."""
        after = self.describe(obj)
        if after != message:
            record(self.log_actions[1], str(obj), before=message, after=after)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:  # noqa: ARG002
        """Say that it was saved, and go back to the list."""
        return self._back(request, _("%(name)s was added.") % {"name": obj})

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Say that it was saved, and go back to the list."""
        return self._back(request, _("%(name)s was saved.") % {"name": obj})

    def _back(self, request: HttpRequest, text: str) -> HttpResponse:
        messages.success(request, text)
        may_see = self.has_view_or_change_permission(request)
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist" if may_see else "dashboard")

    def _delete_view(self, request: HttpRequest, object_id: str, *_args: Any) -> HttpResponse:
        """Delete a row once its name was typed. The engine opens the transaction around a POST."""
        obj = self.get_object(request, object_id)
        if obj is None:
            raise Http404
        if not self.has_delete_permission(request, obj):
            raise PermissionDenied
        form = TypedNameForm(request.POST or None, name=str(obj), label=self.name_label)
        if request.method == "POST" and form.is_valid():
            before, name = self.describe(obj), str(obj)
            self.delete_model(request, obj)
            record(self.log_actions[2], name, before=before)
            return self._back(request, _("%(name)s was deleted.") % {"name": name})
        context = {"form": form, "original": obj, "opts": self.opts, **self.shown_with(obj)}
        return TemplateResponse(request, self._template("delete_confirmation"), context)

    def _template(self, page: str) -> str:
        return f"admin/{self.opts.app_label}/{self.opts.model_name}/{page}.html"

    def shown_rows(self, rows: Any) -> Any:
        """Return the rows of the list as they are shown."""
        return rows

    def shown_with(self, obj: Any) -> dict[str, Any]:  # noqa: ARG002  (for those who show more)
        """Return what the pages of `obj` show beside it."""
        return {}

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show the form, locked for those who may only see it, and what belongs to the row."""
        obj, form = kwargs.get("obj"), context["adminform"].form
        if obj and not self.has_change_permission(request, obj):
            form.lock(_("You may see this, but not change it. Somebody with more resources can."))
        context |= {"form": form} | (self.shown_with(obj) if obj else {})
        return super().render_change_form(request, context, *args, **kwargs)


class SystemSite(AdminSite):
    """The engine without sign-in, index and other pages of its own: only what is registered."""

    def has_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002  (the engine's signature)
        """Let everybody through who is signed in; every page asks for its own permission."""
        return True

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Return the pages of what is registered, each below its own address."""
        ours = (one for one in self._registry.values() if isinstance(one, SystemAdmin))
        return [path(one.address, include(one.get_urls())) for one in ours]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:  # noqa: ARG002
        """Return nothing: the frame knows what it shows."""
        return {}
