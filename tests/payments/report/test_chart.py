"""The chart of the orders: its days, its columns and what they say."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils import translation
from pytest_django import Settings

from payments.models import OrderSource
from payments.orders.statuses import PayStatus
from payments.report import chart
from payments.report.chart import Chart, Drawing

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


def drawn(days: Mapping[str, Mapping[str, int]], query: str = "", now: datetime = NOON, zone: str = "UTC") -> Chart:
    source = OrderSource(read_at=now, zone=zone, days=days)
    found = chart.draw(source, QueryDict(query), now)
    assert found
    return found


def drawing(days: Mapping[str, Mapping[str, int]], query: str = "") -> Drawing:
    found = drawn(days, query).drawing
    assert found
    return found


def markup(found: Chart) -> str:
    return render_to_string("payments/report/_chart.html", {"chart": found})


def test_before_the_first_read_there_is_none() -> None:
    assert chart.draw(OrderSource(), QueryDict(), NOON) is None


@pytest.mark.parametrize(
    ("query", "days"),
    [("", 30), ("range=30", 30), ("range=15", 15), ("range=7", 7), ("range=8", 30), ("range=x", 30)],
)
def test_it_shows_as_many_days_as_asked_until_today(query: str, days: int) -> None:
    columns = drawing({"2026-11-29": {"authorized": 1}}, query).columns
    first = NOON.date() - timedelta(days=days - 1)
    assert (len(columns), columns[0].day, columns[-1].day) == (days, f"{first:%-d %b %Y}", "29 Nov 2026")


def test_a_day_without_orders_is_an_empty_column() -> None:
    columns = drawing({"2026-11-27": {"authorized": 2}, "2026-11-29": {"voided": 1}}, "range=7").columns
    assert [column.total for column in columns] == [0, 0, 0, 0, 2, 0, 1]
    assert columns[-2].label == "28 Nov 2026: 0 orders"


def test_what_is_older_than_the_range_is_left_out() -> None:
    days = {"2026-11-22": {"authorized": 5}, "2026-11-23": {"authorized": 2}}
    assert (drawing(days, "range=7").total, drawing(days).total) == (2, 7)


def test_a_column_says_its_day_and_its_numbers() -> None:
    day = {"capture_failed": 1, "capture_confirmed": 1200, "": 2}
    [column] = drawing({"2026-11-29": day}, "range=7").columns[-1:]
    assert column.label == "29 Nov 2026: 1,203 orders (Capture confirmed 1,200, No payment 2, Capture failed 1)"
    with translation.override("fr"):
        [column] = drawing({"2026-11-29": day}, "range=7").columns[-1:]
    assert column.label.startswith("29 nov. 2026\xa0: 1\xa0203 commandes (Capture confirmée 1\xa0200, ")


def test_every_pay_status_has_its_place_in_the_stack() -> None:
    assert {kind.status for kind in chart.KINDS} == {*PayStatus, ""}


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 9, 10, 99, 101, 12_345, 100_000, 1_000_001])
def test_the_axis_has_few_round_numbers_and_room_for_the_highest_column(count: int) -> None:
    found = drawing({"2026-11-29": {"authorized": count}})
    numbers = [number for _y, number in found.ticks]
    assert numbers[0] == 0
    assert 2 <= len(numbers) <= 5
    assert count <= numbers[-1] < 2 * count + 2
    assert all(re.fullmatch("[125]0*", str(later - earlier)) for earlier, later in pairwise(numbers))
    [segment] = found.columns[-1].segments
    assert segment.height == pytest.approx(count / numbers[-1] * chart.HEIGHT)


def test_one_order_among_a_hundred_thousand_can_be_seen() -> None:
    day = {"capture_confirmed": 99_997, "authorized": 1, "capture_failed": 1, "": 1}
    [column] = drawing({"2026-11-29": day}).columns[-1:]
    assert {segment.height >= chart.LEAST for segment in column.segments} == {True}
    assert sum(segment.height for segment in column.segments) == pytest.approx(chart.HEIGHT)
    bottoms = [segment.y + segment.height for segment in column.segments]
    assert bottoms == pytest.approx([chart.HEIGHT, *(segment.y for segment in column.segments[:-1])])


def test_a_quiet_day_beside_a_busy_one_stays_low() -> None:
    quiet = {"capture_confirmed": 7, "authorized": 2, "capture_failed": 1}
    columns = drawing({"2026-11-28": quiet, "2026-11-29": {"authorized": 100_000}}).columns
    assert [segment.kind.look for segment in columns[-2].segments] == ["confirmed"]
    assert columns[-2].segments[0].height == chart.LEAST


@pytest.mark.parametrize("zone", ["Europe/Paris", "Asia/Kathmandu", "Africa/Cairo"])
def test_days_are_those_of_the_zone_also_where_clocks_change(settings: Settings, zone: str) -> None:
    settings.TIME_ZONE = zone
    # The clocks of Cairo and Paris changed within these days. At this moment, it is the 2nd only in Kathmandu.
    now = datetime(2026, 11, 1, 18, 30, tzinfo=UTC)
    today = date(2026, 11, 2 if zone == "Asia/Kathmandu" else 1)
    days = {f"{today - timedelta(days=back)}": {"authorized": back + 1} for back in range(31)}
    found = drawn(days, "range=15", now, zone)
    assert found.drawing
    assert [column.total for column in found.drawing.columns] == [*range(15, 0, -1)]
    assert f"Days are in the time zone {zone}." in markup(found)


def test_counts_of_another_zone_are_not_drawn(settings: Settings) -> None:
    settings.TIME_ZONE = "Europe/Paris"
    found = drawn({"2026-11-29": {"authorized": 1}})
    assert found.drawing is None
    assert "The time zone is now Europe/Paris." in markup(found)


def test_a_range_without_orders_says_so_and_offers_the_others() -> None:
    found = markup(drawn({}, "range=7"))
    assert "No order was placed in the last 7 days." in found
    assert "<svg" not in found
    assert 'href="?range=30#chart"' in found


def test_a_source_that_was_never_counted_has_no_orders_either() -> None:
    assert "No order was placed in the last 30 days." in markup(drawn({}, zone=""))


def test_the_links_to_other_ranges_keep_the_rest_of_the_address() -> None:
    query = "pay_status=voided&pay_status=authorized&start=&range=7"
    found = {choice.days: choice for choice in drawn({}, query).ranges}
    assert found[7].is_current
    assert found[15].url == "?pay_status=voided&pay_status=authorized&start=&range=15#chart"


def test_the_drawing_and_the_table_say_the_same() -> None:
    found = drawn({"2026-11-28": {"capture_failed": 3, "authorized": 1}, "2026-11-29": {"": 4}}, "range=7")
    said = markup(found)
    assert said.count('<g class="chart-day" role="img">') == 7
    assert "<title>28 Nov 2026: 4 orders (Authorized 1, Capture failed 3)</title>" in said
    rows = re.findall(r"<tr role=\"row\">(.*?)</tr>", said, re.DOTALL)[1:]
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in rows]
    assert cells[-2:] == [["28 Nov 2026", "4", "1", "", "3"], ["29 Nov 2026", "4", "", "4", ""]]
    assert 'aria-label="8 orders from 23 Nov 2026 to 29 Nov 2026, by day and pay status"' in said


def test_what_failed_is_hatched() -> None:
    said = markup(drawn({"2026-11-29": {"capture_failed": 3, "authorized": 1}}))
    assert re.findall(r'class="(chart-[\w-]+)"[^>]*?fill="url\(#chart-hatch\)"', said) == ["chart-failed"] * 2


def test_the_same_numbers_are_drawn_once_for_each_language_and_day() -> None:
    days = {"2026-11-28": {"authorized": 1}}
    first = drawing(days, "pay_status=voided")
    assert drawing(days, "q=1") is first
    assert drawn(days, now=NOON + timedelta(days=1)).drawing is not first
    with translation.override("fr"):
        assert "Afficher en tableau" in markup(drawn(days))
    assert "Show as table" in markup(drawn(days))


def test_fewer_days_have_their_date_on_a_phone() -> None:
    columns = drawing({"2026-11-29": {"authorized": 1}}).columns
    assert [column.date for column in columns if column.date][-2:] == ["24 Nov", "29 Nov"]
    assert sum(column.is_dated_on_phone for column in columns) == 3
