"""Whose turn it is to ask a gateway: who waits for one holds a thread of the server, so others are asked to come back.

A turn is of a subject: an environment, whose pair is verified, or a change. Every process sees it, and it outlasts the
pair that was asked about.
"""

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q

# How long a turn lasts at most: longer than the deadline of every call, should the process of its owner have ended.
BUSY = timedelta(seconds=15)
CHANGE = "change"


class TurnQuerySet(models.QuerySet["Turn"]):
    """The turns that somebody has at this moment."""

    def begin(self, subject: str, now: datetime) -> datetime | None:
        """Return until when the caller alone may ask, None where it is somebody else's turn. Who asked calls `end`."""
        until = now + BUSY
        # What ends so late was begun by a clock that was put back since. A little later than this turn is not enough:
        # of two who come at once, the second may have read the clock first.
        is_over = Q(until__lte=now) | Q(until__gt=until + BUSY)
        if self.filter(is_over, pk=subject).update(until=until):
            return until
        _turn, is_mine = self.get_or_create(pk=subject, defaults={"until": until})
        return until if is_mine else None

    def end(self, subject: str, until: datetime) -> None:
        """Let others ask, unless it is somebody else's turn by now."""
        self.filter(pk=subject, until=until).delete()


class Turn(models.Model):
    """The turn of somebody who is asking a gateway; it is over when the time is."""

    subject = models.CharField(primary_key=True, max_length=10)
    until = models.DateTimeField()

    objects: ClassVar = TurnQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.subject} until {self.until:%H:%M:%S}"
