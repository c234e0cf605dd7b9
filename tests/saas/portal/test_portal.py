"""My Account and its API Portal, as Alice, Bob and Charlie see them."""

import html
import logging
import re
import uuid
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core import serializers
from django.test import Client

from saas.models import Account, ApiKey, DataSpace, Fault, Membership, Project
from saas.new_pair import NewPair
from tests.addresses import ACCOUNT, CREATE_ACCOUNT, PORTAL
from tests.markup import text
from tests.saas.factories import AccountFactory, ApiKeyFactory, MembershipFactory

ENTITLEMENTS = f"{ACCOUNT}entitlements/"
NEW_KEY = {"environment": "sandbox", "name": "Luma shop"}


def shown_private_key(response: Any) -> str:
    found = re.search(r'<textarea[^>]*id="new-private-key"[^>]*>(.*?)</textarea>', response.content.decode(), re.DOTALL)
    return html.unescape(found[1]).strip() if found else ""


def test_the_answer_to_add_new_shows_the_private_key(as_alice: Client) -> None:
    response = as_alice.post(PORTAL, NEW_KEY)
    private_key = load_pem_private_key(shown_private_key(response).encode(), password=None)
    assert response.status_code == 200
    assert isinstance(private_key, RSAPrivateKey)
    assert private_key.key_size == 3072
    assert shown_private_key(response).startswith("-----BEGIN PRIVATE KEY-----")  # PKCS#8
    public_key = private_key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    assert ApiKey.objects.get().public_key == public_key.decode()


def test_a_new_key_belongs_to_the_account_and_its_maker(as_alice: Client, alice: User, account: Account) -> None:
    as_alice.post(PORTAL, NEW_KEY)
    key = ApiKey.objects.get()
    assert (key.account, key.created_by, key.environment, key.name) == (account, alice, "sandbox", "Luma shop")
    assert re.fullmatch("[0-9a-f]{32}", key.api_key)


