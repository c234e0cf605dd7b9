"""Lets one request at a time ask a gateway: waiting holds a thread of the server, so others are turned away at once.

A turn is for one subject: to verify the pair of an environment, to refresh that environment for a page, to read orders,
or to make a change. It is a row of its own: every process sees it, and replacing the pair does not end it.
"""

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q

# A turn whose process was killed ends after this time, which is longer than the deadline of every call.
BUSY = timedelta(seconds=15)
CHANGE = "change"


class TurnQuerySet(models.QuerySet["Turn"]):
    """The turns that somebody has at this moment."""

    def begin(self, subject: str, now: datetime, duration: timedelta = BUSY) -> datetime | None:
        """Take the turn and return when it ends, or None if it is somebody else's. Call `end` to end it earlier."""
        until = now + duration
        # A turn that ends this late began before the clock was set back. It must end much later than this one would: of
        # two that begin at once, the second may have read the clock first.
        is_over = Q(until__lte=now) | Q(until__gt=until + BUSY)
        if self.filter(is_over, pk=subject).update(until=until):
            return until
        _turn, is_mine = self.get_or_create(pk=subject, defaults={"until": until})
        return until if is_mine else None

    def end(self, subject: str, until: datetime) -> None:
        """Let others ask, unless it is somebody else's turn by now."""
        self.filter(pk=subject, until=until).delete()


class Turn(models.Model):
    """The turn of somebody who is asking a gateway; it is over at `until`."""

    subject = models.CharField(primary_key=True, max_length=20)
    until = models.DateTimeField()

    objects: ClassVar = TurnQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.subject} until {self.until:%H:%M:%S}"
