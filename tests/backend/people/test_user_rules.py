"""Who may do what with which person in All Users."""

import pytest
from allauth.core.context import request_context
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.test import Client, RequestFactory

from backend.frame.session import SessionStore
from backend.people import users
from backend.people.user_form import UserForm
from tests.addresses import USERS
from tests.backend.frame.test_menu import sidebar
from tests.backend.people.conftest import Meanwhile
from tests.backend.people.test_users import delete_page_of, kept, page_of, typed
from tests.conftest import signed_in
from tests.factories import PASSWORD, USE_PAYMENTS, UserFactory, person
from tests.markup import field_error, text

SEES = ("auth.view_user",)
MANAGES = ("auth.view_user", "auth.add_user", "auth.change_user", "auth.delete_user")


@pytest.fixture
def grace(db: None) -> User:
    """Grace's role manages people and has Payment Services."""
    return person("grace", *MANAGES, USE_PAYMENTS)


@pytest.mark.parametrize("page", ["add/", "{pk}/change/", "{pk}/delete/"])
def test_who_may_only_see_changes_nothing(dana: User, page: str) -> None:
    client = signed_in(person("sam", *SEES, USE_PAYMENTS))
    assert client.post(USERS + page.format(pk=dana.pk), typed(confirm_name="dana")).status_code == 403


def test_who_may_only_see_gets_a_locked_form(dana: User) -> None:
    page = signed_in(person("sam", *SEES)).get(page_of(dana))
    assert "You may see this, but not change it" in text(page)
    assert "Save User" not in text(page)


def test_nobody_deactivates_or_degrades_themselves(as_alice: Client, alice: User) -> None:
    UserFactory.create(username="ada", is_superuser=True)
    as_alice.post(page_of(alice), kept(alice, is_active=None, is_superuser=None))
    alice.refresh_from_db()
    assert alice.is_active
    assert alice.is_superuser


def test_nobody_deletes_themselves(as_alice: Client, alice: User) -> None:
    assert "Delete User" not in text(as_alice.get(page_of(alice)))
    for answer in (
        as_alice.get(delete_page_of(alice), follow=True),
        as_alice.post(delete_page_of(alice), {"confirm_name": "alice", "present_password": PASSWORD}, follow=True),
    ):
        assert answer.redirect_chain == [(USERS, 302)]
        assert "You cannot delete yourself, so nothing was changed. Somebody else who manages users" in text(answer)
    assert User.objects.filter(pk=alice.pk).exists()


def test_the_last_active_administrator_stays(alice: User) -> None:
    """Two administrators make each other inactive at once: the second comes too late."""
    ada = UserFactory.create(username="ada", is_superuser=True, is_active=False)
    form = UserForm(kept(alice, is_active=None), instance=alice, actor=ada)
    assert form.non_field_errors() == ["This is the last active administrator. Make another one first."]


def test_the_last_active_administrator_is_not_deleted(alice: User, rf: RequestFactory) -> None:
    """The person who deletes is no administrator any more."""
    request = rf.post("/", {"confirm_name": "alice", "present_password": PASSWORD})
    request.user, request.session = UserFactory.create(username="ada", is_superuser=True), SessionStore()
    request.session.create()
    User.objects.filter(username="ada").update(is_superuser=False)
    with request_context(request), pytest.raises(PermissionDenied):
        users.user_delete(request, alice.pk)
    assert User.objects.filter(pk=alice.pk).exists()


def test_nobody_makes_administrators_without_being_one(as_grace: Client, dana: User) -> None:
    as_grace.post(page_of(dana), kept(dana, is_superuser="on"))
    as_grace.post(f"{USERS}add/", typed(is_superuser="on"))
    assert not User.objects.filter(is_superuser=True).exists()
    assert User.objects.filter(username="erin").exists()


def test_nobody_gives_a_role_that_is_beyond_them(as_grace: Client, bob: User, dana: User) -> None:
    role = bob.groups.get()
    assert role.name not in text(as_grace.get(page_of(dana)))
    assert field_error(as_grace.post(page_of(dana), kept(dana, groups=[role.pk])), "id_groups")
    assert role not in dana.groups.all()


@pytest.mark.parametrize("page", ["change/", "delete/"])
def test_nobody_takes_over_somebody_beyond_them(as_grace: Client, alice: User, bob: User, page: str) -> None:
    for user in (alice, bob):
        sent = kept(user, password=PASSWORD, password_again=PASSWORD, confirm_name=user.username)
        assert as_grace.post(f"{USERS}{user.pk}/{page}", sent).status_code == 403


def test_somebody_inactive_is_beyond_others_as_before(as_grace: Client, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(is_active=False)
    assert as_grace.post(page_of(bob), kept(bob, password=PASSWORD, password_again=PASSWORD)).status_code == 403


def test_nobody_changes_their_own_roles(as_grace: Client, grace: User) -> None:
    as_grace.post(page_of(grace), kept(grace, groups=[]))
    assert grace.groups.exists()


def test_it_gives_and_takes_roles(as_grace: Client, charlie: User) -> None:
    role = Group.objects.create(name="Till")
    as_grace.post(page_of(charlie), kept(charlie, groups=[role.pk]))
    assert list(charlie.groups.all()) == [role]


def test_the_menu_leads_there(as_grace: Client) -> None:
    assert f'href="{USERS}"' in sidebar(as_grace, USERS)


def test_nobody_takes_back_that_they_were_made_inactive(grace: User, meanwhile: Meanwhile) -> None:
    client = signed_in(grace)
    meanwhile(lambda: User.objects.filter(pk=grace.pk).update(is_active=False, password="!"))
    client.post(page_of(grace), kept(grace, first_name="Grace", groups=[*grace.groups.values_list("pk", flat=True)]))
    grace.refresh_from_db()
    assert (grace.first_name, grace.is_active, grace.password) == ("Grace", False, "!")


def test_nobody_comes_back_by_the_form_of_their_own_page(grace: User, meanwhile: Meanwhile) -> None:
    client = signed_in(grace)
    meanwhile(lambda: User.objects.filter(pk=grace.pk).delete())
    assert client.post(page_of(grace), kept(grace, first_name="Grace")).status_code == 404
    assert not User.objects.filter(username="grace").exists()
