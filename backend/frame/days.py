"""Days in the time zone of the settings. A day ends when the next one begins, also where clocks change."""

from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone


def start_of(day: date) -> datetime:
    """Return the first moment of `day`, in UTC.

    Where clocks skip midnight, it is the moment at which they do; where they show midnight twice, the first.
    """
    return datetime.combine(day, time.min, tzinfo=timezone.get_default_timezone()).astimezone(UTC)


def day_of(moment: datetime) -> date:
    """Return the day that `moment` belongs to."""
    return moment.astimezone(timezone.get_default_timezone()).date()


def within(field: str, first: date | None, last: date | None) -> dict[str, datetime]:
    """Return the filter for moments on the days from `first` to `last`. None leaves that side open."""
    bounds = {}
    if first:
        bounds[f"{field}__gte"] = start_of(first)
    if last:
        bounds[f"{field}__lt"] = start_of(last + timedelta(days=1))
    return bounds
