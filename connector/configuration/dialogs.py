"""The dialogs of the configuration page that ask for a confirmation or a name, each at an address of its own."""

from collections.abc import Callable, Mapping

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from backend.frame.fields import NameField
from connector import connection
from connector.configuration import instance, outcome, pairs, projects, protection
from connector.configuration.save import save
from connector.configuration.views import WAYS_BACK, may_configure, page, page_methods
from connector.connection import Connection
from connector.environment import Environment
from connector.errors import ConnectorError


class DialogForm(forms.Form):
    """What a dialog asks for; `seen_revision` is the revision that it was rendered from."""

    seen_revision = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20)

    def __init__(self, request: HttpRequest) -> None:
        """Bind the form to a POST, even to an empty one."""
        super().__init__(request.POST if request.method == "POST" else None)


class ConfirmForm(DialogForm):
    """Confirms that something is removed, erased or replaced.

    `insist` restores a pair that is not verified in place of one that is. `erase` removes a pair for good.
    """

    confirmation = forms.CharField(required=False, max_length=255)
    insist = forms.BooleanField(label=gettext_lazy("Restore the former pair all the same."), required=False)
    erase = forms.BooleanField(required=False)

    def __init__(self, request: HttpRequest, *names: str) -> None:
        """Ask for one of `names` to be typed; without names, nothing has to be typed."""
        self.names = names
        super().__init__(request)

    def clean_confirmation(self) -> str:
        """Compare what was typed with the names, whatever its case."""
        typed: str = self.cleaned_data["confirmation"]
        if self.names and not any(protection.is_typed(typed, name) for name in self.names):
            raise forms.ValidationError(_("This is not the name that was asked for. Nothing was changed."))
        return typed


class NameForm(DialogForm):
    """Asks for a name, in the field `name`."""

    def __init__(self, request: HttpRequest, name: str) -> None:
        super().__init__(request)
        self.fields[name] = NameField(gettext_lazy("Name"))


# For each dialog: the field of the new name, the function that stores it, and the message afterwards.
RENAMES: Mapping[str, tuple[str, Callable[[str, Connection], None], Promise]] = {
    "rename-project": ("project_name", projects.rename_project, gettext_lazy("Project renamed.")),
    "rename-data-space": ("data_space_name", projects.rename_data_space, gettext_lazy("Data space renamed.")),
    "rename-instance": ("instance_name", instance.rename_instance, gettext_lazy("Instance renamed.")),
}


@may_configure
@page_methods
def remove_keys(request: HttpRequest, environment: str) -> HttpResponse:
    """Ask for confirmation, then remove one environment's pair."""
    stored = connection.load()
    if environment not in Environment or not stored.slots[Environment(environment)].is_stored:
        raise Http404
    chosen = Environment(environment)
    name = protection.name_to_remove(chosen, stored)
    form = ConfirmForm(request, name, *([environment] if name == str(chosen.label) else []))

    def remove() -> str:
        pairs.remove_keys(chosen, stored, erase=form.cleaned_data["erase"])
        return _("%(environment)s keys were removed.") % {"environment": chosen.label}

    return _answer(request, stored, f"remove-{chosen}", form, remove)


@may_configure
@page_methods
@sensitive_variables("plan")
def restore(request: HttpRequest, what: str) -> HttpResponse:
    """Ask for confirmation, then put back the former pair of an environment, or the former identifier."""
    stored = connection.load()
    restorable = pairs.restorable(what, stored)
    if not restorable:
        raise Http404
    form = ConfirmForm(request)

    def put_back() -> str:
        confirmation, insist = form.cleaned_data["confirmation"], form.cleaned_data["insist"]
        plan = pairs.restoring(restorable, stored, confirmation, insist=insist)
        outcome.saved(request, save(plan, request.user.pk))
        return ""

    return _answer(request, stored, f"restore-{what}", form, put_back, request.GET.get("from", ""))


@may_configure
@page_methods
def erase(request: HttpRequest, environment: str) -> HttpResponse:
    """Ask for confirmation, then erase the former pair of one environment before its time."""
    stored = connection.load()
    pair = stored.slots[Environment(environment)].former if environment in Environment else None
    if not pair:
        raise Http404
    label = Environment(environment).label

    def forget() -> str:
        pairs.erase(pair, stored)
        return _("The former %(environment)s pair was erased.") % {"environment": label}

    return _answer(request, stored, f"erase-{environment}", ConfirmForm(request, str(label), environment), forget)


@may_configure
@page_methods
def create_project(request: HttpRequest) -> HttpResponse:
    """Create a project, and choose it where none is in use."""
    stored, form = connection.load(), NameForm(request, "project_name")

    def create() -> str:
        if projects.create_project(form.cleaned_data["project_name"], stored):
            return _("Project created and chosen. Choose its data space now.")
        return _("Project created. Choose it under Project and save, if this instance is to use it.")

    return _answer(request, stored, "create-project", form, create)


@may_configure
@page_methods
def rename(request: HttpRequest, dialog: str) -> HttpResponse:
    """Give the project, the data space or this instance another name."""
    field, store, done = RENAMES[dialog]
    stored, form = connection.load(), NameForm(request, field)

    def act() -> str:
        store(form.cleaned_data[field], stored)
        return str(done)

    return _answer(request, stored, dialog, form, act)


def _answer(
    request: HttpRequest, stored: Connection, dialog: str, form: DialogForm, act: Callable[[], str], back: str = ""
) -> HttpResponse:
    """Show the dialog; or `act`, show the message that it returns, and redirect to the page `back`."""
    if not form.is_valid():
        return page(request, stored, dialog=dialog, dialog_field=form.visible_fields()[0], back=back)
    try:
        if form.cleaned_data["seen_revision"]:
            stored.build_on(form.cleaned_data["seen_revision"])
        if done := act():
            messages.success(request, done)
    except ConnectorError as error:
        if error.field in form.fields:
            outcome.add_refusal(form, error)
            return page(request, stored, dialog=dialog, dialog_field=form.visible_fields()[0], back=back)
        outcome.refused(request, error)
    return redirect(WAYS_BACK.get(back, "connector:configuration"))
