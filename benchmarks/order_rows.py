"""Orders for the benchmarks: the same ones in every run, over three years, with statuses in realistic shares."""

from collections.abc import Iterator
from copy import copy
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.db import connection, transaction

from payments.models import Order, OrderSource
from payments.orders import reading

YEARS = timedelta(days=3 * 365)
NEWEST = datetime(2026, 11, 1, tzinfo=UTC)
PAID, AUTHORIZED = {"amount_paid": "80.10"}, {"amount_authorized": "80.10"}
AUTHORIZATION, CAPTURE, REFUND, VOID = (
    {"id": str(number), "txn_id": f"TXN{number}", "type": kind, "created_at": "2026-10-31 12:00:00"}
    for number, kind in enumerate(("authorization", "capture", "refund", "void"))
)
TAKEN = [AUTHORIZATION, CAPTURE]
INVOICE = {"invoices": [{"id": "1", "is_used_for_refund": False, "grand_total": "80.10"}]}
CLOSED, MEMO = {"state": "closed", "status": "closed"}, {"credit_memos": [{"id": "1", "state": 2}]}
# How many of a thousand orders are of each kind.
KINDS: tuple[tuple[int, dict[str, Any]], ...] = (
    (770, {**PAID, **INVOICE, "transactions": TAKEN}),
    (60, {**AUTHORIZED, "transactions": [AUTHORIZATION]}),
    (30, {**AUTHORIZED, **INVOICE, "transactions": [AUTHORIZATION]}),
    (20, {"amount_paid": "40.05", **INVOICE, "transactions": TAKEN}),
    (10, {"transactions": TAKEN}),
    (30, {"state": "canceled", "status": "canceled", "transactions": [AUTHORIZATION, VOID]}),
    (20, {"state": "new", "status": "pending"}),
    (40, {**PAID, **INVOICE, **CLOSED, **MEMO, "amount_refunded": "80.10", "transactions": [*TAKEN, REFUND]}),
    (5, {**PAID, **INVOICE, "credit_memos": [{"id": "1", "state": 1}], "transactions": TAKEN}),
    (3, {**PAID, **INVOICE, "transactions": [*TAKEN, REFUND]}),
    (2, {**PAID, **INVOICE, **CLOSED, "transactions": TAKEN}),
    (4, {**PAID, **INVOICE, "status": "dispute_open", "transactions": TAKEN}),
    (6, {**PAID, **INVOICE, "status": "dispute_resolved", "transactions": TAKEN}),
)


def sent(count: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """Yield `count` orders as their store sends them, the newest first."""
    chance = Random(seed)  # noqa: S311  (no secret)
    kinds, weights = [kind for _weight, kind in KINDS], [weight for weight, _kind in KINDS]
    for number in range(count):
        ordered_at = NEWEST - YEARS * (number / count)
        quantity = chance.randint(1, 5)
        yield {
            "id": str(count - number),
            "increment_id": f"{count - number:09}",
            "created_at": f"{ordered_at:%Y-%m-%d %H:%M:%S}",
            "updated_at": f"{ordered_at:%Y-%m-%d %H:%M:%S}",
            "state": "processing",
            "status": "processing",
            "payment_method": "payment_services_paypal_hosted_fields",
            "store_id": str(chance.choice((1, 1, 1, 2, 3))),
            "grand_total": "80.10",
            "currency": chance.choice(("EUR", "EUR", "USD")),
            "items": [{"id": "1", "product_type": "simple", "qty_ordered": quantity, "qty_invoiced": quantity}],
            **chance.choices(kinds, weights)[0],
        }


def orders(count: int, source: OrderSource) -> Iterator[Order]:
    """Yield `count` orders of `source`, not stored yet. A thousand are read, and the others are like them."""
    read = [reading.read(row, None, NEWEST) for row in sent(1000)]
    chance = Random(2)  # noqa: S311
    for number in range(count):
        order = copy(read[number % len(read)])
        order.source_id = source.pk
        order.order_id, order.number = str(count - number), f"{count - number:09}"
        order.ordered_at = NEWEST - YEARS * (number / count)
        order.amount = Decimal(chance.randint(100, 50_000)) / 100
        yield order


def fill(source: OrderSource, count: int) -> None:
    """Give `source` `count` orders, past the models: a million would take minutes through them."""
    fields: list[Any] = [field for field in Order._meta.concrete_fields if field.name != "id"]  # noqa: SLF001
    names = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    rows: Any = (
        [field.get_db_prep_save(getattr(order, field.attname), connection) for field in fields]
        for order in orders(count, source)
    )
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY payments_order ({names}) FROM STDIN") as writer:
                for row in rows:
                    writer.write_row(row)
        else:
            places = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"INSERT INTO payments_order ({names}) VALUES ({places})", rows)  # noqa: S608  (ours)
        cursor.execute("ANALYZE")
