"""Who may change a person who has a license or shared access in My Account, and the roles of such a person."""

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from backend.audit.models import LoggedAction
from backend.people import rules
from backend.people.models import RoleRule
from saas.choices import Role
from saas.models import Account
from tests.addresses import USERS
from tests.backend.people.test_roles import MANAGES as MANAGES_ROLES
from tests.backend.people.test_roles import delete_page_of, sent
from tests.backend.people.test_roles import page_of as page_of_role
from tests.backend.people.test_user_rules import MANAGES
from tests.backend.people.test_users import kept
from tests.conftest import signed_in
from tests.factories import PASSWORD, UserFactory, person
from tests.markup import text
from tests.saas.factories import AccountFactory, MembershipFactory

OWNS = "olga owns the license of an account in My Account. Only an administrator, or somebody with the same access,"
SHARES = "sid has shared access to an account in My Account. Only an administrator, or somebody with the same access,"
NEW_PASSWORD = {"password": PASSWORD, "password_again": PASSWORD}


@pytest.fixture
def account(db: None) -> Account:
    return AccountFactory.create()


@pytest.fixture
def olga(account: Account) -> User:
    """Olga owns the license and has no role in the Admin."""
    user: User = MembershipFactory.create(account=account, user__username="olga").user
    return user


@pytest.fixture
def sid(account: Account) -> User:
    """Sid has shared access and no role in the Admin."""
    user: User = MembershipFactory.create(account=account, role=Role.SHARED_ACCESS, user__username="sid").user
    return user


@pytest.fixture
def mona(db: None) -> User:
    """Mona manages people."""
    return person("mona", *MANAGES)


@pytest.fixture
def as_mona(mona: User) -> Client:
    return signed_in(mona)


@pytest.mark.parametrize("page", ["change/", "delete/"])
@pytest.mark.parametrize("change", [NEW_PASSWORD, {"is_active": None}, {"email": "mona@shop.test"}])
def test_a_manager_of_users_does_not_take_over_a_license_owner(
    as_mona: Client, olga: User, page: str, change: dict[str, str | None]
) -> None:
    sent = kept(olga, confirm_name="olga", **change)
    assert as_mona.post(f"{USERS}{olga.pk}/{page}", sent).status_code == 403
    unchanged = User.objects.get(pk=olga.pk)
    assert (unchanged.password, unchanged.is_active, unchanged.email) == (olga.password, True, "")


def test_the_page_says_why(as_mona: Client, olga: User, sid: User) -> None:
    page = as_mona.get(f"{USERS}{olga.pk}/change/")
    assert text(page).count(OWNS) == 1
    assert "Save User" not in text(page)
    assert "Delete User" not in text(page)
    assert SHARES in text(as_mona.get(f"{USERS}{sid.pk}/change/"))


def test_who_may_only_see_users_does_not_read_of_accounts(olga: User) -> None:
    page = text(signed_in(person("vera", "auth.view_user")).get(f"{USERS}{olga.pk}/change/"))
    assert "You may see this, but not change it." in page
    assert "owns the license" not in page


def test_a_license_owner_who_manages_users_changes_people_of_the_account(
    as_mona: Client, mona: User, account: Account, olga: User, sid: User
) -> None:
    MembershipFactory.create(account=account, user=mona)
    for user in (olga, sid):
        assert as_mona.post(f"{USERS}{user.pk}/change/", kept(user, **NEW_PASSWORD)).status_code == 302


def test_shared_access_is_less_than_the_license(
    as_mona: Client, mona: User, account: Account, olga: User, sid: User
) -> None:
    MembershipFactory.create(account=account, user=mona, role=Role.SHARED_ACCESS)
    assert as_mona.post(f"{USERS}{sid.pk}/change/", kept(sid, **NEW_PASSWORD)).status_code == 302
    assert as_mona.post(f"{USERS}{olga.pk}/change/", kept(olga, **NEW_PASSWORD)).status_code == 403


