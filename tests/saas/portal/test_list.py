"""The list of the API Portal: pages, order, search and filter."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from saas.models import Account, ApiKey
from tests.addresses import PORTAL
from tests.markup import text
from tests.saas.factories import AccountFactory, ApiKeyFactory


def add_keys(account: Account, count: int) -> None:
    """Make keys named *Key 1*, *Key 2* and so on, the last one the newest."""
    keys = [ApiKeyFactory.build(account=account, name=f"Key {number + 1}") for number in range(count)]
    ApiKey.objects.bulk_create(keys)
    for age, key in enumerate(reversed(keys)):
        key.created_at = timezone.now() - timedelta(minutes=age)
    ApiKey.objects.bulk_update(keys, ["created_at"])


def listed(page: Any) -> list[str]:
    """Return the names of the listed keys, in order."""
    return re.findall(r'<th scope="row"[^>]*>\s*<span[^>]*>(.*?)</span>', page.content.decode())


def test_it_lists_twenty_keys_to_a_page_newest_first(as_alice: Client, account: Account) -> None:
    add_keys(account, 45)
    page = as_alice.get(PORTAL)
    assert listed(page) == [f"Key {number}" for number in range(45, 25, -1)]
    assert "45 records found" in text(page)
    assert listed(as_alice.get(PORTAL, {"page": "3"})) == ["Key 5", "Key 4", "Key 3", "Key 2", "Key 1"]


@pytest.mark.parametrize("sort", ["", "name", "-name", "created", "-created"])
def test_deleted_keys_come_last_in_every_order(as_alice: Client, account: Account, sort: str) -> None:
    now = timezone.now()
    for name in ("A", "Z"):
        ApiKeyFactory.create(account=account, name=f"{name} deleted", deleted_at=now)
        ApiKeyFactory.create(account=account, name=name)
        ApiKeyFactory.create(account=account, name=f"{name} soon", deleted_at=now + timedelta(hours=1))
    assert set(listed(as_alice.get(PORTAL, {"sort": sort}))) == {"A", "Z", "A soon", "Z soon"}
    names = listed(as_alice.get(PORTAL, {"sort": sort, "deleted": "on"}))
    assert set(names[:4]) == {"A", "Z", "A soon", "Z soon"}
    assert set(names[4:]) == {"A deleted", "Z deleted"}


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("luma", ["Luma shop", "Luma blog"]),
        ("shop luma", ["Luma shop"]),
        ("BBBB", ["Luma blog"]),
        ("luma bbbb", ["Luma blog"]),
        ("venia", []),
    ],
)
def test_it_finds_keys_by_words_of_the_name_or_a_part_of_the_public_key(
    as_alice: Client, account: Account, words: str, found: list[str]
) -> None:
    ApiKeyFactory.create(account=account, name="Luma blog", api_key="b" * 32)
    ApiKeyFactory.create(account=account, name="Luma shop", api_key="a" * 32)
    ApiKeyFactory.create(account=AccountFactory.create(organization_name="Venia"), name="Luma of Venia")
    assert listed(as_alice.get(PORTAL, {"q": words})) == found


def test_it_shows_the_keys_of_one_environment(as_alice: Client, account: Account) -> None:
    ApiKeyFactory.create(account=account, name="Test", environment="sandbox")
    ApiKeyFactory.create(account=account, name="Live", environment="production")
    assert listed(as_alice.get(PORTAL, {"show": "production"})) == ["Live"]
    assert listed(as_alice.get(PORTAL, {"show": "mars"})) == ["Live", "Test"]


def test_a_key_whose_maker_is_gone_names_nobody(as_alice: Client, account: Account) -> None:
    ApiKeyFactory.create(account=account, created_by=None)
    assert "by —" not in text(as_alice.get(PORTAL))


def test_it_says_why_the_list_is_empty(as_alice: Client, account: Account) -> None:
    assert "API keys will be listed here" in text(as_alice.get(PORTAL))
    ApiKeyFactory.create(account=account)
    assert "No key matches. Change the search or the filter." in text(as_alice.get(PORTAL, {"q": "venia"}))


def test_a_part_of_a_private_key_finds_nothing_and_is_in_no_address(as_alice: Client, account: Account) -> None:
    ApiKeyFactory.create(account=account)
    secret = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7"
    page = as_alice.get(PORTAL, {"q": secret, "show": "sandbox"}).content.decode()
    assert 'id="id_q_error"' in page
    assert secret not in page
    assert re.search(r'<input[^>]*name="q"[^>]*pattern=', page)


def test_the_number_of_queries_does_not_grow_with_the_keys(
    as_alice: Client, account: Account, django_assert_num_queries: Any
) -> None:
    ApiKeyFactory.create(account=account)
    as_alice.get(PORTAL)
    with django_assert_num_queries(7):
        as_alice.get(PORTAL)
    add_keys(account, 199)
    with django_assert_num_queries(7):
        assert len(listed(as_alice.get(PORTAL, {"per_page": "200"}))) == 200


def test_deleting_a_key_comes_back_to_its_page_of_the_list(as_alice: Client, account: Account) -> None:
    add_keys(account, 45)
    query = "?q=key&per_page=30&page=2"
    links = re.findall(r'href="([^"]*/delete/[^"]*)"', as_alice.get(PORTAL + query).content.decode())
    key = ApiKey.objects.get(name="Key 15")
    assert links[0].replace("&amp;", "&") == f"{PORTAL}{key.pk}/delete/{query}"
    dialog = as_alice.get(f"{PORTAL}{key.pk}/delete/{query}").content.decode().replace("&amp;", "&")
    assert f'action="{PORTAL}{key.pk}/delete/{query}"' in dialog
    assert f'href="{PORTAL}?q=key&per_page=30"' in dialog
    sent = {"confirm_name": "Key 15", "when": "day"}
    assert as_alice.post(f"{PORTAL}{key.pk}/delete/{query}", sent)["Location"] == PORTAL + query
    assert as_alice.post(f"{PORTAL}{key.pk}/keep/{query}")["Location"] == PORTAL + query


def test_the_link_to_deleted_keys_leads_to_the_page_where_they_begin(as_alice: Client, account: Account) -> None:
    add_keys(account, 45)
    ApiKeyFactory.create(account=account, name="Old", deleted_at=timezone.now())
    link = re.search(r'href="([^"]*deleted=on[^"]*)"', as_alice.get(PORTAL, {"q": "", "page": "2"}).content.decode())
    assert link is not None
    page = as_alice.get(link[1].replace("&amp;", "&"))
    assert listed(page) == ["Key 5", "Key 4", "Key 3", "Key 2", "Key 1", "Old"]
    assert "Hide deleted keys" in text(page)
    assert "46 records found" in text(page)


def test_only_deleted_keys_that_are_searched_for_are_counted(as_alice: Client, account: Account) -> None:
    for environment in ("sandbox", "production"):
        ApiKeyFactory.create(account=account, environment=environment, deleted_at=timezone.now())
    assert "Show 2 deleted keys" in text(as_alice.get(PORTAL))
    assert "Show 1 deleted key " in text(as_alice.get(PORTAL, {"show": "production"}))
    assert "deleted key" not in text(as_alice.get(PORTAL, {"q": "venia"}))


def test_a_search_among_deleted_keys_stays_there(as_alice: Client, account: Account) -> None:
    ApiKeyFactory.create(account=account, deleted_at=timezone.now())
    page = as_alice.get(PORTAL, {"deleted": "on"}).content.decode()
    assert re.search(r'<input type="hidden" name="deleted" value="on"', page)


def test_an_account_whose_keys_are_all_deleted_says_so(as_alice: Client, account: Account) -> None:
    ApiKeyFactory.create(account=account, deleted_at=timezone.now())
    assert "Every key of the account is deleted. Show 1 deleted key" in text(as_alice.get(PORTAL))


def form_of_a_new_key(page: Any) -> str:
    """Return what opens the form: nothing while it is always seen, else the tag of what it is in."""
    before = page.content.decode().partition('name="environment"')[0]
    return " ".join(before.rpartition("<details")[2].partition(">")[0].split()) if "my-account-add" in before else ""


def test_the_form_of_a_new_key_opens_from_a_button_once_there_is_one(as_alice: Client, account: Account) -> None:
    assert form_of_a_new_key(as_alice.get(PORTAL)) == ""
    ApiKeyFactory.create(account=account)
    assert form_of_a_new_key(as_alice.get(PORTAL)) == 'class="my-account-add"'
    refused = as_alice.post(PORTAL, {"environment": "sandbox", "name": ""})
    assert form_of_a_new_key(refused) == 'class="my-account-add" open'
