"""The dialogs of the configuration page that ask for a confirmation or a name, each at an address of its own."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from backend.frame.reauthentication import reauthentication_required
from connector import connection
from connector.configuration import outcome, pairs, projects, protection
from connector.configuration.dialog_forms import ConfirmForm, DialogForm, NameForm
from connector.configuration.outcome import Outcome
from connector.configuration.renames import RENAMES
from connector.configuration.save import save
from connector.configuration.views import WAYS_BACK, may_configure, page, page_methods
from connector.connection import Connection
from connector.environment import Environment
from connector.errors import ConnectorError


@may_configure
@page_methods
@reauthentication_required(_("Confirm that it is you to remove keys."))
def remove_keys(request: HttpRequest, environment: str) -> HttpResponse:
    """Ask for confirmation, then remove one environment's pair."""
    stored = connection.load()
    if environment not in Environment or not stored.slots[Environment(environment)].is_stored:
        raise Http404
    chosen = Environment(environment)
    name = protection.name_to_remove(chosen, stored)
    form = ConfirmForm(sent(request), name, *([environment] if name == str(chosen.label) else []))

    def remove() -> Outcome:
        pairs.remove_keys(chosen, stored, erase=form.cleaned_data["erase"])
        return outcome.removed(chosen)

    return _answer(request, stored, f"remove-{chosen}", form, remove)


@may_configure
@page_methods
@reauthentication_required(_("Confirm that it is you to restore what was in use before."))
@sensitive_variables("plan")
def restore(request: HttpRequest, what: str) -> HttpResponse:
    """Ask for confirmation, then put back the former pair of an environment, or the former identifier."""
    stored = connection.load()
    restorable = pairs.restorable(what, stored)
    if not restorable:
        raise Http404
    form = ConfirmForm(sent(request))

    def put_back() -> Outcome:
        confirmation, insist = form.cleaned_data["confirmation"], form.cleaned_data["insist"]
        plan = pairs.restoring(restorable, stored, confirmation, insist=insist)
        return outcome.saved(save(plan, request.user.pk))

    return _answer(request, stored, f"restore-{what}", form, put_back, request.GET.get("from", ""))


@may_configure
@page_methods
@reauthentication_required(_("Confirm that it is you to erase keys."))
def erase(request: HttpRequest, environment: str) -> HttpResponse:
    """Ask for confirmation, then erase the former pair of one environment before its time."""
    stored = connection.load()
    pair = stored.slots[Environment(environment)].former if environment in Environment else None
    if not pair:
        raise Http404
    chosen = Environment(environment)
    form = ConfirmForm(sent(request), str(chosen.label), chosen)

    def forget() -> Outcome:
        pairs.erase(pair, stored)
        return outcome.erased(chosen)

    return _answer(request, stored, f"erase-{environment}", form, forget)


@may_configure
@page_methods
def create_project(request: HttpRequest) -> HttpResponse:
    """Create a project, and choose it where none is in use."""
    stored, form = connection.load(), NameForm(sent(request), "project_name")

    def create() -> Outcome:
        is_chosen = projects.create_project(form.cleaned_data["project_name"], stored)
        return outcome.created(is_chosen=is_chosen)

    return _answer(request, stored, "create-project", form, create)


@may_configure
@page_methods
def rename(request: HttpRequest, dialog: str) -> HttpResponse:
    """Give the project, the data space or this instance another name."""
    chosen, stored = RENAMES[dialog], connection.load()
    form = NameForm(sent(request), chosen.field)

    def act() -> Outcome:
        chosen.store(form.cleaned_data[chosen.field], stored)
        return Outcome((str(chosen.done),))

    return _answer(request, stored, dialog, form, act)


def sent(request: HttpRequest) -> QueryDict | None:
    """Return what a form is bound to: a POST, even an empty one."""
    return request.POST if request.method == "POST" else None


def _answer(
    request: HttpRequest, stored: Connection, dialog: str, form: DialogForm, act: Callable[[], Outcome], back: str = ""
) -> HttpResponse:
    """Show the dialog; or `act`, show its outcome, and redirect to the page `back`."""
    if not form.is_valid():
        return page(request, stored, dialog=dialog, dialog_field=form.visible_fields()[0], back=back)
    try:
        if form.cleaned_data["seen_revision"]:
            stored.build_on(form.cleaned_data["seen_revision"])
        outcome.show(request, act())
    except ConnectorError as error:
        if error.field in form.fields:
            outcome.add_refusal(form, error)
            return page(request, stored, dialog=dialog, dialog_field=form.visible_fields()[0], back=back)
        outcome.refused(request, error)
    return redirect(WAYS_BACK.get(back, "connector:configuration"))
