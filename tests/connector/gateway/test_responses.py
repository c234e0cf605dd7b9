"""Dates, waits, rows and instances of a response: how they are read, and what is left out."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import GatewayError
from connector.gateway.responses import (
    MAX_FEATURES,
    MAX_ROWS,
    DataSpace,
    LastInstance,
    listed,
    parse_date,
    parse_retry_after,
)
from tests.gateways import PROJECT_ID, TESTING_ID, row

SEEN = {"id": "5f0c7a52-9b0e-4a5e-8a3a-0d2f6c1b7e90", "name": "Luma · EU", "seenAt": "2026-11-20T12:00:00.000Z"}
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
    assert len(listed({"results": [row()] * MAX_ROWS}).spaces) == MAX_ROWS
    with pytest.raises(GatewayError):
        listed({"results": [row()] * (MAX_ROWS + 1)})


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"environmentName": None}, {"name": TESTING_ID}),
        ({"environmentName": " "}, {"name": TESTING_ID}),
        ({"environmentName": "\u200b\xad"}, {"name": TESTING_ID}),
        ({"environmentName": "x" * 256}, {"name": "x" * 254 + "…"}),
        ({"environmentName": "a\0\ud800b"}, {"name": "ab"}),
        ({"projectName": 7}, {"project_name": PROJECT_ID}),
        ({"environmentType": None}, {"type": ""}),
        ({"environmentType": "Of another kind"}, {"type": "Of another kind"}),
        ({"environmentType": "x" * 65}, {"type": "x" * 63 + "…"}),
        ({"mageId": None}, {"mage_id": ""}),
        ({"organizationName": []}, {"organization_name": ""}),
        ({"featureSet": "Catalog Service"}, {"features": None}),
        ({"featureSet": ["A", None, "", 7, "B"]}, {"features": ("A", "B")}),
        ({"featureSet": ["A"] * (MAX_FEATURES + 1)}, {"features": ("A",) * MAX_FEATURES}),
    ],
)
def test_an_odd_row_is_shown_as_far_as_it_can_be(changes: dict[str, Any], shown: dict[str, Any]) -> None:
    read = listed({"results": [row(**changes), row()]})
    assert vars(read.spaces[0]).items() >= shown.items()
    assert (len(read.spaces), read.left_out) == (2, 0)


@pytest.mark.parametrize(
    "odd", [None, 7, [], {}, row(environmentId=None), row(environmentId="a/b"), row(projectId=None)], ids=repr
)
def test_a_row_that_leads_nowhere_is_left_out_and_counted(odd: Any) -> None:
    read = listed({"results": [row(), odd]})
    assert ([space.id for space in read.spaces], read.left_out) == ([TESTING_ID], 1)


def data_space(last_instance: Any) -> DataSpace:
    (space,) = listed({"results": [row(lastInstance=last_instance)]}).spaces
    return space


def test_a_row_names_who_was_last_seen_there() -> None:
    seen = data_space(SEEN).last_instance
    assert seen == LastInstance(SEEN["id"], "Luma · EU", datetime(2026, 11, 20, 12, tzinfo=UTC))


def test_the_registry_of_adobe_names_no_instance() -> None:
    (space,) = listed({"results": [row()]}).spaces
    assert space.last_instance is None
    assert space.occupant("ours", NOW) is None


@pytest.mark.parametrize(
    "value",
    [
        None,
        7,
        [],
        "Luma",
        {},
        SEEN | {"id": "a b"},
        SEEN | {"id": None},
        SEEN | {"name": "\0"},
        SEEN | {"name": "x" * 256},
        SEEN | {"name": None},
        SEEN | {"seenAt": "yesterday"},
        SEEN | {"seenAt": "2026-11-20T12:00:00"},
        SEEN | {"seenAt": "0001-01-01T00:00:00+14:00"},
        SEEN | {"seenAt": 1},
    ],
)
def test_a_malformed_instance_is_no_error_and_none(value: Any) -> None:
    assert data_space(value).last_instance is None


@given(
    st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.dictionaries(st.text(), inner))
)
def test_no_last_instance_is_an_error(value: Any) -> None:
    assert data_space(value).last_instance is None


@pytest.mark.parametrize("last_instance", [SEEN, None])
def test_a_data_space_survives_being_stored(last_instance: Any) -> None:
    space = data_space(last_instance)
    assert DataSpace.from_json(json.loads(json.dumps(space.to_json()))) == space


@pytest.mark.parametrize(
    ("instance_id", "days", "is_occupied"),
    [
        ("another", 0, True),
        ("another", 30, True),
        ("another", 30.01, False),
        ("another", -1, True),
        (SEEN["id"], 0, False),
    ],
)
def test_another_instance_occupies_a_data_space_for_thirty_days(
    instance_id: str, days: float, *, is_occupied: bool
) -> None:
    space = data_space(SEEN)
    assert space.last_instance
    now = space.last_instance.seen_at + timedelta(days=days)
    occupant = space.occupant(instance_id, now)
    assert occupant == (space.last_instance if is_occupied else None)
