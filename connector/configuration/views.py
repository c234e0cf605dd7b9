"""Stores › Settings › Configuration › Services › Commerce Services Connector."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.forms import BaseForm, BoundField, Form
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from connector import address, connection
from connector.configuration import former, instance, outcome, pairs, projects, protection, verify_now
from connector.configuration.dialog_forms import (
    CheckKeyForm,
    ConfirmForm,
    DataSpaceNameForm,
    EnvironmentForm,
    InstanceNameForm,
    MoveForm,
    ProjectNameForm,
    RemoveKeysForm,
    RestoreForm,
)
from connector.configuration.forms import ConfigurationForm
from connector.configuration.save import save
from connector.connection import Connection
from connector.environment import Environment
from connector.errors import ConnectorError, StaleRevisionError
from connector.permissions import CONFIGURE

# Pages that offer to restore a pair, and that a restoration leads back to.
WAYS_BACK = {"payment-services": "payments:home", "dashboard": "dashboard"}
may_configure = permission_required(CONFIGURE, raise_exception=True)
page_methods = require_http_methods(["GET", "HEAD", "POST"])


class Request(HttpRequest):
    """A request whose `restore` puts into a form what was typed before the person had to sign in again."""

    restore: Callable[[BaseForm], None]


@may_configure
@page_methods
@sensitive_post_parameters("sandbox_api_key", "sandbox_private_key", "production_api_key", "production_private_key")
@sensitive_variables("form")
def configuration(request: Request) -> HttpResponse:
    """Show the configuration, or save it."""
    stored = connection.load()
    if request.method != "POST":
        form = ConfigurationForm(stored)
        request.restore(form)
        return _page(request, stored, form)
    form = ConfigurationForm(stored, request.POST)
    if form.is_valid():
        try:
            return _save(request, form)
        except ConnectorError as error:
            if error.code == StaleRevisionError.code:
                form = form.rebased(connection.load(stored.now))
            outcome.add_refusal(form, error)
    return _page(request, form.connection, form)


@sensitive_variables("form", "plan")
def _save(request: HttpRequest, form: ConfigurationForm) -> HttpResponse:
    """Save what `form` asks for, and lead back to the page. Raises as `save`."""
    plan = form.plan()
    outcome.cleared(request, form.cleared)
    if plan.is_empty:
        outcome.unchanged(request, plan)
    else:
        outcome.saved(request, save(plan, request.user.pk))
    return redirect("connector:configuration")


@may_configure
@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """Verify one environment's pair now."""
    form = EnvironmentForm(request.POST)
    if not form.is_valid():
        raise Http404
    environment = form.environment_value()
    stored = connection.load()
    findings = verify_now.verify(stored, [environment])
    if findings:
        outcome.found(request, findings, connection.load(stored.now))
    else:
        outcome.not_asked(request, stored.slots[environment])
    return redirect("connector:configuration")


@may_configure
@require_POST
def refresh(request: HttpRequest) -> HttpResponse:
    """Verify again what is due and answer the parts of the page that show it; 204 when nothing was due."""
    refreshed = verify_now.refresh(connection.load(), Environment)
    if refreshed is None:
        return HttpResponse(status=204)
    return render(
        request,
        "connector/_states.html",
        {"connection": refreshed, "portal_url": settings.API_PORTAL_URL, "may_configure": True},
    )


@may_configure
@require_POST
@sensitive_post_parameters("api_key", "private_key")
@sensitive_variables("form")
def check_key(request: HttpRequest) -> HttpResponse:
    """Say what was pasted into the key fields of one environment. Nothing of it is stored, logged or sent on."""
    form = CheckKeyForm(connection.load(), request.POST)
    if form.has_error("environment"):
        raise Http404
    return render(request, "connector/_checked_key.html", {"form": form})


@may_configure
@page_methods
def remove_keys(request: HttpRequest, environment: str) -> HttpResponse:
    """Ask for confirmation, then remove one environment's pair."""
    stored = connection.load()
    if environment not in Environment or not stored.slots[Environment(environment)].is_stored:
        raise Http404
    chosen = Environment(environment)
    name = protection.name_to_remove(chosen, stored)
    form = RemoveKeysForm(_posted(request), {name, environment} if name == str(chosen.label) else {name})

    def remove() -> None:
        pairs.remove_keys(chosen, stored, erase=form.cleaned_data["erase"])
        messages.success(request, _("%(environment)s keys were removed.") % {"environment": chosen.label})

    return _confirmed(request, stored, f"remove-{chosen}", form, remove)


@may_configure
@page_methods
@sensitive_variables("plan")
def restore(request: HttpRequest, what: str) -> HttpResponse:
    """Ask for confirmation, then put back the former pair of an environment, or the former identifier."""
    stored = connection.load()
    if not former.is_restorable(what, stored):
        raise Http404
    form = RestoreForm(_posted(request), ())

    def put_back() -> None:
        confirmation, insist = form.cleaned_data["confirmation"], form.cleaned_data["insist"]
        plan = former.restoring(what, stored, confirmation, insist=insist)
        outcome.saved(request, save(plan, request.user.pk))

    back = request.GET.get("from", "")
    return _confirmed(request, stored, f"restore-{what}", form, put_back, back)


