"""Sign-ins and sign-outs in the action log."""

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

from backend.audit.models import LoggedAction
from tests.addresses import ACCOUNT_SETTING, LOGIN
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def erin() -> User:
    return User.objects.create_user("erin", password=PASSWORD)


def sign_in(client: Client, login: str, password: str = PASSWORD) -> None:
    client.post(LOGIN, {"login": login, "password": password}, REMOTE_ADDR="192.0.2.9")


def test_signing_in_and_out_is_logged(client: Client, erin: User) -> None:
    sign_in(client, "erin")
    client.post("/admin/logout/", REMOTE_ADDR="192.0.2.9")
    rows = LoggedAction.objects.order_by("pk").values_list("action", "user_id", "user_name", "address", "result")
    assert list(rows) == [
        ("signed_in", erin.pk, "erin", "192.0.2.9", "done"),
        ("signed_out", erin.pk, "erin", "192.0.2.9", "done"),
    ]


def test_a_wrong_password_is_logged_under_the_name_that_exists(client: Client, erin: User) -> None:
    sign_in(client, "erin", "wrong")
    row = LoggedAction.objects.get()
    assert (row.action, row.user_id, row.cause, row.address) == ("sign_in_failed", erin.pk, "credentials", "192.0.2.9")


def test_what_was_typed_as_a_name_that_nobody_has_is_not_kept(erin: User, client: Client) -> None:
    sign_in(client, "canary-typed-into-the-wrong-field")
    row = LoggedAction.objects.get()
    assert (row.action, row.user_id, row.user_name) == ("sign_in_failed", None, "")
    assert "canary" not in str(list(LoggedAction.objects.values()))


def test_tries_that_are_not_looked_at_are_logged_once_a_minute(client: Client, erin: User) -> None:
    for _try in range(8):
        sign_in(client, "erin", "wrong")
    causes = LoggedAction.objects.order_by("pk").values_list("cause", "address", "user_id")
    assert list(causes) == 5 * [("credentials", "192.0.2.9", erin.pk)] + [("too_many_tries", "192.0.2.9", None)]


def test_tries_that_several_processes_refuse_are_logged_once(client: Client, erin: User) -> None:
    for _process in range(2):
        cache.clear()
        for _try in range(7):
            sign_in(client, "erin", "wrong")
    assert LoggedAction.objects.filter(cause="too_many_tries").count() == 1


def test_each_address_is_logged_for_itself(client: Client) -> None:
    for address in ("192.0.2.1", "192.0.2.2"):
        for _try in range(32):
            client.post(LOGIN, {"login": address, "password": "x"}, REMOTE_ADDR=address)
    refused = LoggedAction.objects.filter(cause="too_many_tries").order_by("pk").values_list("address", flat=True)
    assert list(refused) == ["192.0.2.1", "192.0.2.2"]


def test_a_network_of_ipv6_is_logged_as_one_address(client: Client) -> None:
    for number in range(40):
        client.post(LOGIN, {"login": f"{number}", "password": "x"}, REMOTE_ADDR=f"2001:db8::{number:x}")
    assert LoggedAction.objects.filter(cause="too_many_tries").count() == 1


def test_trying_too_often_elsewhere_is_no_sign_in(as_alice: Client) -> None:
    for _try in range(30):
        as_alice.post(ACCOUNT_SETTING, {"present_password": "x"})
    assert not LoggedAction.objects.filter(action="sign_in_failed").exists()
