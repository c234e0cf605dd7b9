"""The feeds of a store: what is taken in, and what each bad body gets for an answer."""

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from saas.choices import Feed
from saas.gateway.feed_rows import read_row
from saas.gateway.feeds import MAX_BYTES
from saas.models import ApiKey, DataSpace, FeedRow, FeedSource, UnreadRow
from tests.factories import dump
from tests.saas.conftest import Signer
from tests.saas.gateway.conftest import Call
from tests.saas.gateway.feeds import ORDER, STATUSES, STORES, address, feed, order, orders_sent, send
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
    assert list(stored) == sorted(stored, key=list(stored).index)
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


@pytest.mark.parametrize("number", ["9" * 5000, "1e99999999999999999999", f"0.{'1' * 5000}"])
def test_a_number_of_any_length_is_kept_within_bounds(call: Call, space: DataSpace, number: str) -> None:
    status, _answer = call(
        "POST", address(space), f'{{"feed": "orders", "data": [{{"id": "7", "grand_total": {number}}}]}}'
    )
    assert (status, orders_sent()["7"]["grand_total"]) == (200, number[:255])


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


def test_of_rows_of_the_same_moment_the_last_counts(call: Call, space: DataSpace) -> None:
    call("POST", address(space), feed(order("7", status="new"), order("7", status="complete")))
    assert orders_sent()["7"]["status"] == "complete"


def test_a_row_without_a_readable_moment_is_taken(call: Call, space: DataSpace) -> None:
    for moment in ("2026-11-29 12:00:01", "yesterday", None, 7, "0001-01-01T00:00:00+23:00", "2026-11-29 12:00:00"):
        call("POST", address(space), feed(order("7", updated_at=moment)))
        assert orders_sent()["7"]["updated_at"] == moment


@pytest.mark.parametrize("broken", [None, 7, "Veronica", [{"id": "1"}], {}, {"id": ""}, {"id": " "}, {"id": None}])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_broken_row_is_kept_apart_and_the_others_are_taken_in(
    call: Call, space: DataSpace, broken: Any, place: int
) -> None:
    rows = [order("1"), order("2")]
    rows.insert(place, broken)
    assert call("POST", address(space), feed(*rows)) == (200, {"status": 200, "read": 2, "unread": 1})
    assert sorted(orders_sent()) == ["1", "2"]
    assert UnreadRow.objects.get().reason == ("no_id" if isinstance(broken, dict) else "no_object")


@pytest.mark.parametrize("key", [True, 1.5, "x" * 65, int("9" * 65), ["1"], "a\nb", "a\x00b", "\ud800"])
def test_it_needs_an_id_of_64_characters_at_most(call: Call, space: DataSpace, key: Any) -> None:
    assert call("POST", address(space), feed(order(key), order("x" * 64), order(7)))[1]["read"] == 2
    assert sorted(orders_sent()) == ["7", "x" * 64]


def test_of_a_broken_row_only_harmless_values_are_kept(call: Call, space: DataSpace) -> None:
    row = order(None, customer="Veronica", additional_information={"cc_owner": "Veronica"}, state="x" * 999)
    row["items"] = 1000 * row["items"]
    call("POST", address(space), feed(row))
    unread = UnreadRow.objects.get()
    assert unread.excerpt.startswith('{"id":null,"increment_id":"000000007"')
    assert (len(unread.excerpt), "Veronica" in unread.excerpt) == (1000, False)


def test_the_same_broken_row_counts_once(call: Call, space: DataSpace) -> None:
    for _time in range(3):
        call("POST", address(space), feed("Veronica", {"state": "new"}, {"state": "new"}))
    assert UnreadRow.objects.count() == 2


def test_the_last_hundred_broken_rows_are_kept(call: Call, space: DataSpace) -> None:
    call("POST", address(space), feed({"state": "first"}, *range(60)))
    call("POST", address(space), feed(*range(30, 110)))
    call("POST", address(space), feed({"state": "last"}))
    kept = UnreadRow.objects.exclude(excerpt="")
    assert (UnreadRow.objects.count(), [row.excerpt for row in kept]) == (100, ['{"state":"last"}'])


