"""The rows of the action log, and what of them a person has seen in the bell."""

from typing import Any, ClassVar, NamedTuple, Self

from django.conf import settings
from django.db import connections, models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backend.audit import actor, reading
from backend.audit.actions import Result

# Each word costs a look at every row.
MAX_WORDS = 5


class LoggedActionQuerySet(models.QuerySet["LoggedAction"]):
    """Rows of the action log."""

    def containing(self, text: str) -> Self:
        """Keep the rows that hold every word of `text`, five at most, in any column that people see.

        A code is found by itself and by its label in the language of the page.
        """
        found = self
        for word in text.split()[:MAX_WORDS]:
            columns = ("user_name", "address", "subject", "before", "after")
            holds = Q.create([(f"{column}__icontains", word) for column in columns], connector=Q.OR)
            found = found.filter(holds | reading.read_with(word))
        return found

    def events(self) -> Self:
        """Keep the connection events, newest first."""
        return self.filter(is_event=True).order_by("-pk")

    def newest_events(self, user_id: Any, limit: int) -> list["EventRow"]:
        """Return the newest connection events, and whether this person has not seen them.

        Every page asks this, and our own SQL takes a tenth of the time that the ORM needs to write it. The moment is
        text that nobody reads: in a restored database, it distinguishes an event from an earlier one with its key.
        """
        with connections[self.db].cursor() as cursor:
            cursor.execute(_NEWEST_EVENTS, [user_id, limit])
            return [EventRow(*row) for row in cursor.fetchall()]


class EventRow(NamedTuple):
    """The columns of an event that the bell reads on every page."""

    pk: int
    at: str
    action: str
    subject: str
    user_id: int | None
    result: str
    is_new: bool


class LoggedAction(models.Model):
    """One row of the log. It is written once: triggers of the database keep anything from changing or deleting it."""

    at = models.DateTimeField(default=timezone.now, editable=False)
    # No foreign key: the row stays as it is when the user is deleted.
    user_id = models.BigIntegerField(null=True)
    # It is empty for this system itself, and for somebody unknown.
    user_name = models.CharField(max_length=150, blank=True)
    address = models.GenericIPAddressField(null=True, unpack_ipv4=True)
    action = models.CharField(max_length=32)
    subject = models.CharField(max_length=255, blank=True)
    result = models.CharField(max_length=10, choices=Result.choices)
    cause = models.CharField(max_length=32, blank=True)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
    is_event = models.BooleanField(default=False)

    objects: ClassVar = LoggedActionQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        permissions = [("view_action_log", _("See the action log"))]
        indexes = [
            models.Index(fields=["at", "id"], name="audit_log_by_time"),
            models.Index(fields=["user_name", "at"], name="audit_log_by_person"),
            models.Index(fields=["action", "at"], name="audit_log_by_action"),
            models.Index(fields=["result", "at"], name="audit_log_by_result"),
            models.Index(fields=["id"], name="audit_log_events", condition=Q(is_event=True)),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.user_name or '-'} {self.action} {self.subject}".strip()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add the row. Raises TypeError for a row that exists: nobody changes the log."""
        if not self._state.adding:
            message = "A row of the action log is never changed."
            raise TypeError(message)
        super().save(*args, **kwargs)

    @property
    def person(self) -> str:
        """Who did it, as people read it; empty where nobody is known."""
        return actor.shown(self.user_name)

    @property
    def is_done(self) -> bool:
        return self.result == Result.DONE


class ChainLink(models.Model):
    """The place of a row in the chain: a number without gaps, the digest before, and the digest of all of this."""

    number = models.BigIntegerField(primary_key=True)
    # No constraint of the database: a link stays where somebody removed its row, and names it.
    row = models.OneToOneField(LoggedAction, on_delete=models.DO_NOTHING, db_constraint=False, related_name="link")
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.number} {self.digest}"


class Checkpoint(models.Model):
    """All rows up to `number` were deleted because of their age. The digest is that of the last of them."""

    number = models.BigIntegerField(primary_key=True)
    digest = models.CharField(max_length=64)
    rows = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.number} {self.digest}"


class SeenEventsQuerySet(models.QuerySet["SeenEvents"]):
    """Which events people have seen."""

    def begin(self, user_id: Any) -> None:
        """Let a person who signs in for the first time begin with what happens from now on."""
        newest = LoggedAction.objects.events().values_list("pk", flat=True).first()
        self.get_or_create(user_id=user_id, defaults={"up_to": newest or 0})

    def advance(self, user_id: Any, up_to: int) -> None:
        """Note that this person has seen every event up to the row `up_to`. It never goes back."""
        row, is_new = self.get_or_create(user_id=user_id, defaults={"up_to": up_to})
        if not is_new:
            self.filter(pk=row.pk, up_to__lt=up_to).update(up_to=up_to)


class SeenEvents(models.Model):
    """The newest connection event that a person has seen in the bell."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    up_to = models.BigIntegerField()

    objects: ClassVar = SeenEventsQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.up_to)


_NEWEST_EVENTS = f"""
    SELECT id, CAST(at AS TEXT), action, subject, user_id, result,
      id > COALESCE((SELECT up_to FROM {SeenEvents._meta.db_table} WHERE user_id = %s), 0)
    FROM {LoggedAction._meta.db_table} WHERE is_event ORDER BY id DESC LIMIT %s
"""  # noqa: S608, SLF001  (the names of our tables)
