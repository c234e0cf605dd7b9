"""The orders of the demo store. They depend on environment, seed and date alone, so that they can be sent again.

An order is known by the second at which it was placed: the store gives each a second of its own, and numbers it by it.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

from connector.environment import Environment
from dashboard.demo_store.courses import AUTHORIZED, CARDS, COURSES, Course
from dashboard.demo_store.order import DemoOrder

DAYS = 60
MAX_SEED = 9999
MAX_ORDERS = 100_000
OPENED = datetime(2020, 1, 1, tzinfo=UTC)
# How many of a hundred orders come in each hour (UTC).
HOURS = (1, 1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 6, 7, 6, 5, 5, 6, 7, 8, 9, 8, 5, 3, 2)
# Every other second of an hour, in an order that looks random. The seconds between are for the newest order.
SECONDS, STRIDE = 1800, 1009


def orders(environment: Environment, seed: int, now: datetime) -> Iterator[dict[str, Any]]:
    """Return orders of the last 60 days, `MAX_ORDERS` at least. The first is new, and the first 60 have every state.

    What happens to an order shows from the next day (UTC) on, except for what happens at once. So on one day its row
    stays as it is, and all that changes is that new orders come.
    """
    store = _Store(environment, seed, now)
    latest = store.latest()
    yield store.order(latest, AUTHORIZED)
    for rank in range(SECONDS):
        for age in range(DAYS):
            day = now.astimezone(UTC).date() - timedelta(days=age)
            placed_at = store.moment(day, rank)
            if placed_at < latest:
                yield store.order(placed_at, store.card(day) if rank == 0 else None)


class _Store:
    def __init__(self, environment: Environment, seed: int, now: datetime) -> None:
        self._environment, self._seed, self._now = environment, seed, now.astimezone(UTC)
        self._today = datetime.combine(self._now.date(), time.min, tzinfo=UTC)
        self._cards = self._random("cards").sample(CARDS, len(CARDS))

    def _random(self, *of: object) -> Random:
        """Return a source of random numbers that is the same for the same things."""
        return Random(repr((self._environment.value, self._seed, *map(str, of))))  # noqa: S311  (nothing is secret)

    def latest(self) -> datetime:
        """Return when the newest order was placed: before the last full five minutes."""
        since_opening = int((self._now - OPENED).total_seconds())
        end = since_opening - since_opening % 300
        return OPENED + timedelta(seconds=end - 61 - 2 * self._random(end).randrange(60))

    def moment(self, day: date, rank: int) -> datetime:
        """Return when the order of this rank among those of a day was placed."""
        hour = self._random(day, rank).choices(range(24), HOURS)[0]
        second = 2 * ((self._random(day).randrange(SECONDS) + rank * STRIDE) % SECONDS)
        return datetime.combine(day, time(hour), tzinfo=UTC) + timedelta(seconds=second)

    def card(self, day: date) -> Course:
        """Return the course of the first order of a day. Any thirty days that follow each other have them all."""
        return COURSES[self._cards[day.toordinal() % len(self._cards)]]

    def order(self, placed_at: datetime, course: Course | None) -> dict[str, Any]:
        """Return the row of an order, as far as it is today. Without a `course` it takes any."""
        second = int((placed_at - OPENED).total_seconds())
        random = self._random("order", second)
        if course is None:
            course = random.choices(list(COURSES.values()), [known.weight for known in COURSES.values()])[0]
        # Environment and seed come first, so that no other orders have these numbers.
        digit = list(Environment).index(self._environment) + 1
        number = (self._seed * 10 + digit) * 10**9 + second
        order = DemoOrder(random, self._environment, number, placed_at, is_in_parts=course.is_in_parts)
        at = placed_at
        for days, step in course.steps:
            pause = timedelta(seconds=random.randint(2, 30))
            at = max(at + pause, placed_at + timedelta(days=days * random.uniform(0.9, 1.1)) + pause)
            if days and at >= self._today:
                break
            step(order, at.replace(microsecond=0))
        return order.row()