def test_the_private_key_is_shown_once_and_kept_nowhere(as_alice: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    private_key = shown_private_key(as_alice.post(PORTAL, NEW_KEY))
    canary = private_key.splitlines()[3]
    kept = [*Account.objects.all(), *ApiKey.objects.all(), *Session.objects.all()]
    assert canary not in serializers.serialize("json", kept)
    assert canary not in str(dict(as_alice.session.items()))
    assert canary not in as_alice.get(PORTAL).content.decode()
    assert canary not in caplog.text


def test_a_pair_hides_its_private_key() -> None:
    assert "secret" not in repr(NewPair(public_key="public", private_key="secret"))


def test_the_same_form_sent_twice_makes_one_key(as_alice: Client) -> None:
    sent = NEW_KEY | {"form_token": str(uuid.uuid4())}
    assert shown_private_key(as_alice.post(PORTAL, sent))
    again = as_alice.post(PORTAL, sent)
    assert ApiKey.objects.count() == 1
    assert shown_private_key(again) == ""
    assert "cannot be shown again" in text(again)


def test_two_forms_make_two_keys(as_alice: Client) -> None:
    tokens = [re.findall(r'name="form_token" value="([^"]+)"', as_alice.get(PORTAL).content.decode()) for _ in range(2)]
    for token in tokens:
        as_alice.post(PORTAL, NEW_KEY | {"form_token": token[0]})
    assert ApiKey.objects.count() == 2


@pytest.mark.parametrize(
    "damage",
    [
        {"name": ""},
        {"name": "  "},
        {"name": "x" * 256},
        {"name": "a\x00b"},
        {"environment": "mars"},
        {"form_token": "x"},
    ],
)
def test_it_refuses_a_damaged_form_and_says_so(as_alice: Client, damage: dict[str, str]) -> None:
    response = as_alice.post(PORTAL, NEW_KEY | damage)
    assert not ApiKey.objects.exists()
    assert "field-error" in response.content.decode() or "This form is damaged" in text(response)


def test_an_account_not_in_good_standing_gets_no_key(as_alice: Client, account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(in_good_standing=False)
    assert "not in good standing" in text(as_alice.post(PORTAL, NEW_KEY))
    assert not ApiKey.objects.exists()


def test_keys_are_listed_with_what_is_known_of_them(as_alice: Client, alice: User, account: Account) -> None:
    ApiKeyFactory.create(account=account, name="Shop", api_key="a" * 32, created_by=alice)
    page = text(as_alice.get(PORTAL))
    assert all(word in page for word in ("Shop", "Sandbox", "a" * 32, "by alice", "Never", "Active"))


def test_bob_sees_the_keys_and_who_may_create_one(as_bob: Client, account: Account) -> None:
    ApiKeyFactory.create(account=account, name="Shop")
    page = as_bob.get(PORTAL)
    assert "Shop" in text(page)
    assert "These people can: alice" in text(page)
    assert 'name="environment"' not in page.content.decode()


def test_bob_cannot_create_a_key(as_bob: Client) -> None:
    assert as_bob.post(PORTAL, NEW_KEY).status_code == 403
    assert not ApiKey.objects.exists()


def test_charlie_is_offered_an_account(as_charlie: Client) -> None:
    page = as_charlie.get(PORTAL)
    assert "Create an account" in text(page)
    assert as_charlie.post(PORTAL, NEW_KEY).status_code == 403


def test_charlie_creates_an_account_and_owns_it(as_charlie: Client, charlie: User) -> None:
    sent = {"organization_name": "Venia", "edition": "open_source", "payments_sandbox": "on"}
    page = as_charlie.post(CREATE_ACCOUNT, sent, follow=True)
    account = Account.objects.get()
    assert re.fullmatch(r"MAG\d{9}", account.mage_id)
    assert re.fullmatch(r"[0-9A-F]{24}@AdobeOrg", account.ims_organization_id)
    assert account.mage_id in text(page)
    assert account.license_owners() == [charlie.username]
    assert account.in_good_standing
    assert not DataSpace.objects.exists()


@pytest.mark.parametrize("damage", [{"organization_name": ""}, {"edition": "gold"}])
def test_it_refuses_a_damaged_account(as_charlie: Client, damage: dict[str, str]) -> None:
    sent = {"organization_name": "Venia", "edition": "open_source"} | damage
    assert "field-error" in as_charlie.post(CREATE_ACCOUNT, sent).content.decode()
    assert not Account.objects.exists()


def test_who_has_several_accounts_chooses_one(as_alice: Client, alice: User, account: Account) -> None:
    venia = MembershipFactory.create(account=AccountFactory.create(organization_name="Venia"), user=alice).account
    assert account.mage_id in text(as_alice.get(PORTAL))
    page = as_alice.post(ACCOUNT, {"account": venia.mage_id}, follow=True)
    assert venia.mage_id in text(page)


@pytest.mark.parametrize("mage_id", ["", "MAG999999999", "a\x00b"])
def test_nobody_chooses_an_account_that_is_not_theirs(as_alice: Client, mage_id: str) -> None:
    AccountFactory.create(mage_id="MAG999999999")
    assert as_alice.post(ACCOUNT, {"account": mage_id}).status_code == 404


def test_an_account_that_was_left_is_not_worked_in_any_more(as_alice: Client, alice: User) -> None:
    venia = MembershipFactory.create(account=AccountFactory.create(organization_name="Venia"), user=alice)
    as_alice.post(ACCOUNT, {"account": venia.account.mage_id}, follow=True)
    Membership.objects.filter(pk=venia.pk).delete()
    assert "Venia" not in text(as_alice.get(PORTAL))


def test_alice_changes_the_entitlements(as_alice: Client, account: Account) -> None:
    as_alice.post(ENTITLEMENTS, {"payments_production": "on"})
    account.refresh_from_db()
    assert (account.in_good_standing, account.payments_sandbox, account.payments_production) == (False, False, True)


def test_alice_says_how_many_projects_the_license_allows(as_alice: Client, account: Account) -> None:
    assert 'name="project_limit" value="1"' in as_alice.get(ACCOUNT).content.decode()
    as_alice.post(ENTITLEMENTS, {"project_limit": "3"})
    as_alice.post(ENTITLEMENTS, {"in_good_standing": "on"})
    account.refresh_from_db()
    assert (account.project_limit, account.in_good_standing) == (3, True)


@pytest.mark.parametrize("limit", ["0", "-1", "101", "many"])
def test_a_limit_that_is_none_changes_nothing(as_alice: Client, account: Account, limit: str) -> None:
    response = as_alice.post(ENTITLEMENTS, {"project_limit": limit})
    account.refresh_from_db()
    assert (response.status_code, account.project_limit, account.in_good_standing) == (200, 1, True)
    assert 'id="id_project_limit_error"' in response.content.decode()


def test_bob_cannot_change_the_entitlements(as_bob: Client, account: Account) -> None:
    assert as_bob.post(ENTITLEMENTS, {}).status_code == 403
    assert as_bob.get(ENTITLEMENTS).status_code == 405
    account.refresh_from_db()
    assert account.in_good_standing


def test_rows_read_well_in_a_log(account: Account, alice: User) -> None:
    project = Project.objects.provision(account, "EU")
    space = DataSpace.objects.of(account)[0]
    rows = [
        account,
        alice.saas_memberships.get(),
        ApiKeyFactory.create(name="Shop"),
        project,
        space,
        Fault(environment="sandbox"),
    ]
    assert [str(row) for row in rows] == [
        "Luma (MAG000000042)",
        "alice · License owner · Luma (MAG000000042)",
        "Shop (Sandbox)",
        "EU",
        "EU / Production",
        "Sandbox: None: answer as usual",
    ]
