"""Stores › Settings › Configuration › Services › Commerce Services Connector."""

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.forms import BoundField
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from backend.frame.dialogs import render_dialog
from backend.frame.session_time import automatic
from connector import address, connection
from connector.configuration import outcome, pairs, protection, verify_now
from connector.configuration.check_key import CheckKeyForm
from connector.configuration.forms import ConfigurationForm, EnvironmentForm, MoveForm
from connector.configuration.save import save
from connector.connection import Connection
from connector.environment import Environment
from connector.errors import ConnectorError, StaleRevisionError
from connector.permissions import CONFIGURE

PAGE = "connector/configuration.html"
# Pages that offer to restore a pair, and that a restoration leads back to.
WAYS_BACK = {"payment-services": "payments:home", "dashboard": "dashboard"}
may_configure = permission_required(CONFIGURE, raise_exception=True)
page_methods = require_http_methods(["GET", "HEAD", "POST"])


@may_configure
@page_methods
@sensitive_post_parameters("sandbox_api_key", "sandbox_private_key", "production_api_key", "production_private_key")
@sensitive_variables("form", "plan")
def configuration(request: HttpRequest) -> HttpResponse:
    """Show the configuration, or save it."""
    stored = connection.load()
    if request.method != "POST":
        return page(request, stored)
    form = ConfigurationForm(stored, request.POST)
    if form.is_valid():
        plan = form.plan()
        try:
            if plan.is_empty:
                outcome.show(request, outcome.unchanged(plan, form.emptied))
            else:
                outcome.show(request, outcome.saved(save(plan, request.user.pk), form.emptied))
            return redirect("connector:configuration")
        except ConnectorError as error:
            if error.code == StaleRevisionError.code:
                form = form.rebased(connection.load(stored.now))
            outcome.add_refusal(form, error)
    return page(request, form.connection, form)


@may_configure
@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """Verify one environment's pair now."""
    form = EnvironmentForm(request.POST)
    if not form.is_valid():
        raise Http404
    environment = form.cleaned_data["environment"]
    stored = connection.load()
    findings = verify_now.verify(stored, [environment])
    outcome.show(request, outcome.found(findings) or outcome.not_asked(stored.slots[environment]))
    return redirect("connector:configuration")


@may_configure
@require_POST
@automatic
def refresh(request: HttpRequest) -> HttpResponse:
    """Verify again what is due and answer the parts of the page that show it; 204 when nothing was due."""
    refreshed = verify_now.refresh(connection.load(), Environment)
    if refreshed is None:
        return HttpResponse(status=204)
    return render(
        request,
        "connector/_states.html",
        {"connection": refreshed, "portal_url": settings.API_PORTAL_URL},
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
@require_POST
def move_pair(request: HttpRequest) -> HttpResponse:
    """Put a pair that was saved for the wrong environment into the other section, and verify it there.

    Ask first where that switches the active environment.
    """
    form = MoveForm(request.POST)
    if not form.is_valid():
        raise Http404
    source, stored = form.cleaned_data["environment"], connection.load()
    is_asked = stored.slots[source].may_move and protection.asks_to_switch(source.other, stored)
    if is_asked and not form.cleaned_data["switches"]:
        return page(request, stored, dialog=f"moving-{source}")
    try:
        pairs.move_pair(source, stored, request.user.pk)
    except ConnectorError as error:
        outcome.refused(request, error)
    else:
        findings = verify_now.verify(connection.load(stored.now), Environment)
        is_switched = stored.active_environment != source.other
        outcome.show(request, outcome.moved(source.other, findings, is_switched=is_switched))
    return redirect("connector:configuration")


def page(
    request: HttpRequest,
    stored: Connection,
    form: ConfigurationForm | None = None,
    dialog: str = "",
    dialog_field: BoundField | None = None,
    back: str = "",
) -> HttpResponse:
    """Render the configuration page, with the dialog `dialog` open where one is asked for."""
    context = {
        "connection": stored,
        "form": form or ConfigurationForm(stored),
        "elsewhere": address.elsewhere(stored.instance, request),
        "dialog": dialog,
        "dialog_field": dialog_field,
        "back": {"name": back, "url": reverse(WAYS_BACK[back])} if back in WAYS_BACK else None,
        "portal_url": settings.API_PORTAL_URL,
    }
    if dialog:
        return render_dialog(request, PAGE, "connector/_open_dialog.html", context)
    return render(request, PAGE, context)
