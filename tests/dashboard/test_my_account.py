"""Who may change a person who has a role in an account of My Account."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from saas.choices import Role
from saas.models import Account
from tests.addresses import USERS
from tests.backend.people.test_user_rules import MANAGES
from tests.backend.people.test_users import kept
from tests.conftest import signed_in
from tests.factories import PASSWORD, UserFactory, person
from tests.markup import text
from tests.saas.factories import AccountFactory, MembershipFactory

OWNS = "olga owns the license of an account in My Account. Only an administrator, or somebody who has the same, can"
SHARES = "sid has shared access to an account in My Account. Only an administrator, or somebody who has the same, can"
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
