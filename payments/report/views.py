"""Sales › Payment Services › Order payment status: the report, and what can be done on it."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from backend.frame.keyset import KeysetGrid
from backend.frame.session_time import automatic
from backend.frame.withheld import without_withheld
from connector.connection import Connection
from connector.environment import Environment
from connector.gateway.client import Deadline
from connector.permissions import CONFIGURE
from connector.verification.causes import Cause
from payments import onboarding
from payments.access import configurers, may_use, needs_setup
from payments.models import OrderSource, ShownColumns
from payments.orders import obstacles, sources, sync
from payments.report import chart, columns, emptiness, filters

# When an open page tries again while another request asks the gateway.
BUSY_S = 3


class ReportGrid(KeysetGrid):
    """The orders that were found. A new search also keeps the range of the chart."""

    @property
    def parameters(self) -> list[tuple[str, str]]:
        chosen = self._query.get("range", "")
        return [*super().parameters, *([("range", str(chosen))] if chosen else [])]


@may_use
@require_safe
@needs_setup
def report(request: HttpRequest, stored: Connection) -> HttpResponse:
    """Show one page of the orders, as the address filters them."""
    return render(request, "payments/report/report.html", context(request, stored))


@may_use
@require_POST
@needs_setup
@automatic
def refresh(request: HttpRequest, stored: Connection) -> HttpResponse:
    """Read the changes: at once for a person, if they are due for an open page.

    An open page gets the parts that may have changed if it shows an older copy, else 204. While another request asks
    the gateway, it is told when to try again.
    """
    is_fetched = request.headers.get("X-Requested-With") == "fetch"
    environment = filters.environment_of(request.GET, stored.active_environment)
    before = sources.find(stored, environment)
    if not is_fetched:
        sync.read(stored, environment, Deadline())
        _add_message(request, before, sources.find(stored, environment))
        return redirect(_address(request))
    is_due = sync.is_due(before, stored.now) and obstacles.find(stored, environment) is None
    was_read = is_due and sync.read(stored, environment, Deadline()) is not None
    if not was_read and request.POST.get("copy", "") == moment_of(before):
        return HttpResponse(status=204, headers={"Retry-After": str(BUSY_S)} if is_due else {})
    known = context(request, stored) | {"has_new_tools": not (before.read_at and before.received_at)}
    return render(request, "payments/report/_parts.html", known)


def moment_of(source: OrderSource) -> str:
    """Return which copy of the orders a page shows."""
    return source.checked_at.isoformat() if source.checked_at else ""


@may_use
@require_POST
def choose_columns(request: HttpRequest) -> HttpResponse:
    """Store which columns this person sees."""
    form = columns.ColumnsForm(request.POST)
    if form.is_valid():
        form.save(request.user.pk)
        messages.success(request, _("Your columns were saved."))
    else:
        messages.error(request, _("Nothing was saved. Choose from the columns on the page."))
    return redirect(_address(request))


@may_use
@require_POST
def reset_columns(request: HttpRequest) -> HttpResponse:
    """Show every column again."""
    ShownColumns.objects.filter(pk=request.user.pk).delete()
    messages.success(request, _("All columns are shown again."))
    return redirect(_address(request))


def _address(request: HttpRequest) -> str:
    """Return the address of the report with the filters that the form was sent from."""
    query = without_withheld(request.GET).urlencode()
    return reverse("payments:orders") + (f"?{query}" if query else "")


def _add_message(request: HttpRequest, before: OrderSource, after: OrderSource) -> None:
    if after.checked_at == before.checked_at:
        text = _("Nothing was read: another request is reading the orders now, or they cannot be read yet.")
        messages.info(request, text)
    elif after.failed_code:
        text = _("The orders could not be read: %(cause)s. What is shown was read before.")
        messages.warning(request, text % {"cause": Cause(after.failed_code).label})
    elif after.cursor:
        messages.info(request, _("There are more orders than could be read at once. Refresh again to continue."))
    else:
        messages.success(request, _("Update complete"))


def chosen(request: HttpRequest, stored: Connection) -> tuple[OrderSource, filters.FilterForm, ReportGrid]:
    """Return the source that the address asks for, with the person's hidden columns, and its filters and rows."""
    environment = filters.environment_of(request.GET, stored.active_environment)
    source = sources.find(stored, environment, hidden=columns.hidden_by(request.user.pk))
    form = filters.FilterForm(request.GET, source)
    grid = ReportGrid(form.found(), columns.COLUMNS, request.GET, "ordered_at", address=reverse("payments:orders"))
    grid.show(columns.visible(source))
    return source, form, grid


def context(request: HttpRequest, stored: Connection) -> dict[str, Any]:
    """Return what the report shows: stored state only."""
    source, form, grid = chosen(request, stored)
    environment = Environment(source.environment)
    orders = grid.rows if source.pk else []
    reason = None if orders else emptiness.find(source, onboarding.load(stored)[environment])
    nothing = emptiness.ROWS[reason] if reason else None
    may_configure = request.user.has_perm(CONFIGURE)
    words, visible = columns.Words(source), columns.visible(source)
    attributes = [(column, getattr(grid.cells, column.name)) for column in visible]
    query = without_withheld(request.GET).urlencode()
    return {
        "connection": stored,
        "environment": environment,
        "environments": [(other, grid.url(source=other.value, store_view=[])) for other in Environment],
        "source": source,
        "copy": moment_of(source),
        "cause": Cause(source.failed_code) if source.failed_code else None,
        "may_read": obstacles.find(stored, environment) is None,
        "zone": settings.TIME_ZONE,
        "form": form,
        "grid": grid,
        "chart": chart.draw(source, request.GET, stored.now) if source.received_at else None,
        "rows": [(order, [columns.cell(*head, order, words) for head in attributes]) for order in orders],
        "chips": filters.chips(form, grid),
        "cleared_url": filters.cleared(form, grid),
        "has_orders": reason in {None, emptiness.Reason.NOTHING_FOUND},
        "way": emptiness.Way,
        "nothing": nothing,
        "every_day_url": grid.url(start="", end="") if {"start", "end"} & form.wanted.keys() else "",
        "choices": [(column, column in visible) for column in columns.CHOICES],
        "query": f"?{query}" if query else "",
        "configurers": [] if may_configure or not nothing or not nothing.anchor else configurers(),
        "may_configure": may_configure,
        "store_admin_url": settings.STORE_ADMIN_URL,
        "has_new_tools": False,
    }
