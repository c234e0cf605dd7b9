"""Five deletions at once are one deletion, with one row in the action log, whatever is deleted."""

import pytest
from django.contrib.auth.models import Group, User
from django.utils import timezone

from backend.audit.models import LoggedAction
from connector.gateway.client import Credentials
from connector.models import KeyPair
from saas.choices import Role
from saas.models import Account, ApiKey, Membership
from tests.addresses import CONFIGURATION, PORTAL, ROLES, SHARED_ACCESS, USERS
from tests.conftest import signed_in
from tests.factories import PASSWORD, UserFactory, store
from tests.gateways import SANDBOX
from tests.races import at_once, codes, said, together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
TIMES = 5


def done(action: str) -> int:
    """Return how often `action` was logged as done."""
    return LoggedAction.objects.filter(action=action, result="done").count()


def delete(user: User, path: str, **form: str) -> list[str]:
    """Send the same deletion five times at once. Return the messages of success; nothing may fail."""
    answers = at_once(user, path, TIMES * [form | {"present_password": PASSWORD}])
    assert set(codes(answers)) <= {200, 302, 404}
    return [text for text in said(answers) if text.startswith("success")]


def test_a_person_is_deleted_once(alice: User, bob: User) -> None:
    assert delete(alice, f"{USERS}{bob.pk}/delete/", confirm_name="bob") == ["success: bob was deleted."]
    assert done("user_deleted") == 1
    assert not User.objects.filter(pk=bob.pk).exists()


def test_of_two_administrators_who_delete_each_other_one_stays(alice: User) -> None:
    erin = UserFactory.create(username="erin", is_superuser=True)
    answers = together(
        [
            (
                signed_in(actor),
                f"{USERS}{other.pk}/delete/",
                {"confirm_name": other.username, "present_password": PASSWORD},
            )
            for actor, other in ((alice, erin), (erin, alice))
        ]
    )
    assert max(codes(answers)) < 500
    assert User.objects.filter(is_superuser=True).count() == done("user_deleted") == 1


def test_a_role_is_deleted_once(alice: User, bob: User) -> None:
    role = Group.objects.get()
    assert delete(alice, f"{ROLES}{role.pk}/delete/", confirm_name=role.name) == ["success: Role of bob was deleted."]
    assert done("role_deleted") == 1


def test_a_key_of_the_portal_is_deleted_once(alice: User) -> None:
    account = Account.objects.create_with_owner(alice, organization_name="Luma")
    key = ApiKey.objects.create(account=account, created_by=alice, environment="sandbox", name="Shop", public_key="-")
    [text] = delete(alice, f"{PORTAL}{key.pk}/delete/", confirm_name="Shop")
    assert text == "success: The key “Shop” was deleted. The gateway refuses it now."
    assert ApiKey.objects.working(timezone.now()).count() == 0


def test_shared_access_is_taken_once(alice: User, bob: User) -> None:
    account = Account.objects.create_with_owner(alice, organization_name="Luma")
    Membership.objects.create(account=account, user=bob, role=Role.SHARED_ACCESS)
    [text] = delete(alice, f"{SHARED_ACCESS}{bob.pk}/remove/", account=account.mage_id)
    assert text == f"success: bob has no access to {account} any more."


@pytest.mark.parametrize(("erase", "left"), [({}, 1), ({"erase": "on"}, 0)], ids=["removed", "erased"])
def test_a_pair_is_removed_once(alice: User, pair: Credentials, erase: dict[str, str], left: int) -> None:
    store(SANDBOX, pair)
    assert len(delete(alice, f"{CONFIGURATION}remove-keys/sandbox/", confirmation="Sandbox", **erase)) == 1
    assert done("keys_removed") == 1
    assert KeyPair.objects.count() == left


def test_a_former_pair_is_erased_once(alice: User, pair: Credentials, other_pair: Credentials) -> None:
    store(SANDBOX, other_pair)
    store(SANDBOX, pair)
    assert len(delete(alice, f"{CONFIGURATION}erase/sandbox/", confirmation="Sandbox")) == 1
    assert done("former_keys_erased") == 1
    assert KeyPair.objects.count() == 1