def test_a_broken_row_may_be_nested_as_deeply_as_it_likes(space: DataSpace) -> None:
    row: list[Any] = []
    for _level in range(100_000):
        row = [row]
    source = FeedSource.objects.lock(space, "sandbox", timezone.now())
    assert isinstance(read_row(source, Feed.ORDERS, row), UnreadRow)


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


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE"])
def test_a_feed_is_posted(client: Client, api_key: ApiKey, sign: Signer, space: DataSpace, method: str) -> None:
    response = client.generic(method, address(space), headers=sign(api_key.api_key))
    assert (response.status_code, response["Allow"]) == (405, "POST")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "null",
        "7",
        "[" * 100_000,
        '{"feed": "orders"}',
        '{"feed": "orders", "data": null}',
        '{"feed": "orders", "data": {}}',
        '{"feed": "orders", "data": "rows"}',
        '{"feed": "stores", "data": []}',
        '{"feed": ["orders"], "data": []}',
        '{"data": []}',
        '{"feed": "orders", "data": [{"id": "1", "grand_total": NaN}]}',
        '{"feed": "orders", "data": [{"id": "1", "grand_total": -Infinity}]}',
        b'{"feed": "orders", "data": ["\xff"]}',
        '{"feed": "orders", "data": []}'.encode("utf-16"),
    ],
    ids=lambda body: str(body)[:40],
)
def test_a_body_that_is_no_feed_is_told_what_to_send(
    client: Client, api_key: ApiKey, sign: Signer, space: DataSpace, body: str | bytes
) -> None:
    response = client.generic("POST", address(space), body, "application/json", headers=sign(api_key.api_key))
    answer = response.json()
    assert (response.status_code, answer["status"], answer["statusText"]) == (400, 400, "Bad Request")
    assert 'Send {"feed": "orders", "data": […]}.' in answer["message"]
    assert not FeedSource.objects.exists()


def test_a_feed_without_rows_is_received(call: Call, space: DataSpace) -> None:
    assert call("POST", address(space), feed()) == (200, {"status": 200, "read": 0, "unread": 0})
    assert FeedSource.objects.exists()


def test_it_takes_a_thousand_rows_and_no_more(call: Call, space: DataSpace) -> None:
    rows = [{"id": number} for number in range(1001)]
    status, answer = call("POST", address(space), feed(*rows))
    assert (status, answer["message"]) == (413, "The feed has 1001 rows. Send at most 1000.")
    assert not FeedRow.objects.exists()
    assert call("POST", address(space), feed(*rows[1:]))[1]["read"] == 1000


def test_it_takes_five_megabytes_and_no_more(call: Call, space: DataSpace) -> None:
    fitting = json.dumps(feed(order("1"))).ljust(5 * 1024 * 1024)
    assert call("POST", address(space), fitting)[0] == 200
    status, answer = call("POST", address(space), fitting + " ")
    assert (status, answer["status"]) == (413, 413)


def test_a_body_that_is_sent_as_a_form_is_read_all_the_same(
    client: Client, api_key: ApiKey, sign: Signer, space: DataSpace
) -> None:
    sent_as = "application/x-www-form-urlencoded"
    response = client.post(address(space), json.dumps(feed(order("1"))), sent_as, headers=sign(api_key.api_key))
    assert response.status_code == 200


@pytest.mark.parametrize("length", ["", "-1", "10", "many"])
def test_a_wrong_length_is_no_error_of_ours(call: Call, space: DataSpace, length: str) -> None:
    assert call("POST", address(space), feed(order("1")), **{"Content-Length": length})[0] == 400


@pytest.mark.parametrize(("size", "status"), [(0, 200), (6_000_000, 413)])
def test_a_body_in_chunks_is_read_where_the_server_says_its_end(
    client: Client, api_key: ApiKey, sign: Signer, space: DataSpace, size: int, status: int
) -> None:
    chunks = BytesIO(json.dumps(feed(order("1"))).encode().ljust(size))
    environ: dict[str, Any] = {"wsgi.input": chunks, "wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
    response = client.generic("POST", address(space), headers=sign(api_key.api_key), **environ)
    assert (response.status_code, response.json()["status"]) == (status, status)
    assert chunks.tell() <= MAX_BYTES + 1


def test_wrong_keys_are_refused_before_anything_is_read(
    client: Client, sign: Signer, api_key: ApiKey, space: DataSpace
) -> None:
    refused = {"x-gw-signature": "forged"}
    for headers, status in ((sign(api_key.api_key) | refused, 401), (sign("f" * 32), 403), ({}, 403)):
        response = client.post(address(space), "{", "application/json", headers=headers)
        assert response.status_code == status
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
