"""Needs attention: the orders that somebody has to deal with, and a feed that has stopped."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.db import connection
from django.utils.formats import localize
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from backend.frame.days import day_of, start_of
from backend.frame.templates import date
from connector.connection import Connection
from connector.environment import Environment
from connector.headline import Tone
from payments.models import Order, OrderSource
from payments.orders.statuses import Dispute, PayStatus, RefundStatus
from payments.report import links

ORDERS = Order._meta.db_table  # noqa: SLF001  (documented)
# Counting stops here. Home then shows 99+.
MOST = 100
# A store sends its changes every minute.
LATE = timedelta(hours=1)


@dataclass(frozen=True)
class Item:
    """One thing that needs attention: what it is, where it is, and what to do about it."""

    tone: Tone
    title: str
    url: str
    text: str


@dataclass(frozen=True)
class Concern:
    """Orders with one of `values` in their column `field`, which is also the name of the report's filter.

    With `after_days`, only orders that were placed more than so many days ago.
    """

    field: str
    values: tuple[str, ...]
    tone: Tone
    titles: Any
    text: Promise | str
    after_days: int | None = None

    def before(self, now: datetime) -> datetime | None:
        """Return the moment before which the orders were placed, None if that does not matter."""
        return None if self.after_days is None else start_of(day_of(now) - timedelta(days=self.after_days))

    @property
    def count(self) -> str:
        """The SQL that counts them for `source`, up to `MOST`. Each finds them in an index.

        The indexes of refunds and disputes leave out what is empty. SQLite uses one only if the query does so too.
        """
        values = ", ".join(f"'{value}'" for value in self.values)
        older = "" if self.after_days is None else " AND ordered_at < %s"
        where = f"source_id = source.id AND {self.field} IN ({values}) AND NOT {self.field} = ''{older}"
        return f"(SELECT COUNT(*) FROM (SELECT 1 FROM {ORDERS} WHERE {where} LIMIT {MOST}) AS capped)"  # noqa: S608

    def item(self, count: int, environment: Environment, now: datetime) -> Item:
        """Return what Home shows of `count` such orders."""
        end = ""
        if self.after_days is not None:
            end = (day_of(now) - timedelta(days=self.after_days + 1)).isoformat()
        url = links.report(environment, {self.field: self.values, "start": "", "end": end})
        number = f"{MOST - 1}+" if count >= MOST else localize(count)
        return Item(self.tone, self.titles % {"number": count, "count": number}, url, str(self.text))


# By the name of their count. An order is as old as its order date, as in the filter of the report.
CONCERNS: Mapping[str, Concern] = {
    "failed_captures": Concern(
        "pay_status",
        (PayStatus.CAPTURE_FAILED,),
        Tone.BAD,
        ngettext_lazy("%(count)s order whose capture failed", "%(count)s orders whose capture failed", "number"),
        gettext_lazy(
            "Capture the payment again in your store. If that fails too, ask the buyer to pay in another way."
        ),
    ),
    "failed_refunds": Concern(
        "refund_status",
        (RefundStatus.REFUND_FAILED,),
        Tone.BAD,
        ngettext_lazy("%(count)s order whose refund failed", "%(count)s orders whose refund failed", "number"),
        gettext_lazy(
            "The buyer is still waiting for the money. Refund it again in your store, or in your PayPal account."
        ),
    ),
    "open_disputes": Concern(
        "dispute",
        tuple(dispute for dispute in Dispute if dispute is not Dispute.RESOLVED),
        Tone.BAD,
        ngettext_lazy("%(count)s order with an open dispute", "%(count)s orders with an open dispute", "number"),
        gettext_lazy("Respond in your PayPal account. If you do not respond in time, the buyer gets the money back."),
    ),
    "old_authorizations": Concern(
        "pay_status",
        (PayStatus.AUTHORIZED,),
        Tone.OPEN,
        ngettext_lazy(
            "%(count)s order that has been authorized for more than 21 days",
            "%(count)s orders that have been authorized for more than 21 days",
            "number",
        ),
        gettext_lazy("Capture the payment or cancel the order: an authorization lapses after 29 days."),
        after_days=21,
    ),
}


def load(stored: Connection, environment: Environment) -> tuple[OrderSource, dict[str, int]]:
    """Return the source of one environment, and how many orders each concern has, in one query.

    The source is an empty row if nothing was read yet. The query is not the ORM's: docs/decisions/0011 says why.
    """
    moments = [moment for concern in CONCERNS.values() if (moment := concern.before(stored.now))]
    adapted = map(connection.ops.adapt_datetimefield_value, moments)
    found = OrderSource.objects.raw(_query(), [*adapted, stored.data_space_id, environment.value])
    source = next(iter(found), None)
    if source is None:
        return OrderSource(data_space_id=stored.data_space_id, environment=environment), {}
    return source, {name: getattr(source, name) for name in CONCERNS}


@cache
def _query() -> str:
    counts = ", ".join(f"{concern.count} AS {name}" for name, concern in CONCERNS.items())
    table = OrderSource._meta.db_table  # noqa: SLF001  (documented)
    return f"SELECT source.*, {counts} FROM {table} AS source WHERE data_space_id = %s AND environment = %s"  # noqa: S608


def items(source: OrderSource, counts: Mapping[str, int], now: datetime) -> list[Item]:
    """Return what needs attention, the worst first."""
    environment = Environment(source.environment)
    found = [CONCERNS[name].item(count, environment, now) for name, count in counts.items() if count]
    return [*found, *_late_feed(source, environment)]


def _late_feed(source: OrderSource, environment: Environment) -> Iterator[Item]:
    """Yield an item if the store had sent nothing for an hour when the orders were last read."""
    if source.read_at and source.received_at and source.read_at - source.received_at > LATE:
        title = _("Nothing received from your store since %(at)s") % {"at": date(source.received_at)}
        text = _("If orders were placed or changed since then, check that the cron jobs of your store run.")
        yield Item(Tone.OPEN, title, links.report(environment), text)
