"""Sign-ins and sign-outs in the action log."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from connector.action_log import LoggedAction

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-one-for-tests"


@pytest.fixture
def erin() -> User:
    return User.objects.create_user("erin", password=PASSWORD)


def sign_in(client: Client, login: str, password: str = PASSWORD) -> None:
    client.post("/admin/login/", {"login": login, "password": password}, REMOTE_ADDR="192.0.2.9")


def test_signing_in_and_out_is_logged(client: Client, erin: User) -> None:
    sign_in(client, "erin")
    client.post("/admin/logout/", REMOTE_ADDR="192.0.2.9")
    rows = LoggedAction.objects.order_by("pk").values_list("action", "user", "user_name", "address", "result")
    assert list(rows) == [
        ("signed_in", erin.pk, "erin", "192.0.2.9", "done"),
        ("signed_out", erin.pk, "erin", "192.0.2.9", "done"),
    ]


def test_a_wrong_password_is_logged_under_the_name_that_exists(client: Client, erin: User) -> None:
    sign_in(client, "erin", "wrong")
    row = LoggedAction.objects.get()
    assert (row.action, row.user, row.cause, row.address) == ("sign_in_failed", erin, "credentials", "192.0.2.9")


@pytest.mark.usefixtures("erin")
def test_what_was_typed_as_a_name_that_nobody_has_is_not_kept(client: Client) -> None:
    sign_in(client, "canary-typed-into-the-wrong-field")
    row = LoggedAction.objects.get()
    assert (row.action, row.user, row.user_name) == ("sign_in_failed", None, "")
    assert "canary" not in str(list(LoggedAction.objects.values()))
