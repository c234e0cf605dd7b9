"""What stores have sent in their feeds, and the rows of it that could not be read."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import chain
from typing import NamedTuple

from django.db import connection, models
from django.db.models import Q

from saas.choices import Environment, Feed, Unreadable
from saas.models.accounts import Account
from saas.models.projects import DataSpace

KEY_LENGTH = 64
KEPT_UNREAD = 100
# SQL by hand: for a hundred rows, the ORM takes longer to build the statement than the database to run it.
TAKE_IN = """
    INSERT INTO saas_feedrow AS stored (source_id, feed, changed_at, key, content, updated_at) VALUES {}
    ON CONFLICT (source_id, feed, key) DO UPDATE
    SET changed_at = excluded.changed_at, content = excluded.content, updated_at = excluded.updated_at
    WHERE stored.content <> excluded.content
    AND (stored.updated_at IS NULL OR excluded.updated_at IS NULL OR stored.updated_at <= excluded.updated_at)
"""


class FeedSourceQuerySet(models.QuerySet["FeedSource"]):
    """The sources of feeds, locked for the next feed or listed for people."""

    def lock(self, space: DataSpace, environment: str, now: datetime) -> "FeedSource":
        """Lock the source of `space` in `environment`, making it if there is none, and set when it was received.

        That is `now`, or later than the feed before if a clock is behind. Call it inside a transaction: until its end,
        other feeds of the source wait.
        """
        source, is_new = self.select_for_update().get_or_create(
            data_space=space, environment=environment, defaults={"received_at": now}
        )
        if not is_new:
            source.received_at = max(now, source.received_at + timedelta(microseconds=1))
            source.save(update_fields=["received_at"])
        return source

    def of_account(self, account: Account) -> "FeedSourceQuerySet":
        """Return the sources of `account` with their data spaces."""
        found = self.filter(data_space__project__account=account).select_related("data_space__project")
        return found.order_by("data_space__project__created_at", "data_space__position", "-environment")


class FeedSource(models.Model):
    """The stores of one data space in one environment. `received_at` is when they last sent a feed.

    Each feed locks its source, so the feeds of a source come one after the other. That keeps the rows of a later feed
    from being seen before those of an earlier one.
    """

    data_space = models.ForeignKey(DataSpace, on_delete=models.CASCADE, related_name="feed_sources", db_index=False)
    environment = models.CharField(max_length=10, choices=Environment)
    received_at = models.DateTimeField()

    objects = FeedSourceQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["data_space", "environment"], name="saas_feedsource_unique"),
            models.CheckConstraint(condition=Q(environment__in=Environment.values), name="saas_feedsource_environment"),
        ]

    def __str__(self) -> str:
        return f"{self.data_space_id} ({self.get_environment_display()})"


class SentRow(NamedTuple):
    """A row of a feed that could be read. `content` is its JSON, `updated_at` None if the row has no readable time."""

    key: str
    content: str
    updated_at: datetime | None


class FeedRowQuerySet(models.QuerySet["FeedRow"]):
    """The rows of feeds, as a feed changes them."""

    def take_in(self, source: FeedSource, feed: Feed, sent: Iterable[SentRow]) -> None:
        """Store each row of `sent` that is new, or that differs from the stored one and is not older.

        Of rows with the same key, the last one counts unless it is older. Call it with the source locked.
        """
        newest: dict[str, SentRow] = {}
        for row in sent:
            before = newest.get(row.key)
            is_older = before and before.updated_at and row.updated_at and row.updated_at < before.updated_at
            if not is_older:
                newest[row.key] = row
        if not newest:
            return
        adapt = connection.ops.adapt_datetimefield_value
        shared = (source.pk, feed.value, adapt(source.received_at))
        values = [(*shared, row.key, row.content, adapt(row.updated_at)) for row in newest.values()]
        places = ", ".join(["(%s, %s, %s, %s, %s, %s)"] * len(values))
        with connection.cursor() as cursor:
            cursor.execute(TAKE_IN.format(places), list(chain.from_iterable(values)))


class FeedRow(models.Model):
    """The last row that a store sent of an order, an order status or a store view, by its id there."""

    source = models.ForeignKey(FeedSource, on_delete=models.CASCADE, related_name="rows", db_index=False)
    feed = models.CharField(max_length=12, choices=Feed)
    key = models.CharField(max_length=KEY_LENGTH)
    # JSON as text: PostgreSQL's own type refuses characters that JSON can have.
    content = models.TextField()
    # When the store changed it, None if the row has no readable time.
    updated_at = models.DateTimeField(null=True)
    # When a feed last changed it here.
    changed_at = models.DateTimeField()

    objects = FeedRowQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["source", "feed", "key"], name="saas_feedrow_unique"),
            models.CheckConstraint(condition=Q(feed__in=Feed.values), name="saas_feedrow_feed"),
        ]
        indexes = [models.Index(fields=["source", "feed", "changed_at", "id"], name="saas_feedrow_changed")]

    def __str__(self) -> str:
        return f"{self.get_feed_display()} {self.key}"


class UnreadRowQuerySet(models.QuerySet["UnreadRow"]):
    """The unreadable rows of one source."""

    def keep(self, sent: Iterable["UnreadRow"]) -> None:
        """Keep the rows of `sent`, which all belong to one source; beyond 100, the oldest go."""
        rows = {row.digest: row for row in sent}
        self.bulk_create(
            rows.values(),
            update_conflicts=True,
            unique_fields=["source", "digest"],
            update_fields=["received_at"],
        )
        newest = self.order_by("-received_at", "-pk").values_list("pk", flat=True)
        self.filter(pk__in=list(newest[KEPT_UNREAD:])).delete()


class UnreadRow(models.Model):
    """A row of a feed that could not be read. The same row is kept once, with the time at which it last came."""

    source = models.ForeignKey(FeedSource, on_delete=models.CASCADE, related_name="unread_rows", db_index=False)
    feed = models.CharField(max_length=12, choices=Feed)
    reason = models.CharField(max_length=10, choices=Unreadable)
    # The values that may be kept, as JSON cut to a length; empty if the row is not an object.
    excerpt = models.TextField(blank=True)
    # Keyed, since the row may hold personal data.
    digest = models.CharField(max_length=64)
    received_at = models.DateTimeField()

    objects = UnreadRowQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["source", "digest"], name="saas_unreadrow_unique"),
            models.CheckConstraint(condition=Q(feed__in=Feed.values), name="saas_unreadrow_feed"),
            models.CheckConstraint(condition=Q(reason__in=Unreadable.values), name="saas_unreadrow_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.get_feed_display()}: {self.get_reason_display()}"
