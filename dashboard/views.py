"""The Dashboard and the search."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from backend.frame.dialogs import render_dialog
from connector import address, connection
from connector.configuration import verify_now
from connector.connection import Connection
from connector.environment import Environment
from connector.permissions import CONFIGURE
from dashboard import search as finder
from payments.permissions import USE_PAYMENTS
from payments.views import configurers

PAGE = "dashboard/dashboard.html"


@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show the set-up checklist and the health of both environments."""
    return page(request, connection.load())


@require_POST
def refresh(request: HttpRequest) -> HttpResponse:
    """Verify again what is due and answer the checklist and the state of both environments; 204 when nothing was."""
    may_see = request.user.has_perm(CONFIGURE) or request.user.has_perm(USE_PAYMENTS)
    refreshed = verify_now.refresh(connection.load(), Environment) if may_see else None
    if refreshed is None:
        return HttpResponse(status=204)
    return render(request, "dashboard/_dashboard_fragments.html", _context(request, refreshed))


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


def _context(request: HttpRequest, stored: Connection) -> dict[str, Any]:
    may_configure, may_use = request.user.has_perm(CONFIGURE), request.user.has_perm(USE_PAYMENTS)
    # People who see the problem but may not configure are given the names of those who may.
    advice = stored.active.advise()
    needs_names = may_use and not may_configure and advice is not None and bool(advice.buttons)
    return {
        "connection": stored,
        "may_configure": may_configure,
        "may_use_payments": may_use,
        "may_see": may_configure or may_use,
        "configurers": configurers() if needs_names else [],
        "portal_url": settings.API_PORTAL_URL,
    }
