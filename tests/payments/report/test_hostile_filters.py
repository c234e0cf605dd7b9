"""Whatever the address asks for, the report answers."""

import string

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.addresses import ORDERS
from tests.factories import know_order, know_source

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("connected")]
NAMES = [
    *("source", "start", "end", "order_id", "min_amount", "max_amount", "store_view"),
    *("pay_status", "refund_status", "dispute", "sort", "per_page", "after", "before", "range", "page"),
]
VALUES = st.one_of(
    st.text(max_size=80),
    st.text(string.digits + "-_.,", max_size=40),
    st.sampled_from(["sandbox", "2026-11-01", "1", "voided", "-ordered_at", "\0", "%", "'", "9" * 4000]),
)


@pytest.fixture(autouse=True)
def _orders(db: None) -> None:
    know_order(know_source(stores={"1": {"website": "Main"}}))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.dictionaries(st.sampled_from(NAMES), st.lists(VALUES, max_size=3), max_size=6))
def test_there_is_a_page_whatever_is_asked_for(as_dana: Client, query: dict[str, list[str]]) -> None:
    assert as_dana.get(ORDERS, query).status_code == 200
    assert as_dana.get(f"{ORDERS}export/", query, follow=True).status_code == 200
