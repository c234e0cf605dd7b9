"""The feeds of a store: what is taken in, and what of it is stored."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from saas.models import ApiKey, DataSpace, FeedRow, FeedSource, UnreadRow
from tests.factories import dump
from tests.saas.gateway.conftest import Call
from tests.saas.gateway.feeds import (
    ORDER,
    STATUSES,
    STORES,
    address,
    feed,
    order,
    orders_sent,
    send,
)
from tests.saas.gateway.test_calls import assert_not_found


@pytest.mark.parametrize("base", ["", "/gateway/sandbox"])
def test_a_feed_is_taken_in_at_every_place_of_the_gateway(call: Call, space: DataSpace, base: str) -> None:
    answer = call("POST", base + address(space), feed(order("1"), order("2")))
    assert answer == (200, {"status": 200, "read": 2, "unread": 0})
    assert sorted(orders_sent()) == ["1", "2"]


def test_every_value_of_the_row_is_stored_and_amounts_are_exact(call: Call, space: DataSpace) -> None:
    text = json.dumps(feed(ORDER)).replace("80.25", "80.1").replace("17.75", "1234567890123456.7891")
    call("POST", address(space), text)
    stored = orders_sent()["7"]
    assert set(stored) == set(ORDER)
    assert (stored["grand_total"], stored["amount_paid"]) == ("80.1", "1234567890123456.7891")
    assert (stored["total_invoiced"], stored["amount_refunded"]) == ("80", "0")
    assert (stored["items"], stored["transactions"]) == (ORDER["items"], ORDER["transactions"])
    assert (stored["invoices"], stored["credit_memos"]) == ([{**ORDER["invoices"][0], "grand_total": "80.1"}], None)


def test_values_that_a_row_lacks_are_not_made_up(call: Call, space: DataSpace) -> None:
    call("POST", address(space), feed({"id": "7"}))
    assert orders_sent() == {"7": {"id": "7"}}


def test_an_odd_value_is_kept_as_it_came_within_bounds(call: Call, space: DataSpace) -> None:
    odd = {"grand_total": "a lot", "status": 7, "currency": True, "state": "x" * 300, "updated_at": "yesterday"}
    odd |= {"created_at": {"year": 2026}, "items": "none", "invoices": [None, "one", {"id": [1]}], "store_id": None}
    call("POST", address(space), feed({"id": "7", **odd}))
    kept = odd | {"state": "x" * 255, "created_at": "{…}", "invoices": [None, "one", {"id": "[…]"}]}
    assert orders_sent()["7"] == {"id": "7", **kept}


@pytest.mark.parametrize(
    ("number", "kept"),
    [
        ("9" * 5000, "9" * 255),
        ("1e99999999999999999999", "1e99999999999999999999"),
        # Without its exponent it would be 1.
        (f"1.{'0' * 5000}e5", f"1.{'0' * 252}…"),
    ],
    ids=["digits", "exponent", "decimals"],
)
def test_a_number_of_any_length_is_kept_within_bounds(call: Call, space: DataSpace, number: str, kept: str) -> None:
    status, _answer = call(
        "POST", address(space), f'{{"feed": "orders", "data": [{{"id": "7", "grand_total": {number}}}]}}'
    )
    assert (status, orders_sent()["7"]["grand_total"]) == (200, kept)


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "’"])
def test_every_character_of_json_is_kept(call: Call, space: DataSpace, text: str) -> None:
    assert call("POST", address(space), feed(order("7", status=text)))[0] == 200
    assert orders_sent()["7"]["status"] == text


def test_of_additional_information_only_harmless_values_are_stored(call: Call, space: DataSpace) -> None:
    known = {"payments_mode": "production", "cc_last_4": "1111", "payment_source": "card"}
    private = {"paypal_payer_id": "SECRETPAYER", "cc_owner": "Veronica", "paypal_txn_id": {"payer": "Veronica"}}
    call("POST", address(space), feed(order("7", additional_information=known | private, customer="Veronica")))
    assert orders_sent()["7"]["additional_information"] == known | {"paypal_txn_id": "{…}"}


@pytest.mark.parametrize(
    "sent", ["Veronica", ["Veronica"], 7, [{"cc_owner": "Veronica"}], json.dumps({"a": "Veronica"})]
)
def test_additional_information_that_is_no_object_is_dropped(call: Call, space: DataSpace, sent: Any) -> None:
    call("POST", address(space), feed(order("7", additional_information=sent)))
    assert orders_sent()["7"]["additional_information"] == {}


def test_the_same_feed_again_changes_nothing(call: Call, space: DataSpace) -> None:
    for _time in range(2):
        call("POST", address(space), feed(order("1"), order("2")))
    before = set(FeedRow.objects.values_list("pk", "changed_at"))
    received_at = FeedSource.objects.get().received_at
    call("POST", address(space), feed(order("1"), order("2")))
    assert set(FeedRow.objects.values_list("pk", "changed_at")) == before
    assert FeedSource.objects.get().received_at > received_at


def test_a_changed_row_replaces_the_row_before_and_keeps_its_place(call: Call, space: DataSpace) -> None:
    call("POST", address(space), feed(order("7")))
    before = FeedRow.objects.get()
    call("POST", address(space), feed(order("7", status="complete", updated_at="2026-11-29 12:00:01")))
    after = FeedRow.objects.get()
    assert (after.pk, after.changed_at > before.changed_at) == (before.pk, True)
    assert orders_sent()["7"]["status"] == "complete"


def test_an_old_row_that_comes_late_is_ignored(call: Call, space: DataSpace) -> None:
    new, old = order("7", status="complete", updated_at="2026-11-29 12:00:01"), order("7")
    for rows in ([new], [old], [new, old], [old, new]):
        assert call("POST", address(space), feed(*rows))[0] == 200
        assert orders_sent()["7"]["status"] == "complete"


def test_a_row_from_the_future_does_not_keep_later_ones_out(call: Call, space: DataSpace) -> None:
    ahead = (timezone.now() + timedelta(days=400)).strftime("%Y-%m-%d %H:%M:%S")
    for row in (order("7", updated_at=ahead), order("7", status="complete")):
        assert call("POST", address(space), feed(row))[0] == 200
    assert orders_sent()["7"]["status"] == "complete"


def test_of_rows_of_the_same_moment_the_last_counts(call: Call, space: DataSpace) -> None:
    call("POST", address(space), feed(order("7", status="new"), order("7", status="complete")))
    assert orders_sent()["7"]["status"] == "complete"


def test_a_row_without_a_readable_moment_is_taken(call: Call, space: DataSpace) -> None:
    for moment in ("2026-11-29 12:00:01", "yesterday", None, 7, "0001-01-01T00:00:00+23:00", "2026-11-29 12:00:00"):
        call("POST", address(space), feed(order("7", updated_at=moment)))
        assert orders_sent()["7"]["updated_at"] == moment


def test_the_three_feeds_do_not_mix(call: Call, space: DataSpace) -> None:
    assert send(call, space, "orders", [order("1")])[0] == 200
    assert send(call, space, "sales_status", STATUSES)[1]["read"] == 2
    assert send(call, space, "stores", [*STORES, {"store_name": "Luma"}])[1] == {"status": 200, "read": 2, "unread": 1}
    assert sorted(FeedRow.objects.values_list("feed", "key")) == [
        ("orders", "1"),
        ("sales_status", "complete"),
        ("sales_status", "processing"),
        ("stores", "1"),
        ("stores", "2"),
    ]


def test_the_environment_is_that_of_the_key(call: Call, space: DataSpace, api_key: ApiKey) -> None:
    call("POST", address(space), feed(order("1", status="new")))
    ApiKey.objects.filter(pk=api_key.pk).update(environment="production")
    call("POST", address(space), feed(order("1", status="complete"), None))
    stored = {row.source.environment: json.loads(row.content)["status"] for row in FeedRow.objects.all()}
    assert stored == {"sandbox": "new", "production": "complete"}
    assert UnreadRow.objects.get().source.environment == "production"


def test_a_data_space_of_others_is_not_found(call: Call, foreign_space: DataSpace) -> None:
    for space_id in (str(foreign_space.pk), "8f2c0000-0000-4000-8000-000000000000", "nothing"):
        assert_not_found(call("POST", f"/payments/exports/commerce/orders/{space_id}", feed(order("1"))))
    assert not FeedSource.objects.exists()


def test_a_cleaned_data_space_has_no_feeds(call: Call, space: DataSpace, api_key: ApiKey) -> None:
    other = DataSpace.objects.exclude(pk=space.pk).first()
    assert other is not None
    for place in (space, other):
        send(call, place, "orders", [order("1"), None])
    ApiKey.objects.filter(pk=api_key.pk).update(environment="production")
    send(call, space, "stores", STORES)
    space.clean_up("Again")
    assert [source.data_space for source in FeedSource.objects.all()] == [other]
    assert (FeedRow.objects.count(), UnreadRow.objects.count()) == (1, 1)


def test_a_feed_takes_as_few_queries_for_many_rows_as_for_one(
    call: Call, space: DataSpace, django_assert_num_queries: Callable[..., Any]
) -> None:
    call("POST", address(space), feed())
    for count in (1, 100):
        with django_assert_num_queries(7):
            call("POST", address(space), feed(*(order(f"{count}-{number}") for number in range(count))))


def test_no_personal_data_is_anywhere_in_the_database(call: Call, space: DataSpace) -> None:
    private = {"payer_email": "veronica@example.com", "cc_owner": "Veronica", "cc_exp_year": "Veronica"}
    row = order("7", additional_information=private | {"cc_last_4": "1111"}, customer_name="Veronica")
    row["items"][0]["name"] = row["transactions"][0]["payer"] = "Veronica"
    send(call, space, "orders", [row, row | {"id": None}, "Veronica", ["Veronica"]])
    send(call, space, "stores", [STORES[0] | {"owner": "Veronica"}])
    stored = dump()
    assert ("1111" in stored, "veronica" in stored.lower()) == (True, False)
