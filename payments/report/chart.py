"""The chart of the orders: a column for each day, stacked by pay status. It counts orders and adds up no amounts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from math import ceil

from django.conf import settings
from django.http import QueryDict
from django.utils.formats import date_format, get_format, localize
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, ngettext

from backend.frame.days import day_of
from backend.frame.withheld import without_withheld
from payments.models import OrderSource
from payments.orders.statuses import NO_PAYMENT, PayStatus

# How many days it can show. One day in so many has its date below: on a wide screen, and on a phone.
RANGES = {30: (5, 10), 15: (3, 6), 7: (1, 2)}
DEFAULT = 30
# How high the columns can be, in px. The template has the same number.
HEIGHT = 180
# The least height of a segment, so that one order among 100,000 can be seen.
LEAST = 4
# How much of the width of a day its column takes.
SHARE = 0.72


@dataclass(frozen=True)
class Kind:
    """Orders of one pay status, or without one. `look` is the end of their CSS class."""

    status: str
    look: str
    label: Promise | str


# From the bottom of a column to its top, and in the order of the legend: confirmed first, failed last.
KINDS = (
    Kind(PayStatus.CAPTURE_CONFIRMED, "confirmed", PayStatus.CAPTURE_CONFIRMED.label),
    Kind(PayStatus.PARTIAL_CAPTURE, "partial", PayStatus.PARTIAL_CAPTURE.label),
    Kind(PayStatus.CAPTURE_REQUESTED, "requested", PayStatus.CAPTURE_REQUESTED.label),
    Kind(PayStatus.AUTHORIZED, "authorized", PayStatus.AUTHORIZED.label),
    Kind("", "none", NO_PAYMENT),
    Kind(PayStatus.VOIDED, "voided", PayStatus.VOIDED.label),
    Kind(PayStatus.CAPTURE_FAILED, "failed", PayStatus.CAPTURE_FAILED.label),
)


@dataclass(frozen=True)
class Segment:
    """The orders of one kind in a column."""

    kind: Kind
    y: float
    height: float


@dataclass(frozen=True)
class Column:
    """One day, with the number of orders by the look of their kind.

    `x` and `width` are percentages of the chart, `date` is the text on the axis, if any.
    """

    day: str
    label: str
    counts: Mapping[str, int]
    x: float
    width: float
    segments: tuple[Segment, ...]
    date: str
    is_dated_on_phone: bool

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


@dataclass(frozen=True)
class Range:
    """A choice of how many days are shown, and its address."""

    days: int
    label: str
    url: str
    is_current: bool


@dataclass(frozen=True, eq=False)
class Drawing:
    """What depends on the orders alone. `ticks` are heights in px with their numbers, `legend` has those of each kind.

    The same numbers give the same object, which is rendered once: that takes longer than the rest of Home.
    """

    zone: str
    columns: tuple[Column, ...]
    ticks: tuple[tuple[float, int], ...]
    legend: tuple[tuple[Kind, int], ...]

    @property
    def total(self) -> int:
        return sum(count for _kind, count in self.legend)


@dataclass(frozen=True)
class Chart:
    """What the template shows: the choice of a range, and the drawing, which is None if no order was placed in it.

    If `is_outdated`, the stored counts are of days in another time zone, and nothing is drawn.
    """

    ranges: tuple[Range, ...]
    days: int
    drawing: Drawing | None = None
    is_outdated: bool = False

    @property
    def zone(self) -> str:
        return settings.TIME_ZONE


def draw(source: OrderSource, query: QueryDict, now: datetime) -> Chart | None:
    """Return the chart of `source` for the range that the address of the page asks for; None before a first read.

    The links to the other ranges keep what else is in `query`.
    """
    if source.read_at is None:
        return None
    asked = query.get("range", "")
    length = next((days for days in RANGES if str(days) == asked), DEFAULT)
    ranges, today = tuple(_ranges(query, length)), day_of(now)
    if source.days and source.zone != settings.TIME_ZONE:
        return Chart(ranges, length, is_outdated=True)
    days = (today - timedelta(days=back) for back in reversed(range(length)))
    counts = tuple(tuple(_counts(source, day)) for day in days)
    drawing = _drawing(today, counts, settings.TIME_ZONE, get_language()) if any(counts) else None
    return Chart(ranges, length, drawing)


@lru_cache(maxsize=64)
def _drawing(today: date, counts: tuple[tuple[tuple[str, int], ...], ...], zone: str, _language: str) -> Drawing:
    length, of_days = len(counts), [dict(of_day) for of_day in counts]
    most = max(sum(of_day.values()) for of_day in of_days)
    step = _step(most)
    top = ceil(most / step) * step
    wide, phone = RANGES[length]
    short = get_format("DATE_FORMAT").replace("Y", "").strip()
    columns = []
    for place, of_day in enumerate(of_days):
        # Counted from today, so that today always has its date.
        back = length - 1 - place
        day = today - timedelta(days=back)
        column = Column(
            day=date_format(day),
            label=_label(day, of_day),
            counts=of_day,
            x=(place + (1 - SHARE) / 2) * 100 / length,
            width=SHARE * 100 / length,
            segments=tuple(_segments(of_day, HEIGHT / top)),
            date=date_format(day, short) if back % wide == 0 else "",
            is_dated_on_phone=back % phone == 0,
        )
        columns.append(column)
    ticks = tuple((HEIGHT - number * HEIGHT / top, number) for number in range(0, top + 1, step))
    return Drawing(zone, tuple(columns), ticks, tuple(_legend(of_days)))


def _ranges(query: QueryDict, current: int) -> Iterator[Range]:
    rest = without_withheld(query)
    for days in RANGES:
        rest["range"] = str(days)
        label = gettext("%(count)s days") % {"count": days}
        yield Range(days, label, f"?{rest.urlencode()}#chart", days == current)


def _counts(source: OrderSource, day: date) -> Iterator[tuple[str, int]]:
    """Yield the number of each kind on a day."""
    stored = source.days.get(day.isoformat(), {})
    for kind in KINDS:
        if stored.get(kind.status):
            yield kind.look, stored[kind.status]


def _step(most: int) -> int:
    """Return the distance of the ticks, so that there are five at most: 1, 2 or 5, or these with zeros."""
    power = 1
    while True:
        for factor in (1, 2, 5):
            if most <= 4 * factor * power:
                return factor * power
        power *= 10


def _segments(counts: Mapping[str, int], px_each: float) -> Iterator[Segment]:
    room = max(sum(counts.values()) * px_each, LEAST)
    # A low column has room for its most frequent kinds only.
    shown = sorted(counts, key=lambda look: -counts[look])[: int(room // LEAST)]
    heights = {look: max(counts[look] * px_each, LEAST) for look in shown}
    if heights:
        # The thin ones were made higher, so the highest one gets lower: the column keeps its height.
        heights[shown[0]] = max(heights[shown[0]] + room - sum(heights.values()), LEAST)
    y: float = HEIGHT
    for kind in KINDS:
        if kind.look in heights:
            y -= heights[kind.look]
            yield Segment(kind, y, heights[kind.look])


def _label(day: date, counts: Mapping[str, int]) -> str:
    total = sum(counts.values())
    text = ngettext("%(day)s: %(count)s order", "%(day)s: %(count)s orders", total)
    label = text % {"day": date_format(day), "count": localize(total)}
    parts = ", ".join(f"{kind.label} {localize(counts[kind.look])}" for kind in KINDS if kind.look in counts)
    return f"{label} ({parts})" if parts else label


def _legend(counts: list[dict[str, int]]) -> Iterator[tuple[Kind, int]]:
    for kind in KINDS:
        total = sum(of_day.get(kind.look, 0) for of_day in counts)
        if total:
            yield kind, total
