"""What the Dashboard asks when the instance is opened at another address: has it moved, or is it a copy?"""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from connector import address, connection
from connector.configuration import instance, outcome, protection
from connector.connection import Connection
from connector.errors import ConnectorError, StaleRevisionError
from connector.permissions import CONFIGURE
from dashboard import views

may_configure = permission_required(CONFIGURE, raise_exception=True)
STILL_SHARED = gettext_lazy(
    "Its project and data space are still those of the original: environment variables set them. Change "
    "CONNECTOR_PROJECT_ID and CONNECTOR_DATA_SPACE_ID, and restart the server."
)


class AnswerForm(forms.Form):
    """An answer to a page that showed the state of `seen_revision`."""

    seen_revision = forms.CharField(max_length=20)

    def require_current(self, stored: Connection) -> None:
        """Raise StaleRevisionError if the stored state has changed since the page was shown."""
        if self.cleaned_data.get("seen_revision") != str(stored.instance.revision):
            raise StaleRevisionError


class CopyForm(AnswerForm):
    """Confirms that this is a copy: the person types the name of the data space that it leaves, if it has one."""

    confirmation = forms.CharField(label=gettext_lazy("Type the name of the data space to confirm"), max_length=300)

    def __init__(self, stored: Connection, data: Any = None) -> None:
        super().__init__(data)
        self.data_space_name = stored.data_space_name
        self.fields["confirmation"].required = bool(self.data_space_name)

    def clean_confirmation(self) -> str:
        """Compare what was typed with the name, ignoring case and blanks."""
        typed: str = self.cleaned_data["confirmation"]
        if not protection.is_typed(typed, self.data_space_name):
            raise forms.ValidationError(_("This is not the name of the data space. Nothing was changed."))
        return typed


@may_configure
@require_POST
def moved(request: HttpRequest) -> HttpResponse:
    """Make this address the only one."""
    return _answer(request, instance.move, _("Noted: this Admin has moved to %(address)s. Nothing else was changed."))


@may_configure
@require_POST
def add_address(request: HttpRequest) -> HttpResponse:
    """Add this address to those of the same installation."""
    return _answer(request, instance.add_address, _("Noted: this Admin is opened at %(address)s as well."))


@may_configure
@require_http_methods(["GET", "HEAD", "POST"])
def become_copy(request: HttpRequest) -> HttpResponse:
    """Ask for confirmation, then make this a separate installation."""
    stored = connection.load()
    form = CopyForm(stored, request.POST if request.method == "POST" else None)
    if "confirmation" in form.errors or not form.is_bound:
        return views.page(request, stored, form)
    try:
        form.require_current(stored)
        instance.become_copy(stored, address.of(request))
    except ConnectorError as error:
        outcome.refused(request, error)
    else:
        text = _("This is an installation of its own now, with a new instance id. Its key pairs are still there.")
        messages.success(request, text)
        if stored.variables.keys() & {"project_id", "data_space_id"}:
            messages.warning(request, STILL_SHARED)
    return redirect("connector:configuration")


def _answer(request: HttpRequest, act: Callable[[Connection, str], None], done: str) -> HttpResponse:
    stored, here, form = connection.load(), address.of(request), AnswerForm(request.POST)
    form.full_clean()
    try:
        form.require_current(stored)
        act(stored, here)
    except ConnectorError as error:
        outcome.refused(request, error)
    else:
        messages.success(request, done % {"address": here})
    return redirect("dashboard")
