"""The lists of My Account that are short almost always: they come in pages once they are not."""

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from saas.choices import Environment, Feed, Role, Unreadable
from saas.models import Account, DataSpace, FeedSource, Membership, UnreadRow
from tests.addresses import ACCOUNT, FAULTS, PORTAL, SHARED_ACCESS
from tests.markup import text
from tests.saas.factories import AccountFactory, ApiKeyFactory, MembershipFactory


@pytest.fixture
def many_accounts(alice: User) -> list[Account]:
    """Alice owns the licenses of 45 more accounts."""
    accounts: list[Account] = AccountFactory.create_batch(45)
    Membership.objects.bulk_create(MembershipFactory.build(account=account, user=alice) for account in accounts)
    return accounts


@pytest.fixture
def many_people(account: Account) -> None:
    """45 more people have shared access to the account."""
    MembershipFactory.create_batch(45, account=account, role=Role.SHARED_ACCESS)


@pytest.fixture
def many_unread_rows(space: DataSpace, may_switch: None) -> None:
    """46 rows of a store could not be read."""
    now = timezone.now()
    source = FeedSource.objects.create(data_space=space, environment=Environment.SANDBOX, received_at=now)
    facts = {"source": source, "feed": Feed.ORDERS, "reason": Unreadable.NO_ID, "received_at": now}
    UnreadRow.objects.bulk_create(UnreadRow(digest=str(number), **facts) for number in range(46))


LISTS = pytest.mark.parametrize(
    ("many", "address", "row"),
    [
        ("many_accounts", ACCOUNT, r"<dd[^>]*>\s*MAG\d{9}"),
        ("many_people", SHARED_ACCESS, r'<th scope="row"'),
        ("many_unread_rows", FAULTS, r'<th scope="row" role="rowheader">'),
    ],
)


@LISTS
def test_a_long_list_comes_in_pages(
    as_alice: Client, request: pytest.FixtureRequest, many: str, address: str, row: str
) -> None:
    assert "Rows per page" not in text(as_alice.get(address))
    request.getfixturevalue(many)
    pages = [as_alice.get(address, {"page": str(number)}).content.decode() for number in (1, 2, 3)]
    assert [len(re.findall(row, page)) for page in pages] == [20, 20, 6]
    assert "46 records found" in text(as_alice.get(address))


@LISTS
def test_a_long_list_takes_no_more_queries(
    as_alice: Client,
    request: pytest.FixtureRequest,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    many: str,
    address: str,
    row: str,
) -> None:
    request.getfixturevalue(many)
    as_alice.get(address)
    with django_assert_max_num_queries(14 if address == FAULTS else 8):
        assert len(re.findall(row, as_alice.get(address, {"per_page": "200"}).content.decode())) == 46


def test_alice_works_in_the_last_of_many_accounts(as_alice: Client, many_accounts: list[Account]) -> None:
    last = many_accounts[-1]
    ApiKeyFactory.create(account=last, name="Key of the last account")
    as_alice.post(ACCOUNT, {"account": last.mage_id})
    page = as_alice.get(PORTAL)
    assert last.mage_id in text(page)
    assert "Key of the last account" in text(page)


def test_an_account_that_was_chosen_and_taken_away_is_not_the_current_one(
    as_alice: Client, account: Account, many_accounts: list[Account]
) -> None:
    as_alice.post(ACCOUNT, {"account": many_accounts[3].mage_id})
    Membership.objects.filter(account=many_accounts[3]).delete()
    assert account.mage_id in text(as_alice.get(PORTAL))


@pytest.fixture
def pages(as_alice: Client) -> Callable[[str], str]:
    return lambda address: as_alice.get(address).content.decode()


def test_below_a_dialog_the_pages_are_those_of_the_list(many_people: None, pages: Callable[[str], str]) -> None:
    link = re.findall(r'href="([^"]*/remove/)"', pages(f"{SHARED_ACCESS}?page=2"))[0]
    assert f'href="{SHARED_ACCESS}?page=2"' in pages(link)
