"""The chart of the orders: a column for each day, stacked by pay status. It counts orders and adds up no amounts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil

from django.conf import settings
from django.http import QueryDict
from django.utils.formats import date_format, get_format, localize
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from backend.frame.withheld import without_withheld
from payments.models import OrderSource
from payments.orders.days import day_of
from payments.orders.statuses import PayStatus

# How many days it shows, and every how many of them have their date below: on a wide screen, and on a phone.
RANGES = {30: (5, 10), 15: (3, 6), 7: (1, 2)}
DEFAULT = 30
# How high the columns can be, in px. The template has the same number.
HEIGHT = 180
# The least height of a segment: one order among 100,000 can still be seen.
LEAST = 4
# How much of the room of a day its column takes.
SHARE = 0.72


@dataclass(frozen=True)
class Kind:
    """Orders of one pay status, or without any. `look` is the end of the class of what shows them."""

    status: str
    look: str
    label: Promise | str


# From the bottom of a column to its top, and the order of the legend: what is well comes first, what failed last.
KINDS = (
    Kind(PayStatus.CAPTURE_CONFIRMED, "confirmed", PayStatus.CAPTURE_CONFIRMED.label),
    Kind(PayStatus.PARTIAL_CAPTURE, "partial", PayStatus.PARTIAL_CAPTURE.label),
    Kind(PayStatus.CAPTURE_REQUESTED, "requested", PayStatus.CAPTURE_REQUESTED.label),
    Kind(PayStatus.AUTHORIZED, "authorized", PayStatus.AUTHORIZED.label),
    Kind("", "none", _("No payment yet")),
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

    `x` and `width` are percentages of the chart, `date` is what the axis says, if anything.
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


@dataclass(frozen=True)
class Chart:
    """What the template draws. `ticks` are heights in px with their numbers, `legend` has the number of each kind.

    Where `is_outdated`, the stored counts are of days in another time zone, and there are no columns.
    """

    ranges: tuple[Range, ...]
    days: int
    zone: str
    columns: tuple[Column, ...] = ()
    ticks: tuple[tuple[float, int], ...] = ()
    legend: tuple[tuple[Kind, int], ...] = ()
    is_outdated: bool = False

    @property
    def total(self) -> int:
        return sum(count for _kind, count in self.legend)


def draw(source: OrderSource, query: QueryDict, now: datetime) -> Chart | None:
    """Return the chart of `source` for the range that the address of the page asks for; None before a first read.

    The links to the other ranges keep what else is in `query`.
    """
    if source.read_at is None:
        return None
    asked = query.get("range", "")
    length = next((days for days in RANGES if str(days) == asked), DEFAULT)
    ranges, zone = tuple(_ranges(query, length)), settings.TIME_ZONE
    if source.days and source.zone != zone:
        return Chart(ranges, length, zone, is_outdated=True)
    today = day_of(now)
    days = [today - timedelta(days=back) for back in reversed(range(length))]
    counts = [_counts(source, day) for day in days]
    most = max(sum(of_day.values()) for of_day in counts)
    step = _step(most)
    top = max(ceil(most / step) * step, 1)
    wide, phone = RANGES[length]
    short = get_format("DATE_FORMAT").replace("Y", "").strip()
    columns = [
        Column(
            day=date_format(day),
            label=_said(day, of_day),
            counts=of_day,
            x=(place + (1 - SHARE) / 2) * 100 / length,
            width=SHARE * 100 / length,
            segments=tuple(_segments(of_day, HEIGHT / top)),
            # Counted from today, which always has its date.
            date=date_format(day, short) if (length - 1 - place) % wide == 0 else "",
            is_dated_on_phone=(length - 1 - place) % phone == 0,
        )
        for place, (day, of_day) in enumerate(zip(days, counts, strict=True))
    ]
    ticks = tuple((HEIGHT - number * HEIGHT / top, number) for number in range(0, top + 1, step))
    return Chart(ranges, length, zone, tuple(columns), ticks, tuple(_legend(counts)))


def _ranges(query: QueryDict, current: int) -> Iterator[Range]:
    rest = without_withheld(query)
    for days in RANGES:
        rest["range"] = str(days)
        label = gettext("%(count)s days") % {"count": days}
        yield Range(days, label, f"?{rest.urlencode()}#chart", days == current)


def _counts(source: OrderSource, day: date) -> dict[str, int]:
    stored = source.days.get(day.isoformat(), {})
    return {kind.look: stored[kind.status] for kind in KINDS if stored.get(kind.status)}


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
    # A column that is low itself has room for its most frequent kinds only.
    shown = sorted(counts, key=lambda look: -counts[look])[: int(room // LEAST)]
    heights = {look: max(counts[look] * px_each, LEAST) for look in shown}
    if heights:
        # What the thin ones are too high, the highest one is too low: the column keeps its height.
        heights[shown[0]] = max(heights[shown[0]] + room - sum(heights.values()), LEAST)
    y: float = HEIGHT
    for kind in KINDS:
        if kind.look in heights:
            y -= heights[kind.look]
            yield Segment(kind, y, heights[kind.look])


def _said(day: date, counts: Mapping[str, int]) -> str:
    total = sum(counts.values())
    text = ngettext("%(day)s: %(count)s order", "%(day)s: %(count)s orders", total)
    said = text % {"day": date_format(day), "count": localize(total)}
    parts = ", ".join(f"{kind.label} {localize(counts[kind.look])}" for kind in KINDS if kind.look in counts)
    return f"{said} ({parts})" if parts else said


def _legend(counts: list[dict[str, int]]) -> Iterator[tuple[Kind, int]]:
    for kind in KINDS:
        total = sum(of_day.get(kind.look, 0) for of_day in counts)
        if total:
            yield kind, total
