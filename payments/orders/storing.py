"""Stores a page of orders, and how far the copy is, in one transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from connector.gateway.reports import Page
from payments.models import Order, OrderSource
from payments.orders import counts, reading

# An account has far fewer, but a hostile gateway could make up more.
MAX_CURRENCIES = 200
# What a row says about an order, and not which order it is.
_FIELDS = tuple(
    field.name
    for field in Order._meta.concrete_fields  # noqa: SLF001  (documented)
    if field.name not in {"id", "source", "order_id"}
)


def store(asked: OrderSource, page: Page, now: datetime, since: datetime | None = None) -> int | None:
    """Store the page that follows the place of `asked`, and where the next one begins. Return how many orders changed.

    If another read has moved on from that place, store nothing and return None. After the last page, the next read
    begins at `since`, or else at the newest order.
    """
    with transaction.atomic():
        source = OrderSource.objects.select_for_update().get(pk=asked.pk)
        if (source.cursor, source.since) != (asked.cursor, asked.since):
            return None
        before, after = _changes(source, page.orders, now)
        Order.objects.bulk_create(
            after, update_conflicts=True, unique_fields=("source", "order_id"), update_fields=_FIELDS
        )
        counts.adjust(source, before, after, now)
        source.cursor = page.next
        if page.newest:
            # The clock of the gateway may be ahead, and the next read must not miss what it sends until then.
            source.since = min(page.newest, now)
        if not page.next:
            source.since = since or source.since
            source.read_at = now
        source.checked_at, source.failed_code, source.retry_at = now, "", None
        source.received_at, source.unread = page.received_at, page.unread
        source.status_labels, source.stores = page.status_labels, page.stores
        currencies = {*source.currencies, *(order.currency for order in after if order.currency)}
        source.currencies = sorted(currencies)[:MAX_CURRENCIES]
        source.save()
    return len(after)


def _changes(source: OrderSource, rows: Sequence[Mapping[str, Any]], now: datetime) -> tuple[list[Order], list[Order]]:
    """Return the orders that `rows` change, as they are stored and as they have to be stored."""
    ids = [row["id"] for row in rows]
    known = {order.order_id: order for order in source.orders.filter(order_id__in=ids)}
    # Of two rows with the same id, the second one is newer.
    read = {row["id"]: reading.read(row, known.get(row["id"]), now) for row in rows}
    changed = {number: order for number, order in read.items() if not _is_same(order, known.get(number))}
    for order in changed.values():
        order.source = source
    return [known[number] for number in changed if number in known], list(changed.values())


def _is_same(order: Order, known: Order | None) -> bool:
    return known is not None and all(getattr(order, name) == getattr(known, name) for name in _FIELDS)
