"""What `connector doctor` finds of Payment Services: how old the Admin's copy of the orders is."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from connector import connection
from connector.doctor.findings import Check, Finding, fine, wrong
from payments.models import Order, OrderSource

# A timer reads them every few minutes, and an open page does too.
_OLD = timedelta(days=1)


def orders() -> Iterator[Finding]:
    """Say how old the copy of the orders is, for each environment that has one."""
    stored, now = connection.load(), timezone.now()
    sources = list(OrderSource.objects.filter(data_space_id=stored.data_space_id).order_by("-environment"))
    for source in sources:
        if source.read_at is None:
            yield wrong(f"{source.environment}: never read completely.", "python manage.py payments sync")
            continue
        count = Order.objects.filter(source=source).count()
        text = f"{source.environment}: {count} orders, read at {source.read_at.isoformat(timespec='seconds')}"
        if source.failed_code:
            text = f"{text}; the last attempt failed: {source.failed_code}"
        is_old = now - source.read_at > _OLD or bool(source.failed_code)
        yield wrong(text, "python manage.py payments sync, and under a timer") if is_old else fine(text)
    if not sources:
        yield fine("no orders were read in this data space")


CHECKS = (Check("orders", orders, needs_database=True),)
