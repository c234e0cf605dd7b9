"""Rules that hold for every writer: constraints, races, provisioning."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection
from django.utils import timezone

from saas.caller import Caller
from saas.choices import Delay, KeyState, Role
from saas.errors import AlreadyIssuedError
from saas.models import Account, ApiKey, DataSpace, Fault, Membership, Merchant
from saas.new_pair import NewPair
from saas.portal.accounts import is_owner
from tests.saas.conftest import INSTANCE_ID, OTHER_INSTANCE_ID
from tests.saas.factories import ApiKeyFactory, ProjectFactory


def test_two_requests_with_one_form_race_for_one_key(
    account: Account, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = uuid.uuid4()
    generate = NewPair.generate

    def other_request_wins() -> NewPair:
        ApiKeyFactory.create(account=account, form_token=token)
        return generate()

    monkeypatch.setattr(NewPair, "generate", other_request_wins)
    with pytest.raises(AlreadyIssuedError):
        ApiKey.objects.issue(account, alice, environment="sandbox", name="Shop", form_token=token)
    assert ApiKey.objects.count() == 1


def test_a_person_has_one_role_in_an_account(account: Account, alice: User) -> None:
    with pytest.raises(IntegrityError):
        Membership.objects.create(account=account, user=alice, role=Role.SHARED_ACCESS)


CHOICES = [
    "account.edition",
    "apikey.environment",
    "membership.role",
    "merchant.status",
    "merchant.experience",
    "merchant.environment",
    "fault.kind",
]


@pytest.mark.parametrize("choice", CHOICES)
def test_the_database_refuses_an_unknown_choice(account: Account, alice: User, choice: str) -> None:
    table, column = choice.split(".")
    ApiKeyFactory.create(account=account, created_by=alice)
    project = ProjectFactory.create(account=account)
    Merchant.objects.create(data_space=project.data_spaces.get(position=0), environment="sandbox")
    Fault.objects.switch("sandbox", "500", 0)
    with pytest.raises(IntegrityError), connection.cursor() as cursor:
        cursor.execute(f"UPDATE saas_{table} SET {column} = 'odd'")  # noqa: S608  (both names are above)


def test_the_database_refuses_a_license_for_no_project(account: Account) -> None:
    with pytest.raises(IntegrityError):
        Account.objects.filter(pk=account.pk).update(project_limit=0)


@pytest.mark.parametrize("event", ["last_used", "refused"])
def test_a_use_is_written_once_a_minute(api_key: ApiKey, django_assert_num_queries: Any, event: Any) -> None:
    now = timezone.now()
    api_key.record(event, now)
    api_key.refresh_from_db()
    with django_assert_num_queries(0):
        api_key.record(event, now + timedelta(seconds=59))
    with django_assert_num_queries(1):
        api_key.record(event, now + timedelta(seconds=60))


def test_an_earlier_use_never_replaces_a_later_one(api_key: ApiKey) -> None:
    now = timezone.now()
    stale = ApiKey.objects.get(pk=api_key.pk)
    api_key.record("last_used", now)
    stale.record("last_used", now - timedelta(minutes=5))
    api_key.refresh_from_db()
    assert api_key.last_used_at == now


def test_an_instance_that_stays_is_written_once_a_minute(space: DataSpace, django_assert_num_queries: Any) -> None:
    one, other = (Caller(uuid.UUID(text), "Luma") for text in (INSTANCE_ID, OTHER_INSTANCE_ID))
    now = timezone.now()
    space.record_seen(one, now)
    space.refresh_from_db()
    with django_assert_num_queries(0):
        space.record_seen(one, now + timedelta(seconds=59))
    with django_assert_num_queries(2):
        space.record_seen(one, now + timedelta(seconds=60))
        space.record_seen(other, now + timedelta(seconds=61))
    space.refresh_from_db()
    assert space.last_seen_instance == other.instance_id


def test_who_was_seen_earlier_never_replaces_who_was_seen_later(space: DataSpace) -> None:
    one, other = (Caller(uuid.UUID(text), "Luma") for text in (INSTANCE_ID, OTHER_INSTANCE_ID))
    now, stale = timezone.now(), DataSpace.objects.get(pk=space.pk)
    space.record_seen(one, now)
    stale.record_seen(other, now - timedelta(seconds=1))
    space.refresh_from_db()
    assert space.last_seen_instance == one.instance_id


def test_a_key_works_until_the_moment_of_its_deletion(api_key: ApiKey) -> None:
    now = timezone.now()
    assert api_key.state(now) == KeyState.ACTIVE
    assert api_key.delete_at(now, Delay.DAY.duration)
    api_key.refresh_from_db()
    assert api_key.state(now + timedelta(hours=23, minutes=59)) == KeyState.SCHEDULED
    assert api_key.state(now + timedelta(hours=24)) == KeyState.DELETED


@pytest.mark.parametrize("first_is_sooner", [True, False])
def test_of_two_wishes_to_delete_the_earlier_counts(api_key: ApiKey, *, first_is_sooner: bool) -> None:
    now = timezone.now()
    wishes = [Delay.DAY, Delay.WEEK] if first_is_sooner else [Delay.WEEK, Delay.DAY]
    counted = [ApiKey.objects.get(pk=api_key.pk).delete_at(now, wish.duration) for wish in wishes]
    api_key.refresh_from_db()
    assert api_key.deleted_at == now + timedelta(hours=24)
    assert counted == [True, not first_is_sooner]


def test_a_deletion_that_lies_ahead_is_taken_back_once(api_key: ApiKey) -> None:
    now = timezone.now()
    api_key.delete_at(now, Delay.DAY.duration)
    one, other = ApiKey.objects.get(pk=api_key.pk), ApiKey.objects.get(pk=api_key.pk)
    assert [one.keep(now), other.keep(now)] == [True, False]
    api_key.refresh_from_db()
    assert (api_key.deleted_at, api_key.delete_asked_at) == (None, None)


def test_a_deletion_is_not_taken_back_at_its_very_moment(api_key: ApiKey) -> None:
    now = timezone.now()
    api_key.delete_at(now, Delay.DAY.duration)
    assert not api_key.keep(now + timedelta(hours=24))


def test_an_account_is_found_once_with_ones_own_role(alice: User, bob: User) -> None:
    owned, shared = Account.objects.current(alice), Account.objects.current(bob)
    assert owned == shared
    assert is_owner(owned)
    assert not is_owner(shared)
