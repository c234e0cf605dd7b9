"""Time a feed of orders as a whole request beside a bare bulk upsert of the same rows: README.md says how."""

import argparse
import json
import os
import secrets
import time
from collections.abc import Callable, Iterator
from itertools import count
from statistics import median, quantiles
from typing import Any

import jwt
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from server import database, set_up

ROWS, WARM_UP = 100, 5
LINE = "{:<12}{:>11}{:>13}{:>8}   {:<13}"
Rounds = list[tuple[float, float]]


def main() -> None:
    """Time both ways in turns on one database, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100, help="feeds of each kind (default: %(default)s)")
    parser.add_argument("--stored", type=int, default=10_000, help="orders before the first (default: %(default)s)")
    asked = parser.parse_args()
    url = os.environ.get("DATABASE_URL", "sqlite:")
    print(f"{url.partition(':')[0]}, {ROWS} rows of {len(json.dumps(order('1', 0)))} bytes, {asked.rounds} rounds")
    with database(url) as own_url:
        set_up(own_url)
        print(LINE.format("rows", "feed ms", "upsert ms", "ratio", "middle half"))
        for name, rounds in timed(asked.rounds, asked.stored):
            feed_ms, upsert_ms = (median(times) * 1000 for times in zip(*rounds, strict=True))
            low, ratio, high = quantiles((feed / upsert for feed, upsert in rounds), method="inclusive")
            print(LINE.format(name, f"{feed_ms:.2f}", f"{upsert_ms:.2f}", f"{ratio:.2f}", f"{low:.2f} to {high:.2f}"))


def timed(rounds: int, stored: int) -> Iterator[tuple[str, Rounds]]:
    """Yield the seconds of each feed and of each upsert of the same rows: new orders, the same again, changed ones."""
    send, upsert = feed_of_requests(), bare_upsert()
    numbers = count()
    for first in range(0, stored, 1000):
        rows = [order(f"stored-{number}", 0) for number in range(first, min(first + 1000, stored))]
        send(rows)
        upsert(rows)
    for name in ("new", "the same", "changed"):
        taken: Rounds = []
        for number in range(-WARM_UP, rounds):
            if name == "new" or number == -WARM_UP:
                base = next(numbers)
            rows = [order(f"{base}-{place}", number if name == "changed" else 0) for place in range(ROWS)]
            pair = (send(rows), upsert(rows)) if number % 2 else (upsert(rows), send(rows))[::-1]
            # The first fill caches, and of rows that are to be the same they store them.
            if number >= 0:
                taken.append(pair)
        yield name, taken


def feed_of_requests() -> Callable[[list[Any]], float]:
    """Return a function that sends rows as a signed request, through every middleware, and returns its seconds."""
    from django.contrib.auth.models import User
    from django.test import Client

    from saas.gateway.signature import CONSTANTS
    from saas.models import Account, ApiKey, Project

    account = Account.objects.create(organization_name="Luma")
    space = Project.objects.provision(account, "Luma").data_spaces.get(position=0)
    user = User.objects.create_user("benchmark", password=secrets.token_urlsafe())
    key, pair = ApiKey.objects.issue(account, user, environment="sandbox", name="Benchmark")
    private_key: Any = load_pem_private_key(pair.private_key.encode(), None)
    client, path = Client(headers={"host": "127.0.0.1"}), f"/payments/exports/commerce/orders/{space.pk}"

    def send(rows: list[Any]) -> float:
        claims = CONSTANTS | {"exp": int(time.time()) + 300}
        headers = {"x-api-key": key.api_key, "x-gw-signature": jwt.encode(claims, private_key, algorithm="RS256")}
        body = json.dumps({"feed": "orders", "timestamp": int(time.time()), "version": "v1", "data": rows})
        start = time.perf_counter()
        response = client.post(path, body, "application/json", headers=headers)
        spent = time.perf_counter() - start
        if response.json() != {"status": 200, "read": len(rows), "unread": 0}:
            raise SystemExit(response.content)
        return spent

    return send


def bare_upsert() -> Callable[[list[Any]], float]:
    """Return a function that stores rows for another data space by one bulk upsert, and returns its seconds."""
    from django.utils import timezone

    from saas.models import Account, FeedRow, FeedSource, Project

    account = Account.objects.create(organization_name="Elsewhere")
    space = Project.objects.provision(account, "Elsewhere").data_spaces.get(position=0)
    source = FeedSource.objects.create(data_space=space, environment="sandbox", received_at=timezone.now())

    def upsert(rows: list[Any]) -> float:
        start, now = time.perf_counter(), timezone.now()
        FeedRow.objects.bulk_create(
            [
                FeedRow(source=source, feed="orders", key=row["id"], content=json.dumps(row), changed_at=now)
                for row in rows
            ],
            update_conflicts=True,
            unique_fields=["source", "feed", "key"],
            update_fields=["content", "updated_at", "changed_at"],
        )
        return time.perf_counter() - start

    return upsert


def order(key: str, version: int) -> dict[str, Any]:
    """Return the row of an order as a store sends it: two items, an invoice, two transactions."""
    item = {"parent_item_id": None, "product_type": "simple", "items_shipped_together": False, "is_virtual": 0}
    item |= {"qty_invoiced": 2, "qty_shipped": 1, "qty_backordered": 0, "qty_ordered": 2, "qty_refunded": 0}
    transactions = [("authorization", "11:59:30"), ("capture", "12:00:00")]
    return {
        "id": key,
        "increment_id": "000000007",
        "created_at": "2026-11-29 11:59:00",
        "updated_at": f"2026-11-29 12:{max(version, 0) // 60:02}:{max(version, 0) % 60:02}",
        "additional_information": {"payments_mode": "sandbox", "payment_source": "card", "cc_last_4": "1111"},
        "state": "processing",
        "status": "processing",
        "total_invoiced": 80,
        "total_qty_ordered": 4,
        "is_virtual": 0,
        "payment_method": "payment_services_paypal_hosted_fields",
        "store_id": "1",
        "grand_total": 80.25,
        "currency": "EUR",
        "amount_captured_online": 80.25,
        "amount_refunded_online": 0,
        "amount_authorized": 80.25,
        "amount_paid": 80.25,
        "amount_refunded": 0,
        "amount_canceled": 0,
        "items": [{"id": f"{number}", **item, "qty_canceled": 0} for number in (11, 12)],
        "invoices": [{"id": "3", "is_used_for_refund": False, "grand_total": 80.25}],
        "credit_memos": None,
        "transactions": [
            {"id": f"{number}", "txn_id": f"8XY0123{number}AB", "type": kind, "created_at": f"2026-11-29 {moment}"}
            for number, (kind, moment) in enumerate(transactions)
        ],
    }


if __name__ == "__main__":
    main()
