"""What people change about themselves."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from backend.audit.models import LoggedAction
from backend.people.actions import Action
from tests.addresses import ACCOUNT_SETTING
from tests.conftest import signed_in
from tests.markup import field_error, text

PASSWORD = "present-Horse-7"

pytestmark = pytest.mark.django_db


@pytest.fixture
def erin() -> User:
    return User.objects.create_user("erin", password=PASSWORD)


@pytest.fixture
def as_erin(erin: User) -> Client:
    return signed_in(erin)


def test_it_saves_names_and_address(as_erin: Client, erin: User) -> None:
    sent = {"first_name": "Erin", "email": "erin@example.com", "present_password": PASSWORD}
    said = text(as_erin.post(ACCOUNT_SETTING, sent, follow=True))
    erin.refresh_from_db()
    assert (erin.first_name, erin.email) == ("Erin", "erin@example.com")
    assert "Your account was saved." in said
    assert erin.check_password(PASSWORD)


def test_a_new_password_keeps_the_session_and_is_logged_without_itself(as_erin: Client, erin: User) -> None:
    new = "another-Horse-8"
    as_erin.post(ACCOUNT_SETTING, {"password": new, "password_again": new, "present_password": PASSWORD})
    erin.refresh_from_db()
    assert erin.check_password(new)
    assert as_erin.get(ACCOUNT_SETTING).status_code == 200
    row = LoggedAction.objects.get(action=Action.USER_CHANGED)
    assert "password: changed" in row.after
    assert new not in row.after


@pytest.mark.parametrize(
    ("data", "field", "said"),
    [
        ({"present_password": "wrong"}, "present_password", "The password is not right"),
        ({"first_name": "Erin"}, "present_password", "required"),
        ({"password": "a", "password_again": "b", "present_password": PASSWORD}, "password_again", "differ"),
        ({"password": "123", "password_again": "123", "present_password": PASSWORD}, "password", "too short"),
        ({"first_name": "two\nlines", "present_password": PASSWORD}, "first_name", "one line"),
        ({"email": "no address", "present_password": PASSWORD}, "email", "valid email"),
    ],
)
def test_a_mistake_is_said_at_its_field_and_changes_nothing(
    as_erin: Client, erin: User, data: dict[str, str], field: str, said: str
) -> None:
    before = erin.password
    page = as_erin.post(ACCOUNT_SETTING, data)
    assert said in field_error(page, f"id_{field}")
    erin.refresh_from_db()
    assert (erin.first_name, erin.password) == ("", before)


def test_no_password_is_sent_back(as_erin: Client) -> None:
    page = as_erin.post(ACCOUNT_SETTING, {"password": "typed-Horse-9", "present_password": "wrong-Horse"})
    assert b"Horse" not in page.content


def test_guessing_the_present_password_is_limited_and_logged(as_erin: Client, erin: User) -> None:
    for _try in range(5):
        as_erin.post(ACCOUNT_SETTING, {"present_password": "wrong"})
    page = as_erin.post(ACCOUNT_SETTING, {"first_name": "Erin", "present_password": PASSWORD})
    assert "too many tries" in field_error(page, "id_present_password")
    erin.refresh_from_db()
    assert erin.first_name == ""
    rows = LoggedAction.objects.filter(action=Action.REAUTHENTICATION_FAILED).order_by("pk")
    assert [*rows.values_list("user_name", "cause")] == [("erin", "wrong_password"), ("erin", "too_many_tries")]
