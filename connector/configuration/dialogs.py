"""The dialogs of the configuration page that ask for a confirmation or a name, each at an address of its own."""

from collections.abc import Callable

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from connector import connection
from connector.configuration import former, instance, outcome, pairs, projects, protection
from connector.configuration.dialog_forms import (
    ConfirmForm,
    DataSpaceNameForm,
    InstanceNameForm,
    ProjectNameForm,
    RemoveKeysForm,
    RestoreForm,
)
from connector.configuration.save import save
from connector.configuration.views import WAYS_BACK, may_configure, page, page_methods
from connector.connection import Connection
from connector.environment import Environment
from connector.errors import ConnectorError, StaleRevisionError


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
    restorable = former.restorable(what, stored)
    if not restorable:
        raise Http404
    form = RestoreForm(_posted(request), ())

    def put_back() -> None:
        confirmation, insist = form.cleaned_data["confirmation"], form.cleaned_data["insist"]
        plan = former.restoring(restorable, stored, confirmation, insist=insist)
        outcome.saved(request, save(plan, request.user.pk))

    back = request.GET.get("from", "")
    return _confirmed(request, stored, f"restore-{what}", form, put_back, back)


@may_configure
@page_methods
def erase(request: HttpRequest, environment: str) -> HttpResponse:
    """Ask for confirmation, then erase the former pair of one environment before its time."""
    stored = connection.load()
    pair = stored.slots[Environment(environment)].former if environment in Environment else None
    if not pair:
        raise Http404
    chosen = Environment(environment)

    def forget() -> None:
        former.erase(pair, stored)
        messages.success(request, _("The former %(environment)s pair was erased.") % {"environment": chosen.label})

    form = ConfirmForm(_posted(request), {str(chosen.label), chosen.value})
    return _confirmed(request, stored, f"erase-{chosen}", form, forget)


@may_configure
@page_methods
def create_project(request: HttpRequest) -> HttpResponse:
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
def rename_project(request: HttpRequest) -> HttpResponse:
    """Rename the project in use."""

    def rename(name: str, stored: Connection) -> str:
        projects.rename_project(name, stored)
        return _("Project renamed.")

    return _name_dialog(request, "rename-project", ProjectNameForm(request.POST or None), rename)


@may_configure
@page_methods
def rename_data_space(request: HttpRequest) -> HttpResponse:
    """Rename the data space in use."""

    def rename(name: str, stored: Connection) -> str:
        projects.rename_data_space(name, stored)
        return _("Data space renamed.")

    return _name_dialog(request, "rename-data-space", DataSpaceNameForm(request.POST or None), rename)


@may_configure
@page_methods
def rename_instance(request: HttpRequest) -> HttpResponse:
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
        return page(request, stored, dialog=dialog, dialog_field=form["confirmation"], back=back)
    try:
        _require_seen(form, stored)
        act()
    except ConnectorError as error:
        if error.field in form.fields:
            outcome.add_refusal(form, error)
            return page(request, stored, dialog=dialog, dialog_field=form["confirmation"], back=back)
        outcome.refused(request, error)
    return redirect(WAYS_BACK.get(back, "connector:configuration"))


def _name_dialog(request: HttpRequest, dialog: str, form: Form, act: Callable[[str, Connection], str]) -> HttpResponse:
    """Show a dialog that asks for a name, or do with the name what it is for; `act` returns what to say then."""
    stored = connection.load()
    if request.method != "POST" or not form.is_valid():
        return page(request, stored, dialog=dialog, dialog_field=next(iter(form)))
    try:
        done = act(next(iter(form.cleaned_data.values())), stored)
    except ConnectorError as error:
        outcome.refused(request, error)
    else:
        messages.success(request, done)
    return redirect("connector:configuration")
