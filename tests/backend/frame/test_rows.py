"""The rows that every page reads are the same as those that the ORM reads."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db.models import Model
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from backend.frame.rows import row, row_and_rows, rows
from connector.gateway.client import Credentials
from connector.models import Instance, KeyPair
from tests.addresses import DASHBOARD
from tests.conftest import signed_in, stored_key_of
from tests.factories import connect, store
from tests.gateways import PRODUCTION, SANDBOX

pytestmark = pytest.mark.django_db


def values(stored: Model | None) -> dict[str, object]:
    assert stored is not None
    return {field.attname: getattr(stored, field.attname) for field in stored._meta.concrete_fields}


def test_a_row_is_what_the_orm_reads(alice: User) -> None:
    Instance.objects.current()
    Instance.objects.update(served_at=["https://a.test"], former_identifier={"project_id": "p"})
    key = stored_key_of(signed_in(alice))
    assert values(row(User, alice.pk)) == values(User.objects.get(pk=alice.pk))
    assert values(row(Session, key)) == values(Session.objects.get(pk=key))
    assert values(row(Instance, 1)) == values(Instance.objects.get(pk=1))


def test_rows_come_with_what_their_fields_lead_to(alice: User, pair: Credentials) -> None:
    connect(pair, SANDBOX, alice)
    store(PRODUCTION, pair)
    of_orm = KeyPair.objects.select_related("verification", "set_by").order_by("pk")
    ours = sorted(rows(KeyPair, "verification", "set_by"), key=lambda pair: pair.pk)
    assert [values(pair) for pair in ours] == [values(pair) for pair in of_orm]
    for name in ("verification", "set_by"):
        read = [values(getattr(pair, name)) for pair in ours if getattr(pair, name, None)]
        assert read == [values(getattr(pair, name)) for pair in of_orm if getattr(pair, name, None)]
        assert len(read) == 1


def test_it_takes_one_query(alice: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        values(row(User, alice.pk))


def test_a_row_and_the_rows_of_another_table_come_together(
    alice: User, pair: Credentials, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    Instance.objects.current()
    with django_assert_num_queries(1):
        instance, pairs = row_and_rows(Instance, 1, KeyPair, "verification", "set_by")
    assert (values(instance), pairs) == (values(row(Instance, 1)), [])
    connect(pair, SANDBOX, alice)
    store(PRODUCTION, pair)
    instance, pairs = row_and_rows(Instance, 1, KeyPair, "verification", "set_by")
    assert values(instance) == values(row(Instance, 1))
    alone = {pair.pk: pair for pair in rows(KeyPair, "verification", "set_by")}
    assert {pair.pk: values(pair) for pair in pairs} == {pk: values(pair) for pk, pair in alone.items()}
    assert [pair.set_by for pair in pairs if pair.set_by] == [alice]


def test_without_the_row_no_others_are_read(pair: Credentials) -> None:
    connect(pair)
    assert row_and_rows(Instance, 7, KeyPair) == (None, [])


@pytest.mark.parametrize(("model", "pk"), [(User, 0), (Session, "x"), (Session, "' OR 1=1 --"), (Instance, 7)])
def test_a_row_that_is_not_there_is_none(model: type[Model], pk: object, alice: User) -> None:
    assert row(model, pk) is None


def test_a_session_is_read_while_it_lasts(as_dana: Client) -> None:
    assert as_dana.get(DASHBOARD).status_code == 200


def test_a_session_that_is_gone_signs_nobody_in(as_dana: Client) -> None:
    as_dana.session.delete()
    assert as_dana.get(DASHBOARD).status_code == 302


def test_a_session_whose_time_is_over_signs_nobody_in(dana: User) -> None:
    client = signed_in(dana)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert client.get(DASHBOARD).status_code == 302


@pytest.mark.parametrize("change", ["inactive", "deleted", "password"])
def test_a_person_who_may_not_sign_in_any_more_is_signed_out(as_dana: Client, dana: User, change: str) -> None:
    if change == "deleted":
        dana.delete()
    else:
        dana.is_active = change != "inactive"
        dana.set_password("another one for tests")
        dana.save()
    assert as_dana.get(DASHBOARD).status_code == 302
