"""Time the report on the orders that are stored: its pages, and its export as CSV. Call it after `django.setup()`."""

import resource
import time
from collections.abc import Mapping
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

ROUNDS = 25
EXPORTED = 100_000
ROW = "{:<22}{:>12}{:>12}{:>8}"


def time_pages(spaces: Mapping[str, int]) -> None:
    """Print how long each page takes in each of two data spaces, which have that many orders, and then the exports.

    The two take turns, so that a busy machine slows both alike.
    """
    from django.contrib.auth.models import User
    from django.test import Client

    person, _is_new = User.objects.get_or_create(username="benchmark", is_superuser=True)
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(person)
    print(ROW.format("ms of a whole page", *(f"{count:,}" for count in spaces.values()), "ratio"))
    for name, query in pages().items():
        took: dict[str, list[float]] = {space: [] for space in spaces}
        for _round in range(ROUNDS):
            for space, times in took.items():
                times.append(time_page(client, space, query))
        # The first of each fills caches.
        few, many = (median(times[1:]) for times in took.values())
        print(ROW.format(name, f"{few:.1f}", f"{many:.1f}", f"{many / few:.2f}"), flush=True)
    for space, count in spaces.items():
        print(f"export of {count:,}: {export(client, space)}", flush=True)


def time_page(client: Any, space: str, query: str) -> float:
    """Return the milliseconds of one page of the report."""
    from django.urls import reverse

    work_in(space)
    started = time.perf_counter()
    response = client.get(f"{reverse('payments:orders')}?{query}")
    took = (time.perf_counter() - started) * 1000
    if b'role="rowheader"' not in response.content:
        message = f"No order is on the page {query}."
        raise SystemExit(message)
    return took


def export(client: Any, space: str) -> str:
    """Return the speed of the export, and the memory of this process before it and at most during it."""
    from django.urls import reverse

    work_in(space)
    memory = [memory_mb()]
    started, lines = time.perf_counter(), 0
    with closing(client.get(f"{reverse('payments:orders_export')}?start=&end=")) as response:
        for chunk in response:
            lines += chunk.count(b"\n")
            memory.append(memory_mb())
            if lines > EXPORTED:
                break
    rate = lines / (time.perf_counter() - started)
    return f"{rate:,.0f} rows/s of {lines:,}; memory {memory[0]} MB before, {max(memory)} MB at most"


def memory_mb() -> int:
    """Return the memory of this process, on Linux only."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() // 1024**2


def work_in(space: str) -> None:
    """Let the instance work in this data space."""
    from connector.models import Instance

    Instance.objects.update(data_space_id=space, project_id=space)


def pages() -> dict[str, str]:
    """Return what is asked for, by its name: the same of few orders and of many."""
    from order_rows import NEWEST

    from backend.frame.keyset import EPOCH

    first, last = NEWEST.date() - timedelta(days=700), NEWEST.date() - timedelta(days=500)
    far = (NEWEST - timedelta(days=600) - EPOCH) // timedelta(microseconds=1)
    every = "start=&end="
    return {
        "first page": every,
        "one pay status": f"{every}&pay_status=authorized",
        "two pay statuses": f"{every}&pay_status=authorized&pay_status=voided",
        "one refund status": f"{every}&refund_status=refunded",
        "jump of dates": f"start={first}&end={last}",
        "status and dates": f"start={first}&end={last}&pay_status=capture_confirmed",
        "page far below": f"{every}&after={far}_1",
        "beginning of a number": f"{every}&order_id=00000050",
    }
