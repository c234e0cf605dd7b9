"""Sales › Payment Services."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.frame.dialogs import render_dialog
from backend.frame.policy import lead_to
from backend.frame.rows import rows
from backend.frame.session_time import automatic
from connector import address, connection, headline
from connector.configuration import outcome, pairs, protection, verify_now
from connector.configuration.forms import EnvironmentForm
from connector.connection import Connection
from connector.environment import Environment
from connector.errors import ConnectorError
from connector.gateway.client import Deadline
from connector.permissions import CONFIGURE
from payments import notices, onboarding, support
from payments.access import configurers, may_use, needs_setup
from payments.models import Merchant
from payments.orders import sync
from payments.permissions import USE_PAYMENTS
from payments.report import home as orders_at_home


@may_use
@require_safe
@needs_setup
def home(request: HttpRequest, stored: Connection) -> HttpResponse:
    """Show the state of the connection and of onboarding, with a dialog where the keys do not work."""
    returned = request.GET.get("returned", "")
    more = {"returned": returned if returned in Environment else ""}
    page = render(request, "payments/home.html", home_context(request, stored) | more)
    return lead_to(page, settings.GATEWAY_URLS.values())


def home_context(request: HttpRequest, stored: Connection) -> dict[str, Any]:
    """Return what Home shows: besides the connection, the orders of the active environment, with one query more."""
    known = context(request, stored)
    return known | orders_at_home.context(stored, known["stages"], request.GET)


@may_use
@require_safe
@needs_setup
def settings_page(request: HttpRequest, stored: Connection) -> HttpResponse:
    """Show what Payment Services works with. Keys, project and data space are changed in the configuration."""
    return render(request, "payments/settings.html", settings_context(request, stored))


def settings_context(request: HttpRequest, stored: Connection) -> dict[str, Any]:
    """Return what the Settings show: the same as Home, and always whom to ask."""
    known = context(request, stored)
    if not known["may_configure"]:
        known["configurers"] = configurers()
    return known


@may_use
@require_safe
def configure(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  (a view)
    """Lead to the connector configuration, in every state."""
    return redirect("connector:configuration")


@may_use
@require_POST
@needs_setup
def verify(request: HttpRequest, stored: Connection) -> HttpResponse:
    """Verify the active pair now, and read how far onboarding is."""
    deadline = Deadline()
    findings = verify_now.verify(stored, [stored.active_environment], deadline)
    # The page's dialog says what is wrong with a pair that does not work.
    if findings:
        working = {environment: finding for environment, finding in findings.items() if not finding.cause}
        outcome.show(request, outcome.found(working))
        outcome.show(request, outcome.tried(findings))
    elif stored.active.credentials:
        outcome.show(request, outcome.not_asked(stored.active))
    if any(finding.is_verified for finding in findings.values()):
        after = connection.load()
        onboarding.read(after, onboarding.load(after).values(), deadline)
    return redirect("payments:home")


@may_use
@require_POST
@automatic
def refresh(request: HttpRequest) -> HttpResponse:
    """Verify the active pair again if it is due, and read onboarding and the orders where they are, each on its own.

    Return the parts of Home that depend on it; 204 where nothing was asked.
    """
    stored, deadline = connection.load(), Deadline()
    refreshed = verify_now.refresh(stored, [stored.active_environment], deadline)
    latest = refreshed or stored
    was_read = onboarding.refresh(latest, deadline, request.POST.get("returned", ""))
    was_read = sync.refresh(latest, latest.active_environment, deadline) or was_read
    if (refreshed is None and not was_read) or stored.is_empty:
        return HttpResponse(status=204)
    return render(request, "payments/_refreshed.html", home_context(request, latest))


@permission_required((CONFIGURE, USE_PAYMENTS), raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
@needs_setup
def switch_environment(request: HttpRequest, stored: Connection) -> HttpResponse:
    """Ask before the other environment becomes the active one, and switch when that is confirmed."""
    if request.method == "POST":
        _switch(request, stored)
        return redirect("payments:home")
    known = settings_context(request, stored)
    if not known["may_switch"]:
        # The card of the environment says why there is nothing to switch to.
        return redirect("payments:settings")
    obstacle = protection.obstacle_to_switch(stored.inactive.environment, stored)
    known |= {
        "is_switching": True,
        "is_refused": bool(obstacle and obstacle.code),
        "cost_of_switch": protection.cost_of_switch(stored, obstacle),
    }
    return render_dialog(request, "payments/settings.html", "payments/_switch.html", known)


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
        outcome.show(request, outcome.switched(environment))


def context(request: HttpRequest, stored: Connection) -> dict[str, Any]:
    """Return what both pages show: stored state only, with one query for the merchants."""
    may_configure = request.user.has_perm(CONFIGURE)
    merchants = rows(Merchant)
    stages = onboarding.stages(stored, merchants)
    former = [row for row in merchants if row.merchant_id and row.data_space_id != stored.data_space_id]
    return {
        "connection": stored,
        "headline": headline.read(stored, may_configure=may_configure, may_use=True),
        "stages": stages,
        "former_merchants": former,
        "notices": notices.find(stored, stages, former, request.user.pk),
        "elsewhere": address.elsewhere(stored.instance, request),
        "may_configure": may_configure,
        "may_switch": may_configure and stored.inactive.is_whole and "active_environment" not in stored.variables,
        "portal_url": settings.API_PORTAL_URL,
        "store_admin_url": settings.STORE_ADMIN_URL,
        "account_url": reverse("saas:home") if settings.STAND_IN else "",
        "configurers": [] if may_configure or stored.is_connected else configurers(),
        "dialog_field": None,
        "is_switching": False,
        "returned": "",
        "support_facts": support.facts(stored) if stored.active.is_blocked else [],
    }
