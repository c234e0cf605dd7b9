"""The report as CSV: every order that fits the filters, in the columns that the person sees."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from backend.audit import action_log
from backend.frame import csv_export
from connector.connection import Connection
from payments.access import may_use, needs_setup
from payments.action_log import Action
from payments.models import Order, OrderSource
from payments.report import columns
from payments.report.columns import OrderColumn
from payments.report.views import chosen


@may_use
@require_safe
@needs_setup
def export(request: HttpRequest, stored: Connection) -> HttpResponseBase:
    """Stream the orders in the order of the page, and log the export. A filter that cannot be read leads back."""
    source, form, grid = chosen(request, stored)
    if not form.is_valid():
        messages.error(request, _("Nothing was exported, because a filter cannot be read."))
        return redirect(grid.url())
    visible = columns.visible(source)
    if request.method == "GET":
        used = {name: _named(value) for name, value in form.wanted.items()}
        action_log.record(Action.ORDERS_EXPORTED, source.environment, after=action_log.facts(**used))
    rows = _exported(grid.every_row(), visible, source) if source.pk else iter(())
    return csv_export.response(f"orders-{source.environment}", [column.full_title for column in visible], rows)


def _named(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _exported(
    orders: Iterable[Order], visible: Sequence[OrderColumn], source: OrderSource
) -> Iterator[list[str | Decimal]]:
    words = columns.Words(source)
    for order in orders:
        yield [columns.exported(column, order, words) for column in visible]
