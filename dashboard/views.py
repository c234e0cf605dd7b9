"""The Dashboard and the search."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from backend.audit import overview
from backend.audit.permissions import SEE_LOG
from backend.frame.dialogs import render_dialog
from backend.frame.session_time import automatic
from backend.people.actions import Action as PeopleAction
from connector import address, connection, headline
from connector.action_log import PAIR_CHANGES
from connector.configuration import outcome, verify_now
from connector.connection import Connection
from connector.environment import Environment
from connector.gateway.client import Deadline
from connector.permissions import CONFIGURE
from dashboard import attention
from dashboard import search as finder
from dashboard.activity import Activity
from payments import onboarding
from payments.access import configurers
from payments.permissions import USE_PAYMENTS

PAGE = "dashboard/dashboard.html"
SHOWN_ACTIONS = 5


@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """Say whether everything is well, and if not, what to do."""
    return page(request, connection.load())


@require_POST
@automatic
def refresh(request: HttpRequest) -> HttpResponse:
    """Verify again what is due and answer the parts of the page that show it; 204 when nothing was."""
    if not _may_see(request):
        return HttpResponse(status=204)
    stored, deadline = connection.load(), Deadline()
    refreshed = verify_now.refresh(stored, Environment, deadline)
    if not onboarding.refresh(refreshed or stored, deadline) and refreshed is None:
        return HttpResponse(status=204)
    return render(request, "dashboard/_parts.html", _context(request, refreshed or stored))


@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """Verify the active pair now."""
    if not _may_see(request):
        raise PermissionDenied
    stored = connection.load()
    findings = verify_now.verify(stored, [stored.active_environment])
    outcome.show(request, outcome.found(findings) or outcome.not_asked(stored.active))
    return redirect("dashboard")


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Show what the search finds."""
    form = finder.SearchForm(request.GET or None)
    query = form.cleaned_data["q"] if form.is_valid() else ""
    context = {"form": form, "query": query, "groups": finder.find(query, request) if query else []}
    return render(request, "dashboard/search.html", context)


def page(request: HttpRequest, stored: Connection, form: forms.Form | None = None) -> HttpResponse:
    """Render the Dashboard; `form` opens the dialog that makes this installation a copy.

    At an unknown address the page asks whether the instance moved or is a copy. *Not now* only puts the question off.
    """
    context = _context(request, stored)
    asks = context["may_see"] and "later" not in request.GET
    elsewhere = address.elsewhere(stored.instance, request) if asks else ""
    more = {
        "elsewhere": elsewhere,
        "copy_form": form,
        "configurers": context["configurers"] or (configurers() if elsewhere and not context["may_configure"] else []),
    }
    if form:
        return render_dialog(request, PAGE, "dashboard/_copy_dialog.html", context | more)
    return render(request, PAGE, context | more)


def _may_see(request: HttpRequest) -> bool:
    """Return whether the person who asks may know the state of the connection."""
    return bool(request.user.has_perm(CONFIGURE) or request.user.has_perm(USE_PAYMENTS))


def _context(request: HttpRequest, stored: Connection) -> dict[str, Any]:
    """Return what the page and its refreshed parts show, and nothing that the person may not see."""
    user = request.user
    may_configure, may_use, may_see_log = map(user.has_perm, (CONFIGURE, USE_PAYMENTS, SEE_LOG))
    said = headline.read(stored, may_configure=may_configure, may_use=may_use)
    recent = overview.read(
        user,
        newest=SHOWN_ACTIONS if may_see_log else 0,
        watched=PAIR_CHANGES if may_configure else (),
        failing=PeopleAction.SIGN_IN_FAILED if may_see_log else "",
        since=stored.now - attention.SIGN_INS_COUNT,
    )
    stages = onboarding.load(stored) if may_configure or may_use else {}
    return {
        "connection": stored,
        "headline": said,
        "may_configure": may_configure,
        "may_use_payments": may_use,
        "stages": stages,
        "may_see": may_configure or may_use,
        "may_see_log": may_see_log,
        # People who see the problem but may not configure are given the names of those who may.
        "configurers": configurers() if may_use and said.others_can else [],
        "attention": attention.items(request, stored, recent, stages.values() if may_use else ()),
        "activity": Activity(recent.newest),
        "steps": tuple(stored.steps),
        "portal_url": settings.API_PORTAL_URL,
        "verify_url": reverse("dashboard_verify"),
    }
