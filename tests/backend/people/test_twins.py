"""Several forms sent at once create one row."""

import pytest
from django.contrib.auth.models import Group, User

from tests.addresses import ROLES, USERS
from tests.factories import PASSWORD
from tests.races import at_once, codes

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("names", [4 * ["dupe"], ["dupe", "Dupe", "DUPE", "dUPE"]])
def test_a_person_is_added_once(alice: User, names: list[str]) -> None:
    more = {"is_active": "on", "password": PASSWORD, "password_again": PASSWORD, "present_password": PASSWORD}
    answers = at_once(alice, f"{USERS}add/", [{"username": name, **more} for name in names])
    assert codes(answers) == [200, 200, 200, 302]
    assert User.objects.filter(username__iexact="dupe").count() == 1


@pytest.mark.parametrize("names", [4 * ["dupe"], ["dupe", "Dupe", "DUPE", "dUPE"]])
def test_a_role_is_added_once(alice: User, names: list[str]) -> None:
    sent = [{"name": name, "access": "custom", "present_password": PASSWORD} for name in names]
    answers = at_once(alice, f"{ROLES}add/", sent)
    assert codes(answers) == [200, 200, 200, 302]
    assert Group.objects.filter(name__iexact="dupe").count() == 1
