"""Where a day begins and ends, also where clocks change."""

from datetime import UTC, date, datetime, timedelta

import pytest
from pytest_django import Settings

from backend.frame.days import day_of, start_of, within


@pytest.mark.parametrize(
    ("zone", "day", "start", "hours"),
    [
        ("UTC", date(2026, 3, 29), datetime(2026, 3, 29, tzinfo=UTC), 24),
        ("Europe/Paris", date(2026, 3, 29), datetime(2026, 3, 28, 23, tzinfo=UTC), 23),
        ("Europe/Paris", date(2026, 10, 25), datetime(2026, 10, 24, 22, tzinfo=UTC), 25),
        ("Asia/Kathmandu", date(2026, 3, 29), datetime(2026, 3, 28, 18, 15, tzinfo=UTC), 24),
        # In Cairo clocks change at midnight: the first has no midnight, the day before the second is longer.
        ("Africa/Cairo", date(2026, 4, 24), datetime(2026, 4, 23, 22, tzinfo=UTC), 23),
        ("Africa/Cairo", date(2026, 10, 29), datetime(2026, 10, 28, 21, tzinfo=UTC), 25),
        ("America/Santiago", date(2026, 9, 6), datetime(2026, 9, 6, 4, tzinfo=UTC), 23),
        # In Havana the clocks go from one back to midnight, so this day has two.
        ("America/Havana", date(2026, 11, 1), datetime(2026, 11, 1, 4, tzinfo=UTC), 25),
    ],
)
def test_a_day_lasts_until_the_next_begins(
    settings: Settings, zone: str, day: date, start: datetime, hours: int
) -> None:
    settings.TIME_ZONE = zone
    following = start_of(day + timedelta(days=1))
    assert (start_of(day), (following.astimezone(UTC) - start_of(day).astimezone(UTC))) == (
        start,
        timedelta(hours=hours),
    )
    last_moment = following.astimezone(UTC) - timedelta(microseconds=1)
    assert (day_of(start), day_of(last_moment), day_of(following)) == (day, day, day + timedelta(days=1))


@pytest.mark.parametrize(
    ("first", "last", "bounds"),
    [
        (None, None, {}),
        (date(2026, 4, 24), None, {"at__gte": datetime(2026, 4, 23, 22, tzinfo=UTC)}),
        (None, date(2026, 4, 23), {"at__lt": datetime(2026, 4, 23, 22, tzinfo=UTC)}),
        (
            date(2026, 10, 29),
            date(2026, 10, 29),
            {"at__gte": datetime(2026, 10, 28, 21, tzinfo=UTC), "at__lt": datetime(2026, 10, 29, 22, tzinfo=UTC)},
        ),
    ],
)
def test_a_filter_by_days_ends_where_the_next_day_begins(
    settings: Settings, first: date | None, last: date | None, bounds: dict[str, datetime]
) -> None:
    settings.TIME_ZONE = "Africa/Cairo"
    assert within("at", first, last) == bounds
