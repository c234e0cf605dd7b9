"""What the Dashboard asks when the instance is opened at another address: has it moved, or is it a copy?"""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from connector import address, connection
from connector.configuration import instance, outcome
from connector.configuration.dialog_forms import ConfirmForm
from connector.configuration.dialogs import sent
from connector.configuration.views import may_configure, page_methods
from connector.connection import Connection
from connector.errors import ConnectorError
from dashboard import views

STILL_SHARED = gettext_lazy(
    "Its project and data space are still those of the original: environment variables set them. Change "
    "CONNECTOR_PROJECT_ID and CONNECTOR_DATA_SPACE_ID, and restart the server."
)


@may_configure
@require_POST
def moved(request: HttpRequest) -> HttpResponse:
    """Make this address the only one."""
    text = _("Noted: this Admin has moved to %(address)s. Nothing else was changed.")
    _do(request, connection.load(), instance.move, text)
    return redirect("dashboard")


@may_configure
@require_POST
def add_address(request: HttpRequest) -> HttpResponse:
    """Add this address to those of the same installation."""
    text = _("Noted: this Admin is opened at %(address)s as well.")
    _do(request, connection.load(), instance.add_address, text)
    return redirect("dashboard")


@may_configure
@page_methods
def become_copy(request: HttpRequest) -> HttpResponse:
    """Ask for confirmation, then make this a separate installation."""
    stored = connection.load()
    form = ConfirmForm(sent(request), *([stored.data_space_name] if stored.data_space_name else []))
    if not form.is_valid():
        return views.page(request, stored, form)
    text = _("This is an installation of its own now, with a new instance id. Its key pairs are still there.")
    is_done = _do(request, stored, instance.become_copy, text)
    if is_done and stored.variables.keys() & {"project_id", "data_space_id"}:
        messages.warning(request, STILL_SHARED)
    return redirect("connector:configuration")


def _do(request: HttpRequest, stored: Connection, act: Callable[[Connection, str], None], text: str) -> bool:
    """Call `act` if the page showed `stored`; show `text`, or why it was refused. Return whether it was done."""
    here = address.of(request)
    try:
        stored.build_on(request.POST.get("seen_revision", ""))
        act(stored, here)
    except ConnectorError as error:
        outcome.refused(request, error)
        return False
    messages.success(request, text % {"address": here})
    return True
