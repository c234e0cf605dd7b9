"""What stores have sent, on the page of the fault switch, and the rows that could not be read."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from saas.models import DataSpace, FeedRow, UnreadRow
from tests.addresses import FAULTS
from tests.saas.factories import AccountFactory, ProjectFactory
from tests.saas.gateway.conftest import Call, call
from tests.saas.gateway.feeds import STORES, order, send

__all__ = ["call"]
FORGET = f"{FAULTS}unread/forget/"


def text_of(client: Client) -> str:
    return client.get(FAULTS).content.decode()


@pytest.mark.usefixtures("may_switch")
def test_it_counts_what_each_data_space_received(as_alice: Client, call: Call, space: DataSpace) -> None:
    send(call, space, "orders", [order("1"), order("2"), None])
    send(call, space, "stores", STORES)
    context = as_alice.get(FAULTS).context
    assert [(source.data_space, orders, unread) for source, orders, unread in context["sources"]] == [(space, 2, 1)]


@pytest.mark.usefixtures("may_switch")
def test_it_lists_what_could_not_be_read_and_why(as_alice: Client, call: Call, space: DataSpace) -> None:
    send(call, space, "orders", ["Veronica", {"state": "<new>", "owner": "Veronica"}])
    page = text_of(as_alice)
    for shown in ("It is not an object.", "It has no id of 1 to 64 characters.", "&lt;new&gt;", "Luma EU / Production"):
        assert shown in page
    assert "Veronica" not in page


@pytest.mark.usefixtures("may_switch", "space")
def test_it_says_that_nothing_came_yet(as_alice: Client) -> None:
    page = text_of(as_alice)
    assert "No store has sent anything yet" in page
    assert "Forget them" not in page


@pytest.mark.usefixtures("may_switch")
def test_unreadable_rows_are_forgotten_on_request(as_alice: Client, call: Call, space: DataSpace) -> None:
    send(call, space, "orders", [order("1"), None])
    response = as_alice.post(FORGET)
    assert (response.status_code, response["Location"]) == (302, FAULTS)
    assert (UnreadRow.objects.count(), FeedRow.objects.count()) == (0, 1)
    send(call, space, "orders", [None])
    assert UnreadRow.objects.count() == 1


@pytest.mark.usefixtures("may_switch")
def test_what_others_received_is_not_shown_and_not_forgotten(
    as_alice: Client, charlie: User, as_charlie: Client, call: Call, space: DataSpace
) -> None:
    send(call, space, "orders", [order("1"), {"state": "Luma only"}])
    charlie.user_permissions.add(Permission.objects.get(codename="change_fault"))
    assert as_charlie.post(FORGET).status_code == 404
    ProjectFactory.create(account=AccountFactory.create(organization_name="Venia"))
    assert "Luma only" in text_of(as_alice)
    assert "Luma only" not in text_of(as_charlie)
    assert UnreadRow.objects.exists()


def test_it_takes_the_permission_to_forget(as_charlie: Client, call: Call, space: DataSpace) -> None:
    send(call, space, "orders", [None])
    assert as_charlie.post(FORGET).status_code == 403
    assert UnreadRow.objects.exists()


@pytest.mark.usefixtures("may_switch")
def test_many_rows_take_no_more_queries_than_one(
    as_alice: Client, call: Call, space: DataSpace, django_assert_max_num_queries: Any
) -> None:
    send(call, space, "orders", [{"state": str(number)} for number in range(100)])
    with django_assert_max_num_queries(20):
        as_alice.get(FAULTS)
