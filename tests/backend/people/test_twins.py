"""Several forms sent at once create one row."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection as database
from django.test import Client

from tests.addresses import ROLES, USERS
from tests.conftest import signed_in
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(user: User, path: str, forms: list[dict[str, str]]) -> list[int]:
    """Send all of `forms` at the same moment, each from a browser of its own; return their status codes."""
    browsers, begin = [signed_in(user) for _form in forms], Barrier(len(forms))

    def send(browser: Client, form: dict[str, str]) -> int:
        browser.raise_request_exception = False
        begin.wait(10)
        try:
            return browser.post(path, form).status_code
        finally:
            database.close()

    with ThreadPoolExecutor(len(forms)) as pool:
        return sorted(pool.map(send, browsers, forms))


@pytest.mark.parametrize("names", [4 * ["dupe"], ["dupe", "Dupe", "DUPE", "dUPE"]])
def test_a_person_is_added_once(alice: User, names: list[str]) -> None:
    more = {"is_active": "on", "password": PASSWORD, "password_again": PASSWORD, "present_password": PASSWORD}
    codes = at_once(alice, f"{USERS}add/", [{"username": name, **more} for name in names])
    assert codes == [200, 200, 200, 302]
    assert User.objects.filter(username__iexact="dupe").count() == 1


@pytest.mark.parametrize("names", [4 * ["dupe"], ["dupe", "Dupe", "DUPE", "dUPE"]])
def test_a_role_is_added_once(alice: User, names: list[str]) -> None:
    codes = at_once(
        alice, f"{ROLES}add/", [{"name": name, "access": "custom", "present_password": PASSWORD} for name in names]
    )
    assert codes == [200, 200, 200, 302]
    assert Group.objects.filter(name__iexact="dupe").count() == 1
