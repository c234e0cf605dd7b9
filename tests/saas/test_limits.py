"""How many keys and accounts can be made, also by several requests at once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from saas.choices import Environment
from saas.limits import NEW_ACCOUNTS, NEW_KEYS, WORKING_KEYS, LimitReachedError
from saas.models import Account, ApiKey
from saas.new_pair import NewPair
from tests.addresses import CREATE_ACCOUNT, PORTAL
from tests.markup import text
from tests.saas.factories import AccountFactory, ApiKeyFactory, MembershipFactory
from tests.saas.test_merchant_races import at_once

NEW_KEY = {"environment": "sandbox", "name": "Luma shop"}
NEW_ACCOUNT = {"organization_name": "Venia", "edition": "open_source"}


@pytest.fixture(autouse=True)
def _quick_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make no RSA keys: here, only how many there are counts."""
    monkeypatch.setattr(NewPair, "generate", lambda: NewPair("public", "private"))


def keys(account: Account, count: int, maker: User | None = None, **facts: Any) -> list[ApiKey]:
    """Make `count` keys of the sandbox at once."""
    rows = [ApiKeyFactory.build(account=account, created_by=maker, **facts) for _number in range(count)]
    return ApiKey.objects.bulk_create(rows)


def accounts(count: int, maker: User) -> None:
    Account.objects.bulk_create(AccountFactory.build(created_by=maker) for _number in range(count))


def test_an_account_has_so_many_working_keys_in_an_environment(as_alice: Client, account: Account) -> None:
    keys(account, WORKING_KEYS.number)
    page = as_alice.post(PORTAL, NEW_KEY)
    assert "this account has 500 keys for this environment" in text(page)
    assert ApiKey.objects.count() == WORKING_KEYS.number
    assert 'id="new-private-key"' not in page.content.decode()


def test_deleted_keys_and_the_other_environment_do_not_count(as_alice: Client, account: Account) -> None:
    keys(account, WORKING_KEYS.number, deleted_at=timezone.now())
    keys(account, WORKING_KEYS.number, environment=Environment.PRODUCTION)
    assert 'id="new-private-key"' in as_alice.post(PORTAL, NEW_KEY).content.decode()


def test_a_key_that_still_works_counts_until_it_is_deleted(as_alice: Client, account: Account) -> None:
    keys(account, WORKING_KEYS.number, deleted_at=timezone.now() + timedelta(hours=1))
    assert "No key was made" in text(as_alice.post(PORTAL, NEW_KEY))


def test_a_person_makes_so_many_keys_an_hour_in_all_accounts(as_alice: Client, alice: User) -> None:
    keys(AccountFactory.create(), NEW_KEYS.number, alice)
    assert "you made 200 keys within an hour" in text(as_alice.post(PORTAL, NEW_KEY))
    ApiKey.objects.update(created_at=timezone.now() - timedelta(minutes=61))
    assert 'id="new-private-key"' in as_alice.post(PORTAL, NEW_KEY).content.decode()


def test_the_keys_of_others_do_not_count_for_a_person(as_alice: Client, account: Account) -> None:
    keys(account, NEW_KEYS.number, MembershipFactory.create(account=account).user)
    assert 'id="new-private-key"' in as_alice.post(PORTAL, NEW_KEY).content.decode()


def test_a_form_that_was_sent_before_says_so_at_the_limit_too(as_alice: Client, account: Account) -> None:
    last = keys(account, WORKING_KEYS.number)[-1]
    page = as_alice.post(PORTAL, NEW_KEY | {"form_token": str(last.form_token)})
    assert "This form was sent before" in text(page)


def test_a_person_creates_so_many_accounts_a_day(as_charlie: Client, charlie: User) -> None:
    accounts(NEW_ACCOUNTS.number, charlie)
    page = as_charlie.post(CREATE_ACCOUNT, NEW_ACCOUNT)
    assert "No account was created: you created 100 within a day" in text(page)
    assert 'value="Venia"' in page.content.decode()
    Account.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert as_charlie.post(CREATE_ACCOUNT, NEW_ACCOUNT).status_code == 302


def made_at_once(make: Callable[[], object]) -> int:
    """Let four requests `make` something at the same moment; return how many did."""

    def attempt() -> bool:
        try:
            make()
        except LimitReachedError:
            return False
        return True

    return sum(at_once(4 * [attempt]))


@pytest.mark.django_db(transaction=True)
def test_keys_that_are_made_at_once_stay_within_the_limit(account: Account, alice: User) -> None:
    keys(account, WORKING_KEYS.number - 2)
    owners = iter([alice, alice, *(MembershipFactory.create(account=account).user for _number in range(2))])
    assert made_at_once(lambda: ApiKey.objects.issue(account, next(owners), environment="sandbox", name="Shop")) == 2
    assert ApiKey.objects.count() == WORKING_KEYS.number


@pytest.mark.django_db(transaction=True)
def test_keys_of_one_person_in_two_accounts_stay_within_the_limit(account: Account, alice: User) -> None:
    keys(account, NEW_KEYS.number - 1, alice)
    places = iter([account, account, *AccountFactory.create_batch(2)])
    assert made_at_once(lambda: ApiKey.objects.issue(next(places), alice, environment="sandbox", name="Shop")) == 1


@pytest.mark.django_db(transaction=True)
def test_accounts_that_are_created_at_once_stay_within_the_limit(charlie: User) -> None:
    accounts(NEW_ACCOUNTS.number - 2, charlie)
    assert made_at_once(lambda: Account.objects.create_with_owner(charlie, organization_name="Venia")) == 2
