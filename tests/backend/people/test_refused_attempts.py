"""Refused attempts on users, roles and memberships in the action log."""

import pytest
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.test import Client, RequestFactory

from backend.audit.models import LoggedAction
from backend.audit.refusals import RefusedError
from backend.people import users
from saas.models import Account, Membership
from tests.addresses import ACCOUNT_SETTING, ROLES, SHARED_ACCESS, USERS
from tests.backend.people.test_users import delete_page_of, kept, page_of, typed
from tests.conftest import signed_in
from tests.factories import PASSWORD, USE_PAYMENTS, UserFactory, person

MANAGES = ("auth.view_user", "auth.add_user", "auth.change_user", "auth.delete_user")
MANAGES_ROLES = ("auth.view_group", "auth.add_group", "auth.change_group", "auth.delete_group")


@pytest.fixture
def as_grace(db: None) -> Client:
    return signed_in(person("grace", *MANAGES, *MANAGES_ROLES, USE_PAYMENTS))


def refused() -> list[tuple[str, str, str]]:
    rows = LoggedAction.objects.filter(result="refused").order_by("pk")
    return list(rows.values_list("action", "subject", "cause"))


def test_taking_over_somebody_with_more_is_logged(as_grace: Client, alice: User) -> None:
    as_grace.post(page_of(alice), kept(alice, password=PASSWORD, password_again=PASSWORD))
    as_grace.post(delete_page_of(alice), {"confirm_name": "alice"})
    assert refused() == [("user_changed", "alice", "beyond"), ("user_deleted", "alice", "beyond")]


def test_giving_a_role_beyond_ones_own_is_logged(as_grace: Client, bob: User, dana: User) -> None:
    as_grace.post(page_of(dana), kept(dana, groups=[bob.groups.get().pk]))
    assert refused() == [("user_changed", "dana", "beyond")]


def test_making_an_administrator_by_hand_is_logged(as_grace: Client, dana: User) -> None:
    as_grace.post(page_of(dana), kept(dana, is_superuser="on"))
    as_grace.post(f"{USERS}add/", typed(is_superuser="on"))
    assert refused() == [("user_changed", "dana", "beyond"), ("user_created", "", "beyond")]


def test_changing_ones_own_roles_by_hand_is_logged(as_grace: Client) -> None:
    grace, role = User.objects.get(username="grace"), Group.objects.create(name="Till")
    as_grace.post(page_of(grace), kept(grace))
    assert refused() == []
    as_grace.post(page_of(grace), kept(grace, groups=[role.pk]))
    assert refused() == [("user_changed", "grace", "beyond")]


def test_an_own_name_that_was_typed_is_no_attempt_and_not_logged(as_grace: Client, dana: User) -> None:
    as_grace.post(page_of(dana), kept(dana, username="gräce", password="short"))
    assert refused() == []


def test_the_last_administrator_is_logged(
    as_alice: Client, alice: User, rf: RequestFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.frame.present_password.is_right", lambda _request: True)
    User.objects.filter(pk=alice.pk).update(is_superuser=True)
    ada = UserFactory.create(username="ada", is_superuser=True)
    request = rf.post("/", {"confirm_name": "alice", "present_password": PASSWORD})
    request.user = ada
    User.objects.filter(pk=ada.pk).update(is_active=False)
    with pytest.raises(PermissionDenied) as denied:
        users.user_delete(request, alice.pk)
    assert isinstance(denied.value, RefusedError)
    assert (denied.value.action, denied.value.refusal) == ("user_deleted", "last_administrator")


def test_deleting_oneself_is_logged(as_alice: Client, alice: User) -> None:
    as_alice.get(delete_page_of(alice))
    assert refused() == []
    as_alice.post(delete_page_of(alice), {"confirm_name": "alice"})
    assert refused() == [("user_deleted", "alice", "oneself")]


def test_a_role_beyond_ones_own_is_logged(as_grace: Client, bob: User) -> None:
    role = bob.groups.get()
    as_grace.post(f"{ROLES}{role.pk}/change/", {"name": "Renamed", "access": "custom"})
    as_grace.post(f"{ROLES}{role.pk}/delete/", {"confirm_name": role.name})
    assert refused() == [("role_changed", role.name, "beyond"), ("role_deleted", role.name, "beyond")]


def test_shutting_oneself_out_is_logged(as_grace: Client) -> None:
    role = Group.objects.get(user__username="grace")
    sent = {"name": role.name, "access": "custom", "resources": [], "present_password": PASSWORD}
    as_grace.post(f"{ROLES}{role.pk}/change/", sent)
    assert refused() == [("role_changed", role.name, "oneself")]


def test_giving_and_taking_access_to_an_account_without_owning_it_is_logged(alice: User, bob: User) -> None:
    account = Account.objects.create_with_owner(alice, organization_name="Luma")
    Membership.objects.share(account, bob)
    browser = signed_in(bob)
    browser.post(SHARED_ACCESS, {"person": "bob", "present_password": PASSWORD})
    browser.post(f"{SHARED_ACCESS}{alice.pk}/remove/", {"present_password": PASSWORD})
    denied = [("page_denied", f"saas:{name}", "not_allowed") for name in ("shared_access", "remove_access")]
    assert refused() == denied


def test_a_wrong_present_password_is_logged_without_it(as_alice: Client) -> None:
    as_alice.post(ACCOUNT_SETTING, {"email": "", "present_password": "canary"})
    assert refused() == [("reauthentication_failed", "", "wrong_password")]
    assert "canary" not in str(list(LoggedAction.objects.values()))
