"""Sales › Payment Services."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.frame.dialogs import render_dialog
from connector import address, connection
from connector.configuration import outcome, pairs, protection, verify_now
from connector.configuration.forms import EnvironmentForm
from connector.connection import Connection
from connector.errors import ConnectorError
from connector.permissions import CONFIGURE
from payments import support
from payments.permissions import USE_PAYMENTS

may_use = permission_required(USE_PAYMENTS, raise_exception=True)


def needs_setup(view: Callable[[HttpRequest, Connection], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Give `view` the connection; while nothing is set up, send people who may configure it there instead."""

    @wraps(view)
    def page(request: HttpRequest) -> HttpResponse:
        stored = connection.load()
        if stored.is_empty and request.user.has_perm(CONFIGURE):
            return redirect("payments:configure")
        return view(request, stored)

    return page


@may_use
@require_safe
@needs_setup
def home(request: HttpRequest, stored: Connection) -> HttpResponse:
    """Show the state of the connection, with the account verification error dialog where the keys do not work."""
    return render(request, "payments/home.html", _context(request, stored))


@may_use
@require_safe
@needs_setup
def settings_page(request: HttpRequest, stored: Connection) -> HttpResponse:
    """Show what Payment Services works with. Most of it is changed in the configuration."""
    context = _context(request, stored)
    if not context["may_configure"]:
        context["configurers"] = configurers()
    return render(request, "payments/settings.html", context)


@may_use
@require_safe
def configure(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  (a view)
    """Lead to the connector configuration, in every state."""
    return redirect("connector:configuration")


@may_use
@require_POST
@needs_setup
def verify(request: HttpRequest, stored: Connection) -> HttpResponse:
    """Verify the active pair now."""
    findings = verify_now.verify(stored, [stored.active_environment])
    # The page's dialog says what is wrong with a pair that does not work.
    if findings:
        working = {environment: finding for environment, finding in findings.items() if not finding.cause}
        outcome.found(request, working, stored)
        outcome.tried(request, findings)
    elif stored.active.credentials:
        outcome.not_asked(request, stored.active)
    return redirect("payments:home")


@may_use
@require_POST
def refresh(request: HttpRequest) -> HttpResponse:
    """Verify the active pair again if it is due, and return the part of the page that shows it; else 204."""
    stored = connection.load()
    refreshed = verify_now.refresh(stored, [stored.active_environment])
    if refreshed is None or refreshed.is_empty:
        return HttpResponse(status=204)
    return render(request, "payments/_connection.html", _context(request, refreshed))


@permission_required((CONFIGURE, USE_PAYMENTS), raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
@needs_setup
def switch_environment(request: HttpRequest, stored: Connection) -> HttpResponse:
    """Ask before the other environment becomes the active one, and switch when that is confirmed."""
    context = _context(request, stored)
    if request.method == "POST":
        _switch(request, stored)
    elif context["may_switch"]:
        context["is_switching"] = True
        return render_dialog(request, "payments/home.html", "payments/_switch.html", context)
    # The card of the environment says why there is nothing to switch to.
    return redirect("payments:home")


def _switch(request: HttpRequest, stored: Connection) -> None:
    form = EnvironmentForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose Sandbox or Production."))
        return
    environment = form.cleaned_data["environment"]
    try:
        if environment != stored.active_environment:
            pairs.switch_environment(environment, stored)
    except ConnectorError as error:
        outcome.refused(request, error)
    else:
        text = _("%(environment)s is the active environment now.")
        messages.success(request, text % {"environment": environment.label})


def _context(request: HttpRequest, stored: Connection) -> dict[str, Any]:
    may_configure = request.user.has_perm(CONFIGURE)
    return {
        "connection": stored,
        "elsewhere": address.elsewhere(stored.instance, request),
        "may_configure": may_configure,
        "may_switch": may_configure and stored.inactive.is_whole and "active_environment" not in stored.variables,
        "cost_of_switch": protection.cost_of_switch(stored.inactive),
        "portal_url": settings.API_PORTAL_URL,
        "configurers": [] if may_configure or stored.is_connected else configurers(),
        "dialog_field": None,
        "is_switching": False,
        "support_facts": support.facts(stored) if stored.active.is_blocked else [],
    }


def configurers() -> list[str]:
    """Return the names of the people who may configure the connector, ten at most."""
    people = get_user_model().objects.with_perm(CONFIGURE, backend=settings.AUTHENTICATION_BACKENDS[0])
    return [person.get_full_name() or person.get_username() for person in people.order_by("username")[:10]]
