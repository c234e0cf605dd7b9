"""The search finds the report on orders, and an order by its number."""

import re

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from connector.environment import Environment
from payments.report import lookup
from tests.addresses import CONFIGURATION, ORDERS, SEARCH
from tests.dashboard.test_search import hits
from tests.factories import choose_identifier, know_order, know_source
from tests.gateways import LIVE_ID, TESTING_ID


@pytest.mark.parametrize("query", ["orders", "dispute", "refunds", "CSV", "report", "capture", "chart"])
def test_the_report_is_found_by_what_people_call_it(as_dana: Client, as_charlie: Client, query: str) -> None:
    assert hits(as_dana, query)["Order payment status"] == ORDERS
    assert "Order payment status" not in hits(as_charlie, query)


@pytest.mark.parametrize("query", ["commande", "litige", "remboursements", "csv", "rapport", "capture", "graphique"])
def test_the_report_is_found_by_what_people_call_it_in_french(as_dana: Client, query: str) -> None:
    as_dana.cookies["django_language"] = "fr"
    assert ORDERS in hits(as_dana, query).values()


@pytest.mark.parametrize("query", ["EU-000123", "#EU-000123", "4711", " 4711 "])
def test_an_order_is_found_by_its_number_or_the_id_of_its_store(as_dana: Client, query: str) -> None:
    choose_identifier()
    order = know_order(know_source(), number="EU-000123", order_id="4711")
    know_order(order.source)
    assert hits(as_dana, query) == {"EU-000123": f"{ORDERS}{order.pk}/"}


def test_an_order_of_each_environment_is_found_and_names_it(as_dana: Client) -> None:
    choose_identifier()
    for environment in Environment:
        know_order(know_source(environment), number="000000123")
    found = as_dana.get(SEARCH, {"q": "000000123"}).context["groups"]
    assert [title for title, _hits in found] == ["Orders"]
    assert sorted(hit.place.rpartition(" › ")[2] for hit in found[0][1]) == ["Live", "Sandbox"]


def test_an_order_without_a_number_is_found_by_its_id(as_dana: Client) -> None:
    choose_identifier()
    order = know_order(know_source(), number="", order_id="4711")
    assert hits(as_dana, "4711") == {"4711": f"{ORDERS}{order.pk}/"}


@pytest.mark.parametrize(
    "query", ["00000012", "0000001234", "123", "000000123 2026", "##000000123", "00000%", "x" * 65 + "1"]
)
def test_an_order_is_not_found_by_anything_else(as_dana: Client, query: str) -> None:
    choose_identifier()
    know_order(know_source(), number="000000123", order_id="9")
    assert hits(as_dana, query) == {}


def test_an_order_of_another_data_space_is_not_found(as_dana: Client) -> None:
    know_order(know_source(data_space_id=LIVE_ID), number="000000123")
    know_order(know_source(data_space_id=""), number="000000123")
    assert hits(as_dana, "000000123") == {}
    choose_identifier(TESTING_ID)
    assert hits(as_dana, "000000123") == {}


def test_an_order_is_not_found_by_somebody_who_may_not_see_it(as_charlie: Client) -> None:
    choose_identifier()
    know_order(know_source(), number="000000123")
    assert hits(as_charlie, "000000123") == {}


def test_it_lists_a_few_orders_of_one_number(as_dana: Client) -> None:
    choose_identifier()
    source = know_source()
    for _order in range(lookup.MOST + 1):
        know_order(source, number="000000123")
    assert len(as_dana.get(SEARCH, {"q": "000000123"}).context["groups"][0][1]) == lookup.MOST


def test_an_order_is_looked_up_by_its_indexes(db: None) -> None:
    source = know_source()
    for _order in range(300):
        know_order(source)
    with CaptureQueriesContext(database) as queries:
        lookup.find(TESTING_ID, "000000012")
    with database.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute(f"{database.ops.explain_query_prefix()} {queries[0]['sql']}")
        plan = str(cursor.fetchall())
    assert "payments_order_number" in plan
    assert re.search("payments_order_unique|sqlite_autoindex_payments_order_", plan)


def test_a_number_costs_two_queries_and_only_for_people_who_may_see_orders(
    as_alice: Client, as_charlie: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    choose_identifier()
    know_order(know_source(), number="000000123")
    for client in (as_alice, as_charlie):
        client.get(CONFIGURATION)
    with django_assert_num_queries(6):  # Besides those above: the connection, which the key pairs need too, and orders.
        as_alice.get(SEARCH, {"q": "000000123"})
    with CaptureQueriesContext(database) as queries:
        as_charlie.get(SEARCH, {"q": "000000123"})
    assert not any("payments_order" in query["sql"] for query in queries)
