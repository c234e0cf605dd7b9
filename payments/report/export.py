"""The report as CSV: every order that fits the filters, in the columns that the person sees."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
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
def export(request: HttpRequest, stored: Connection) -> StreamingHttpResponse:
    """Stream the orders in the order of the page, and log the export."""
    source, form, grid = chosen(request, stored)
    visible = columns.visible(source)
    if request.method == "GET":
        used = {name: _named(value) for name, value in form.wanted.items()}
        action_log.record(Action.ORDERS_EXPORTED, source.environment, after=action_log.facts(**used))
    rows = _exported(grid.sorted, visible, source) if source.pk else iter(())
    return csv_export.response(f"orders-{source.environment}", [column.title for column in visible], rows)


def _named(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _exported(
    orders: QuerySet[Order], visible: Sequence[OrderColumn], source: OrderSource
) -> Iterator[list[str | Decimal]]:
    words = columns.Words(source)
    for order in orders.iterator(chunk_size=csv_export.ROWS_AT_ONCE):
        yield [columns.exported(column, order, words) for column in visible]
