"""Dates and waits are read as HTTP writes them, and never fail."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.answers import MAX_FEATURES, MAX_ROWS, parse_date, parse_retry_after, rows
from connector.errors import GatewayError
from tests.factories import row

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("0", 0), (" 30 ", 30), ("999999", 3600), ("-5", None), ("1.5", None), ("", None), ("soon", None)],
)
def test_it_reads_seconds(value: str, expected: int | None) -> None:
    assert parse_retry_after(value, NOW) == expected


@given(st.integers(min_value=-100_000, max_value=100_000))
def test_it_reads_a_date(seconds: int) -> None:
    value = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
    assert parse_retry_after(value, NOW) == min(max(0, seconds), 3600)


@given(st.text())
def test_any_text_is_a_wait_of_up_to_an_hour_or_none(value: str) -> None:
    seconds = parse_retry_after(value, NOW)
    assert seconds is None or 0 <= seconds <= 3600


@given(st.text(alphabet="SunMoJaDecGT0123456789 ,:+-", max_size=40))
def test_what_looks_like_a_date_is_one_or_none(value: str) -> None:
    date = parse_date(value)
    assert date is None or date.utcoffset() == timedelta(0)


def test_more_rows_than_a_page_can_list_are_malformed() -> None:
    assert len(rows({"results": [row()] * MAX_ROWS})) == MAX_ROWS
    with pytest.raises(GatewayError):
        rows({"results": [row()] * (MAX_ROWS + 1)})


def test_more_features_than_there_are_services_are_malformed() -> None:
    with pytest.raises(GatewayError):
        rows({"results": [row(featureSet=["Catalog Service"] * (MAX_FEATURES + 1))]})
