"""Deleting a key of the API Portal now or later, taking that back, and who still uses it."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from backend.frame.templates import date
from saas.choices import KeyState
from saas.models import Account, ApiKey
from tests.addresses import PORTAL
from tests.conftest import signed_in
from tests.markup import text
from tests.saas.conftest import INSTANCE_ID
from tests.saas.factories import AccountFactory, ApiKeyFactory, MembershipFactory

# The list with deleted keys.
DELETED_TOO = f"{PORTAL}?deleted=on"


def delete_path(key: ApiKey) -> str:
    return f"{PORTAL}{key.pk}/delete/"


def keep_path(key: ApiKey) -> str:
    return f"{PORTAL}{key.pk}/keep/"


def scheduled(account: Account, hours: int = 24, **facts: Any) -> ApiKey:
    """Make a key that is deleted `hours` from now."""
    moment = timezone.now() + timedelta(hours=hours)
    key: ApiKey = ApiKeyFactory.create(account=account, name="Shop", deleted_at=moment, **facts)
    return key


def test_deleting_asks_for_the_name(as_alice: Client, account: Account) -> None:
    key = ApiKeyFactory.create(account=account, name="Shop")
    assert "Delete the key “Shop”?" in text(as_alice.get(delete_path(key)))
    assert "nothing was deleted" in text(as_alice.post(delete_path(key), {"confirm_name": "shop"}))
    key.refresh_from_db()
    assert key.deleted_at is None


def test_a_deleted_key_stays_listed_as_such_once_somebody_asks(as_alice: Client, account: Account) -> None:
    key = ApiKeyFactory.create(account=account, name="Shop", api_key="a" * 32)
    page = as_alice.post(delete_path(key), {"confirm_name": " Shop "}, follow=True)
    assert "The key “Shop” was deleted." in text(page)
    assert "Show 1 deleted key" in text(page)
    assert key.api_key not in text(page)
    assert f"{key.api_key} {date(key.created_at, 'DATE_FORMAT')} Never Deleted on" in text(as_alice.get(DELETED_TOO))


def test_deleting_twice_says_that_it_was_done_before(as_alice: Client, account: Account) -> None:
    key = ApiKeyFactory.create(account=account, name="Shop", deleted_at=timezone.now())
    assert "was deleted before" in text(as_alice.post(delete_path(key), {"confirm_name": "Shop"}, follow=True))


@pytest.mark.parametrize(("hours", "warned"), [(23, True), (25, False)])
def test_deleting_warns_of_a_key_in_use(as_alice: Client, account: Account, hours: int, *, warned: bool) -> None:
    key = ApiKeyFactory.create(account=account, last_used_at=timezone.now() - timedelta(hours=hours))
    assert ("loses its connection" in text(as_alice.get(delete_path(key)))) is warned


@pytest.mark.parametrize(("hours", "chosen"), [(None, "now"), (25, "now"), (23, "day")])
def test_a_key_in_use_is_deleted_tomorrow_unless_one_chooses(
    as_alice: Client, account: Account, hours: int | None, chosen: str
) -> None:
    used = timezone.now() - timedelta(hours=hours) if hours else None
    key = ApiKeyFactory.create(account=account, name="Shop", last_used_at=used)
    radios = re.findall(r'<input[^>]*name="when"[^>]*>', as_alice.get(delete_path(key)).content.decode())
    assert [re.findall(r'value="(\w+)"', radio) for radio in radios if "checked" in radio] == [[chosen]]
    assert len(radios) == 3
    as_alice.post(delete_path(key), {"confirm_name": "Shop"})
    key.refresh_from_db()
    assert (key.state(timezone.now()) == KeyState.DELETED) is (chosen == "now")


@pytest.mark.parametrize(("when", "hours"), [("now", 0), ("day", 24), ("week", 168)])
def test_alice_chooses_when_a_key_is_deleted(as_alice: Client, account: Account, when: str, hours: int) -> None:
    key = ApiKeyFactory.create(account=account, name="Shop")
    before = timezone.now()
    as_alice.post(delete_path(key), {"confirm_name": "Shop", "when": when})
    key.refresh_from_db()
    assert key.deleted_at is not None
    assert timedelta() <= key.deleted_at - timedelta(hours=hours) - before < timedelta(minutes=1)


def test_it_refuses_a_moment_that_is_not_offered(as_alice: Client, account: Account) -> None:
    key = ApiKeyFactory.create(account=account, name="Shop")
    page = as_alice.post(delete_path(key), {"confirm_name": "Shop", "when": "next year"})
    assert 'id="id_when_error"' in page.content.decode()
    key.refresh_from_db()
    assert key.deleted_at is None


def test_a_key_that_is_to_be_deleted_is_listed_with_the_way_back(as_alice: Client, account: Account) -> None:
    key = ApiKeyFactory.create(account=account, name="Shop")
    page = as_alice.post(delete_path(key), {"confirm_name": "Shop", "when": "day"}, follow=True)
    assert "The key “Shop” works until" in text(page)
    assert "Will be deleted on" in text(page)
    assert f'action="{keep_path(key)}"' in page.content.decode()
    assert "It is to be deleted on" in text(as_alice.get(delete_path(key)))


def test_a_deletion_is_brought_forward_and_never_put_off(as_alice: Client, account: Account) -> None:
    key = ApiKeyFactory.create(account=account, name="Shop")
    as_alice.post(delete_path(key), {"confirm_name": "Shop", "when": "day"}, follow=True)
    page = as_alice.post(delete_path(key), {"confirm_name": "Shop", "when": "week"}, follow=True)
    assert "Nothing was changed: the key “Shop” is to be deleted on" in text(page)
    page = as_alice.post(delete_path(key), {"confirm_name": "Shop", "when": "now"}, follow=True)
    assert "was deleted. The gateway refuses it now." in text(page)


@pytest.mark.parametrize(("hours", "offered"), [(2, ["now"]), (24, ["now"]), (48, ["now", "day"])])
def test_a_key_that_is_to_be_deleted_can_only_be_deleted_sooner(
    as_alice: Client, account: Account, hours: int, offered: list[str]
) -> None:
    key = scheduled(account, hours=hours, last_used_at=timezone.now())
    page = as_alice.get(delete_path(key)).content.decode()
    assert re.findall(r'name="when" value="(\w+)"', page) == offered
    assert re.findall(r'name="when" value="(\w+)"[^>]*\bchecked', page) == offered[-1:]


def test_alice_keeps_a_key_after_all(as_alice: Client, account: Account) -> None:
    key = scheduled(account)
    page = as_alice.post(keep_path(key), follow=True)
    assert "The key “Shop” is kept" in text(page)
    assert "Will be deleted" not in text(page)
    key.refresh_from_db()
    assert key.deleted_at is None


def test_a_deletion_that_took_effect_is_not_taken_back(as_alice: Client, account: Account) -> None:
    key = scheduled(account, hours=-1)
    page = as_alice.post(keep_path(key), follow=True)
    assert "so it cannot be kept any more. Add a new key instead." in text(page)
    assert keep_path(key) not in page.content.decode()
    key.refresh_from_db()
    assert key.deleted_at is not None


def test_keeping_what_nobody_deletes_says_so(as_alice: Client, account: Account) -> None:
    key = ApiKeyFactory.create(account=account, name="Shop")
    assert "was not to be deleted" in text(as_alice.post(keep_path(key), follow=True))


def just_before(monkeypatch: pytest.MonkeyPatch, method: str, act: Callable[[], object]) -> None:
    """Let somebody else act between reading a key and `method`."""
    usual = getattr(ApiKey, method)

    def late(*args: Any) -> bool:
        act()
        done: bool = usual(*args)
        return done

    monkeypatch.setattr(ApiKey, method, late)


@pytest.fixture
def as_erin(account: Account) -> Client:
    """Erin owns the license, too."""
    return signed_in(MembershipFactory.create(account=account).user)


@pytest.mark.parametrize(
    ("when", "said"), [("now", "so it cannot be kept any more"), ("day", "Somebody else just chose")]
)
def test_a_moment_that_somebody_else_just_chose_is_not_taken_back(
    as_alice: Client, as_erin: Client, account: Account, monkeypatch: pytest.MonkeyPatch, when: str, said: str
) -> None:
    key = scheduled(account, hours=168)
    just_before(monkeypatch, "keep", lambda: as_erin.post(delete_path(key), {"confirm_name": "Shop", "when": when}))
    assert said in text(as_alice.post(keep_path(key), follow=True))
    key.refresh_from_db()
    assert key.state(timezone.now()) == (KeyState.DELETED if when == "now" else KeyState.SCHEDULED)


def test_of_two_owners_the_one_who_deletes_later_wins_over_who_keeps(
    as_alice: Client, as_erin: Client, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = scheduled(account)
    just_before(monkeypatch, "delete_at", lambda: as_erin.post(keep_path(key)))
    page = as_alice.post(delete_path(key), {"confirm_name": "Shop", "when": "week"}, follow=True)
    assert "The key “Shop” works until" in text(page)
    key.refresh_from_db()
    assert key.state(timezone.now()) == KeyState.SCHEDULED


def test_bob_sees_that_a_key_goes_and_cannot_keep_it(as_bob: Client, account: Account) -> None:
    key = scheduled(account)
    page = as_bob.get(PORTAL)
    assert "Will be deleted on" in text(page)
    assert keep_path(key) not in page.content.decode()
    assert as_bob.post(keep_path(key)).status_code == 403


def test_the_list_names_who_used_a_key_last(as_alice: Client, account: Account) -> None:
    used = {"last_used_at": timezone.now(), "last_used_instance": INSTANCE_ID, "last_used_name": "<b>Luma</b> Admin"}
    ApiKeyFactory.create(account=account, **used)
    page = as_alice.get(PORTAL)
    assert "by <b>Luma</b> Admin (5f0c7a52)" in text(page)
    assert "<b>Luma" not in page.content.decode()


def test_the_list_says_that_a_key_is_used_since_its_deletion_was_asked_for(as_alice: Client, account: Account) -> None:
    key = scheduled(account, delete_asked_at=timezone.now() - timedelta(hours=2))
    assert "Still used" not in text(as_alice.get(PORTAL))
    key.record("last_used", timezone.now())
    page = as_alice.get(PORTAL)
    assert "Still used" in text(page)
    assert 'title="since its deletion was asked for"' in page.content.decode()


@pytest.mark.parametrize(
    ("name", "shown"), [("Old shop", "Still used by Old shop (5f0c7a52), refused on"), ("", "refused on")]
)
def test_the_list_names_who_still_uses_a_deleted_key(as_alice: Client, account: Account, name: str, shown: str) -> None:
    facts = {"refused_name": name, "refused_instance": INSTANCE_ID} if name else {}
    ApiKeyFactory.create(account=account, deleted_at=timezone.now(), refused_at=timezone.now(), **facts)
    assert "Show 1 deleted key Still used: 1" in text(as_alice.get(PORTAL))
    assert shown in text(as_alice.get(DELETED_TOO))


def test_bob_cannot_delete_a_key(as_bob: Client, account: Account) -> None:
    key = ApiKeyFactory.create(account=account, name="Shop")
    assert as_bob.post(delete_path(key), {"confirm_name": "Shop"}).status_code == 403


def test_somebody_elses_key_is_not_found(as_alice: Client) -> None:
    key = scheduled(AccountFactory.create())
    assert as_alice.post(delete_path(key), {"confirm_name": "Shop"}).status_code == 404
    assert as_alice.post(keep_path(key)).status_code == 404
