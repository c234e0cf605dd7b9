"""Needs attention: the orders that somebody has to deal with, and a feed that has stopped."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import OuterRef, QuerySet
from django.utils.formats import localize
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from backend.frame.capped_count import CappedCount
from backend.frame.templates import date
from connector.connection import Connection
from connector.environment import Environment
from connector.headline import Tone
from payments.models import Order, OrderSource
from payments.orders import sources
from payments.orders.days import day_of, start_of
from payments.orders.statuses import Dispute, PayStatus, RefundStatus
from payments.report import links

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

    def orders(self, now: datetime) -> QuerySet[Order]:
        """Return them, for the source of the query around it. Each query finds them in an index."""
        found = Order.objects.filter(source=OuterRef("pk"), **{f"{self.field}__in": self.values})
        # The indexes of refunds and disputes have this condition. SQLite uses one only if the query has it too.
        found = found.exclude(**{self.field: ""})
        if self.after_days is not None:
            found = found.filter(ordered_at__lt=start_of(day_of(now) - timedelta(days=self.after_days)))
        return found

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

    The source is an empty row if nothing was read yet.
    """
    counts = {name: CappedCount(concern.orders(stored.now), MOST) for name, concern in CONCERNS.items()}
    source = sources.find(stored, environment, **counts)
    return source, {name: getattr(source, name) for name in CONCERNS} if source.pk else {}


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
