"""Time the report on the orders that are stored: its pages, and its export as CSV. Call it after `django.setup()`."""

import resource
import time
from datetime import timedelta
from statistics import median

ROUNDS = 15
EXPORTED = 100_000


def time_pages(data_space_id: str) -> None:
    """Print how long each page of the report takes, and the export, for the orders of `data_space_id`."""
    from django.contrib.auth.models import User
    from django.test import Client
    from django.urls import reverse

    from connector.models import Instance

    instance = Instance.objects.current()
    Instance.objects.filter(pk=instance.pk).update(data_space_id=data_space_id, project_id=data_space_id)
    person, _is_new = User.objects.get_or_create(username="benchmark", is_superuser=True)
    client, address = Client(), reverse("payments:orders")
    client.force_login(person)
    for name, query in pages().items():
        took = []
        for _round in range(ROUNDS):
            started = time.perf_counter()
            response = client.get(f"{address}?{query}", HTTP_HOST="127.0.0.1")
            took.append((time.perf_counter() - started) * 1000)
        found = response.content.count(b'role="rowheader"')
        print(f"{name:<22} {median(took):6.1f} ms  {found} rows  {response.status_code}", flush=True)
    started, lines = time.perf_counter(), 0
    for chunk in client.get(f"{reverse('payments:orders_export')}?start=&end=", HTTP_HOST="127.0.0.1"):
        lines += chunk.count(b"\n")
        if lines > EXPORTED:
            break
    rate = lines / (time.perf_counter() - started)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"export                 {rate:,.0f} rows/s, {memory} MB of memory at most", flush=True)


def pages() -> dict[str, str]:
    """Return what is asked for, by its name: the same on few orders and on many."""
    from backend.frame.keyset import EPOCH
    from payments.models import Order

    newest = Order.objects.order_by("-ordered_at").values_list("ordered_at", flat=True)[0]
    first, last = newest.date() - timedelta(days=700), newest.date() - timedelta(days=500)
    far = (newest - timedelta(days=600) - EPOCH) // timedelta(microseconds=1)
    every = "start=&end="
    return {
        "first page": every,
        "one status": f"{every}&pay_status=authorized",
        "two statuses": f"{every}&pay_status=authorized&pay_status=voided",
        "refund status": f"{every}&refund_status=refunded",
        "jump of dates": f"start={first}&end={last}",
        "status and dates": f"start={first}&end={last}&pay_status=capture_confirmed",
        "page far below": f"{every}&after={far}_1",
        "number": f"{every}&order_id=000000500",
    }