def test_the_license_of_another_account_does_not_count(as_mona: Client, mona: User, olga: User) -> None:
    MembershipFactory.create(user=mona)
    assert as_mona.post(f"{USERS}{olga.pk}/change/", kept(olga, **NEW_PASSWORD)).status_code == 403


def test_an_administrator_changes_everybody(olga: User) -> None:
    as_admin = signed_in(UserFactory.create(is_superuser=True))
    assert as_admin.post(f"{USERS}{olga.pk}/change/", kept(olga, **NEW_PASSWORD)).status_code == 302


def test_a_manager_of_users_changes_people_without_an_account(as_mona: Client) -> None:
    nora = UserFactory.create(username="nora")
    assert as_mona.post(f"{USERS}{nora.pk}/change/", kept(nora, **NEW_PASSWORD)).status_code == 302


@pytest.fixture
def staff(db: None) -> Group:
    """A role that gives nothing and requires a second factor."""
    role: Group = Group.objects.create(name="Staff")
    RoleRule.objects.create(role=role, requires_second_factor=True)
    return role


@pytest.fixture
def rolf(db: None) -> User:
    """Rolf manages roles."""
    return person("rolf", *MANAGES_ROLES)


@pytest.mark.parametrize("holder", ["olga", "sid"])
def test_a_manager_of_roles_changes_no_role_of_somebody_with_an_account(
    olga: User, sid: User, staff: Group, rolf: User, holder: str
) -> None:
    staff.user_set.add({"olga": olga, "sid": sid}[holder])
    client = signed_in(rolf)
    assert client.post(page_of_role(staff), sent("Staff")).status_code == 403
    deletion = {"confirm_name": "Staff", "present_password": PASSWORD}
    assert client.post(delete_page_of(staff), deletion).status_code == 403
    assert rules.requires_second_factor(Group.objects.get(pk=staff.pk))
    refused = LoggedAction.objects.filter(result="refused", subject="Staff").order_by("pk")
    assert list(refused.values_list("action", flat=True)) == ["role_changed", "role_deleted"]


def test_the_page_of_a_role_says_why(olga: User, staff: Group, rolf: User) -> None:
    staff.user_set.add(olga)
    page = text(signed_in(rolf).get(page_of_role(staff)))
    reason = "Somebody with this role owns the license of an account in My Account. Only an administrator, or somebody"
    assert page.count(f"{reason} with the same access, can change this role.") == 1
    assert "Save Role" not in page
    assert "Delete Role" not in page


def test_people_who_may_only_see_roles_do_not_read_about_accounts(olga: User, staff: Group) -> None:
    staff.user_set.add(olga)
    page = text(signed_in(person("vera", "auth.view_group")).get(page_of_role(staff)))
    assert "You may see this, but not change it." in page
    assert "owns the license" not in page


def test_a_license_owner_who_manages_roles_changes_those_of_the_account(
    account: Account, olga: User, sid: User, staff: Group, rolf: User
) -> None:
    staff.user_set.set([olga, sid])
    MembershipFactory.create(account=account, user=rolf)
    assert signed_in(rolf).post(page_of_role(staff), sent("Staff")).status_code == 302
    assert not rules.requires_second_factor(staff)


def test_shared_access_is_not_enough_for_a_role_of_the_license_owner(
    account: Account, olga: User, sid: User, staff: Group, rolf: User
) -> None:
    MembershipFactory.create(account=account, user=rolf, role=Role.SHARED_ACCESS)
    client = signed_in(rolf)
    staff.user_set.set([sid])
    assert client.post(page_of_role(staff), sent("Staff")).status_code == 302
    staff.user_set.set([sid, olga])
    assert client.post(page_of_role(staff), sent("Staff")).status_code == 403


def test_a_role_of_many_people_takes_no_more_queries(
    account: Account, staff: Group, rolf: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    MembershipFactory.create(account=account, user=rolf)
    people = [member.user for member in MembershipFactory.create_batch(30, account=account, role=Role.SHARED_ACCESS)]
    staff.user_set.set(people)
    with django_assert_num_queries(5):
        assert rules.may_change_role(rolf, staff)
