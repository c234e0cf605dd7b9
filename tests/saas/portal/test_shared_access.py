"""My Account › Shared access: given and taken by license owners."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from saas.choices import Role
from saas.errors import LastOwnerError
from saas.models import Account, Membership
from tests.addresses import ACCOUNT, PORTAL, SHARED_ACCESS
from tests.conftest import signed_in
from tests.factories import PASSWORD, UserFactory
from tests.markup import text
from tests.saas.factories import AccountFactory, MembershipFactory

MINE = {"present_password": PASSWORD}
SAME = pytest.mark.parametrize("typed", ["dana", "DANA", " dana ", "dana@luma.example", "Dana@Luma.Example"])


@pytest.fixture
def dana() -> User:
    """Dana has no role in an account yet."""
    return UserFactory.create(username="dana", email="dana@luma.example")


def remove_path(person: User) -> str:
    return f"{SHARED_ACCESS}{person.pk}/remove/"


def roles(account: Account) -> dict[str, str]:
    return dict(account.memberships.values_list("user__username", "role"))


@SAME
def test_alice_shares_the_account_by_user_name_or_e_mail(
    as_alice: Client, account: Account, dana: User, typed: str
) -> None:
    page = as_alice.post(SHARED_ACCESS, {"person": typed, **MINE}, follow=True)
    assert "dana has shared access to Luma (MAG000000042) now." in text(page)
    assert roles(account)["dana"] == Role.SHARED_ACCESS
    assert account.mage_id in text(signed_in(dana).get(PORTAL))


def test_sharing_twice_is_sharing_once(as_alice: Client, account: Account, dana: User) -> None:
    as_alice.post(SHARED_ACCESS, {"person": "dana", **MINE}, follow=True)
    page = as_alice.post(SHARED_ACCESS, {"person": "dana@luma.example", **MINE}, follow=True)
    assert "dana has access to Luma (MAG000000042) already, so nothing was changed." in text(page)
    assert roles(account) == {"alice": Role.LICENSE_OWNER, "dana": Role.SHARED_ACCESS}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("nobody", "Nobody here has the email or user name “nobody”."),
        ("gone", "Nobody here has the email or user name “gone”."),
        ("shared@luma.example", "More than one person here has “shared@luma.example”."),
        ("alice", "alice is a license owner of this account"),
        ("erin", "erin is a license owner of this account"),
        ("", "This field is required."),
        ("d\x00", "Null characters are not allowed."),
        ("x" * 255, "at most 254 characters"),
    ],
)
def test_it_says_at_the_field_whom_it_cannot_share_with(
    as_alice: Client, account: Account, dana: User, typed: str, said: str
) -> None:
    UserFactory.create(username="gone", is_active=False)
    UserFactory.create_batch(2, email="Shared@luma.example")
    MembershipFactory.create(account=account, user__username="erin")
    page = as_alice.post(SHARED_ACCESS, {"person": typed, **MINE})
    assert said in text(page)
    assert 'id="id_person_error"' in page.content.decode()
    assert set(roles(account)) == {"alice", "erin"}


def test_a_name_that_is_the_e_mail_of_another_is_not_guessed(as_alice: Client, account: Account, dana: User) -> None:
    UserFactory.create(username="dana@luma.example")
    assert "More than one person" in text(as_alice.post(SHARED_ACCESS, {"person": "dana@luma.example", **MINE}))
    assert set(roles(account)) == {"alice"}


def test_the_list_says_who_has_access_and_in_which_role(as_alice: Client, account: Account, bob: User) -> None:
    bob.email = "bob@luma.example"
    bob.save()
    page = as_alice.get(SHARED_ACCESS)
    assert "alice License owner bob bob@luma.example Shared access Remove: bob" in text(page)
    assert re.findall(r"/(\d+)/remove/", page.content.decode()) == [str(bob.pk)]


def test_alice_takes_the_access_back_once_she_confirmed(as_alice: Client, account: Account, bob: User) -> None:
    dialog = as_alice.get(remove_path(bob))
    assert "Remove the access of bob?" in text(dialog)
    assert "bob" in roles(account)
    page = as_alice.post(remove_path(bob), {"account": account.mage_id, **MINE}, follow=True)
    assert "bob has no access to Luma (MAG000000042) any more." in text(page)
    assert set(roles(account)) == {"alice"}
    assert account.mage_id not in text(signed_in(bob).get(PORTAL))


@pytest.mark.parametrize("method", ["get", "post"])
def test_access_that_was_taken_before_is_gone(as_alice: Client, account: Account, bob: User, method: str) -> None:
    as_alice.post(remove_path(bob), MINE, follow=True)
    page = getattr(as_alice, method)(remove_path(bob), follow=True)
    assert "This person has no access to Luma (MAG000000042) any more, so nothing was changed." in text(page)


@pytest.mark.parametrize("number", [0, 10**30])
def test_a_number_that_nobody_has_is_nobody(as_alice: Client, account: Account, number: int) -> None:
    page = as_alice.get(f"{SHARED_ACCESS}{number}/remove/", follow=True)
    assert "This person has no access to Luma (MAG000000042) any more, so nothing was changed." in text(page)


def test_a_form_of_another_account_changes_nothing(as_alice: Client, alice: User, account: Account, bob: User) -> None:
    venia = MembershipFactory.create(account=AccountFactory.create(organization_name="Venia"), user=alice).account
    MembershipFactory.create(account=venia, user=bob, role=Role.SHARED_ACCESS)
    as_alice.post(ACCOUNT, {"account": venia.mage_id})
    sent = {"account": account.mage_id, **MINE}
    assert "you work in Venia" in text(as_alice.post(remove_path(bob), sent, follow=True))
    assert "you work in Venia" in text(as_alice.post(SHARED_ACCESS, sent | {"person": "bob"}))
    assert {*roles(account), *roles(venia)} == {"alice", "bob"}


def test_the_last_license_owner_stays(as_alice: Client, alice: User, account: Account) -> None:
    assert "alice is the last license owner of Luma" in text(as_alice.post(remove_path(alice), MINE, follow=True))
    assert roles(account) == {"alice": Role.LICENSE_OWNER}


def test_one_of_two_license_owners_may_go(as_alice: Client, alice: User, account: Account) -> None:
    erin = MembershipFactory.create(account=account, user__username="erin")
    stale = Membership.objects.get(user=alice)
    assert remove_path(alice) in as_alice.get(SHARED_ACCESS).content.decode()
    as_alice.post(remove_path(erin.user), MINE)
    with pytest.raises(LastOwnerError):
        stale.remove()
    assert set(roles(account)) == {"alice"}


def test_bob_neither_sees_nor_changes_who_has_access(as_bob: Client, alice: User, bob: User, account: Account) -> None:
    page = as_bob.get(SHARED_ACCESS)
    assert "These people own the license and say who else has access: alice." in text(page)
    assert 'name="person"' not in page.content.decode()
    for answer in (
        as_bob.post(SHARED_ACCESS, {"person": "bob"}),
        as_bob.get(remove_path(alice)),
        as_bob.post(remove_path(bob)),
    ):
        assert answer.status_code == 403
    assert set(roles(account)) == {"alice", "bob"}


def test_charlie_is_offered_an_account_instead(as_charlie: Client, charlie: User) -> None:
    assert "You have no role in an account yet." in text(as_charlie.get(SHARED_ACCESS))
    assert as_charlie.post(SHARED_ACCESS, {"person": "charlie"}).status_code == 403
    assert as_charlie.post(remove_path(charlie)).status_code == 403


def test_a_list_of_many_people_takes_the_same_queries(
    as_alice: Client, account: Account, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    MembershipFactory.create_batch(30, account=account, role=Role.SHARED_ACCESS)
    with django_assert_max_num_queries(7):
        as_alice.get(SHARED_ACCESS)


@pytest.mark.parametrize("given", ["", "k4nary-wrong"])
def test_without_the_password_nobody_gets_or_loses_access(
    as_alice: Client, account: Account, bob: User, dana: User, given: str
) -> None:
    for path, form in ((SHARED_ACCESS, {"person": "dana"}), (remove_path(bob), {})):
        page = as_alice.post(path, {**form, "present_password": given})
        said = "The password is not right" if given else "This field is required."
        assert said in text(page)
        assert b"k4nary" not in page.content
    assert set(roles(account)) == {"alice", "bob"}
