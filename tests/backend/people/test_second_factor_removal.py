"""Removing the second factor of somebody who has lost it: by those who may change them, and from a shell."""

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from backend.audit.models import LoggedAction
from tests.addresses import USERS
from tests.backend.people.second_factors import TWO_FACTOR, give_app, give_codes, give_passkey, is_in
from tests.backend.people.test_people_command import logged, refused, run
from tests.conftest import signed_in
from tests.factories import PASSWORD, person
from tests.markup import text

pytestmark = pytest.mark.django_db

MINE = {"present_password": PASSWORD}


@pytest.fixture
def erin(db: None) -> User:
    """Erin has everything that a person can have for a second factor."""
    erin = person("erin")
    give_app(erin)
    give_codes(erin)
    give_passkey(erin)
    return erin


@pytest.fixture
def grace(db: None) -> User:
    """Grace's role manages users."""
    return person("grace", "auth.view_user", "auth.change_user")


def removal(of: User) -> str:
    return f"{USERS}{of.pk}/two-factor/remove/"


def test_the_page_of_a_person_leads_there(as_grace: Client, erin: User, charlie: User) -> None:
    assert removal(erin) in as_grace.get(f"{USERS}{erin.pk}/change/").content.decode()
    assert removal(charlie) not in as_grace.get(f"{USERS}{charlie.pk}/change/").content.decode()


def test_the_page_of_a_person_says_whether_they_have_one(as_grace: Client, erin: User, charlie: User) -> None:
    assert "This person has a second factor." in text(as_grace.get(f"{USERS}{erin.pk}/change/"))
    assert "This person has no second factor." in text(as_grace.get(f"{USERS}{charlie.pk}/change/"))


def test_it_asks_for_the_name_and_removes_everything(as_grace: Client, erin: User) -> None:
    assert "Remove the second factor of “erin”?" in text(as_grace.get(removal(erin)))
    as_grace.post(removal(erin), {"confirm_name": "somebody", **MINE})
    assert Authenticator.objects.count() == 3
    as_grace.post(removal(erin), {"confirm_name": "erin", **MINE})
    assert not Authenticator.objects.exists()
    row = LoggedAction.objects.get(action="second_factor_removed")
    assert (row.user_name, row.subject, row.before) == ("grace", "erin", "totp\nwebauthn")


def test_without_the_password_of_who_removes_it_nothing_is_removed(as_grace: Client, erin: User) -> None:
    page = as_grace.post(removal(erin), {"confirm_name": "erin", "present_password": "not hers"})
    assert "The password is not right" in text(page)
    assert Authenticator.objects.count() == 3


def test_the_person_is_signed_out(as_grace: Client, erin: User) -> None:
    client = signed_in(erin)
    as_grace.post(removal(erin), {"confirm_name": "erin", **MINE})
    assert not is_in(client)
    assert LoggedAction.objects.get(action="second_factor_removed").after == "sessions: 1"


def test_nobody_removes_that_of_somebody_with_more(as_grace: Client, known: User, erin: User, bob: User) -> None:
    give_app(known)
    give_app(bob)
    for of in (known, bob):
        assert as_grace.post(removal(of), {"confirm_name": of.username, **MINE}).status_code == 403
    assert signed_in(person("henry", "auth.view_user")).post(removal(erin)).status_code == 403
    assert Authenticator.objects.count() == 5


def test_ones_own_is_removed_on_ones_own_page(known: User, settings: Settings) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    give_app(known)
    client = signed_in(known)
    assert client.post(removal(known), {"confirm_name": "alice", **MINE}).headers["Location"] == TWO_FACTOR
    assert Authenticator.objects.count() == 1


def test_the_list_shows_who_has_one(
    as_grace: Client, erin: User, charlie: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    give_codes(charlie)
    for number in range(5):
        give_app(person(f"somebody-{number}"))
    with django_assert_max_num_queries(9):
        answer = as_grace.get(USERS)
    assert {row[0].username for row in answer.context["rows"] if row[2]} == {
        "erin",
        *(f"somebody-{number}" for number in range(5)),
    }


def test_a_shell_removes_it(erin: User) -> None:
    out = run("remove-second-factor", "erin", "--confirm", "erin")
    assert "erin has no second factor any more, and signs in with the password alone." in out
    assert not Authenticator.objects.exists()
    row = logged()
    assert (row.action, row.subject, row.before) == ("second_factor_removed", "erin", "totp\nwebauthn")


def test_a_shell_says_when_a_new_one_is_needed(erin: User, settings: Settings) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    assert "sets up a new one at the next sign-in" in run("remove-second-factor", "erin", "--confirm", "erin")


def test_a_shell_removes_nothing_without_the_name(erin: User) -> None:
    assert "That is not the name." in refused("remove-second-factor", "erin", "--confirm", "somebody")
    assert Authenticator.objects.count() == 3


def test_a_shell_says_where_there_is_none(charlie: User) -> None:
    assert run("remove-second-factor", "charlie", "--confirm", "charlie") == "charlie has no second factor.\n"
