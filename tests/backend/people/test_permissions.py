"""What somebody may do: their own permissions and those of their roles."""

import pytest
from django.contrib.auth.models import User
from pytest_django import DjangoAssertNumQueries

from backend.people import resources
from tests.factories import CONFIGURE, MANAGE_KEY, USE_PAYMENTS

pytestmark = pytest.mark.django_db


def test_permissions_take_one_query(bob: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    bob.user_permissions.set(resources.permissions_named([MANAGE_KEY]))
    with django_assert_num_queries(1):
        assert bob.get_all_permissions() == {CONFIGURE, USE_PAYMENTS, MANAGE_KEY}
        assert bob.has_perm(MANAGE_KEY)
    assert not bob.has_perm(MANAGE_KEY, obj=bob)


def test_somebody_who_may_not_sign_in_may_do_nothing(bob: User) -> None:
    bob.is_active = False
    assert bob.get_all_permissions() == set()


def test_a_superuser_may_do_everything(alice: User) -> None:
    assert alice.get_all_permissions() >= {CONFIGURE, USE_PAYMENTS, MANAGE_KEY}