@may_configure
@page_methods
def erase(request: HttpRequest, environment: str) -> HttpResponse:
    """Ask for confirmation, then erase the former pair of one environment before its time."""
    stored = connection.load()
    if environment not in Environment or not stored.slots[Environment(environment)].former:
        raise Http404
    chosen = Environment(environment)

    def forget() -> None:
        former.erase(chosen, stored)
        messages.success(request, _("The former %(environment)s pair was erased.") % {"environment": chosen.label})

    form = ConfirmForm(_posted(request), {str(chosen.label), chosen.value})
    return _confirmed(request, stored, f"erase-{chosen}", form, forget)


@may_configure
@require_POST
def move_pair(request: HttpRequest) -> HttpResponse:
    """Put a pair that was saved for the wrong environment into the other section, and verify it there.

    Ask first where that switches the active environment.
    """
    form = MoveForm(request.POST)
    if not form.is_valid():
        raise Http404
    source, stored = form.environment_value(), connection.load()
    is_asked = stored.slots[source].may_move and protection.asks_to_switch(source.other, stored)
    if is_asked and not form.cleaned_data["switches"]:
        return _page(request, stored, dialog=f"moving-{source}")
    try:
        pairs.move_pair(source, stored, request.user.pk)
    except ConnectorError as error:
        outcome.refused(request, error)
    else:
        outcome.moved(request, source.other, is_switched=stored.active_environment != source.other)
        findings = verify_now.verify(connection.load(stored.now), Environment)
        outcome.found(request, findings, connection.load(stored.now))
    return redirect("connector:configuration")


@may_configure
@page_methods
def create_project(request: Request) -> HttpResponse:
    """Create a project, and choose it where none is in use."""

    def create(name: str, stored: Connection) -> str:
        _require_seen(form, stored)
        if projects.create_project(name, stored):
            return _("Project created and chosen. Choose its data space now.")
        return _("Project created. Choose it under Project and save, if this instance is to use it.")

    form = ProjectNameForm(request.POST or None)
    return _name_dialog(request, "create-project", form, create)


@may_configure
@page_methods
def rename_project(request: Request) -> HttpResponse:
    """Rename the project in use."""

    def rename(name: str, stored: Connection) -> str:
        projects.rename_project(name, stored)
        return _("Project renamed.")

    return _name_dialog(request, "rename-project", ProjectNameForm(request.POST or None), rename)


@may_configure
@page_methods
def rename_data_space(request: Request) -> HttpResponse:
    """Rename the data space in use."""

    def rename(name: str, stored: Connection) -> str:
        projects.rename_data_space(name, stored)
        return _("Data space renamed.")

    return _name_dialog(request, "rename-data-space", DataSpaceNameForm(request.POST or None), rename)


@may_configure
@page_methods
def rename_instance(request: Request) -> HttpResponse:
    """Give this instance another name."""

    def rename(name: str, stored: Connection) -> str:
        instance.rename_instance(name, stored)
        return _("Instance renamed.")

    return _name_dialog(request, "rename-instance", InstanceNameForm(request.POST or None), rename)


def _require_seen(form: Form, stored: Connection) -> None:
    """Raise StaleRevisionError where the dialog was rendered from an older state than the stored one."""
    if form.cleaned_data["seen_revision"] not in {"", str(stored.instance.revision)}:
        raise StaleRevisionError


def _posted(request: HttpRequest) -> QueryDict | None:
    """Return what was sent; an empty form that is sent is still one."""
    return request.POST if request.method == "POST" else None


def _confirmed(
    request: HttpRequest, stored: Connection, dialog: str, form: ConfirmForm, act: Callable[[], None], back: str = ""
) -> HttpResponse:
    """Show the dialog that asks for confirmation, or do what it is for and lead back to the page `back`."""
    if not form.is_valid():
        return _page(request, stored, dialog=dialog, dialog_field=form["confirmation"], back=back)
    try:
        _require_seen(form, stored)
        act()
    except ConnectorError as error:
        if error.field in form.fields:
            outcome.add_refusal(form, error)
            return _page(request, stored, dialog=dialog, dialog_field=form["confirmation"], back=back)
        outcome.refused(request, error)
    return redirect(WAYS_BACK.get(back, "connector:configuration"))


def _name_dialog(request: Request, dialog: str, form: Form, act: Callable[[str, Connection], str]) -> HttpResponse:
    """Show a dialog that asks for a name, or do with the name what it is for; `act` returns what to say then."""
    stored = connection.load()
    request.restore(form)
    if request.method != "POST" or not form.is_valid():
        return _page(request, stored, dialog=dialog, dialog_field=next(iter(form)))
    try:
        done = act(next(iter(form.cleaned_data.values())), stored)
    except ConnectorError as error:
        outcome.refused(request, error)
    else:
        messages.success(request, done)
    return redirect("connector:configuration")


def _page(
    request: HttpRequest,
    stored: Connection,
    form: ConfigurationForm | None = None,
    dialog: str = "",
    dialog_field: BoundField | None = None,
    back: str = "",
) -> HttpResponse:
    """Render the configuration page, with one of its dialogs open where `dialog` names it."""
    context = {
        "connection": stored,
        "form": form or ConfigurationForm(stored),
        "elsewhere": address.elsewhere(stored.instance, request),
        "dialog": dialog,
        "dialog_field": dialog_field,
        "back": {"name": back, "url": reverse(WAYS_BACK[back])} if back in WAYS_BACK else None,
        "portal_url": settings.API_PORTAL_URL,
    }
    return render(request, "connector/configuration.html", context)
