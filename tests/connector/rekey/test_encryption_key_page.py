"""System › Other Settings › Manage Encryption Key."""

import re
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from backend.audit.models import LoggedAction
from connector import connection
from connector.action_log import Action
from connector.gateway.client import Credentials
from connector.keys import keyring
from connector.keys.keyring import Keyring
from connector.models import KeyPair
from connector.rekey import reencryption
from tests.addresses import DASHBOARD, ENCRYPTION_KEY
from tests.conftest import signed_in
from tests.connector.conftest import before_sealing
from tests.factories import MANAGE_KEY, dump, key_id, person, rotate, store, store_both
from tests.gateways import SANDBOX
from tests.markup import text

pytestmark = pytest.mark.django_db
REENCRYPT = f"{ENCRYPTION_KEY}re-encrypt/"


@pytest.fixture
def erin(db: None) -> User:
    """Erin's role may manage the encryption key and nothing else."""
    return person("erin", MANAGE_KEY)


@pytest.fixture
def as_erin(erin: User) -> Client:
    return signed_in(erin)


def new_key_in(answer: Any) -> str:
    match = re.search(r'id="new-encryption-key".*?>(.*?)</textarea>', answer.content.decode(), re.DOTALL)
    return unescape(match[1]) if match else ""


def said(answer: Any) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


def test_the_menu_leads_there_with_the_permission(as_erin: Client, as_bob: Client) -> None:
    assert f'href="{ENCRYPTION_KEY}"' in as_erin.get(DASHBOARD).content.decode()
    assert f'href="{ENCRYPTION_KEY}"' not in as_bob.get(DASHBOARD).content.decode()


def test_it_shows_the_ring_and_never_a_key(
    as_erin: Client, pair: Credentials, other_pair: Credentials, settings: Settings
) -> None:
    store_both(pair, other_pair)
    new, old = rotate(settings)
    answer = as_erin.get(ENCRYPTION_KEY)
    assert f"{new} Newest Encrypts what is saved from now on. 1 0" in text(answer)
    assert f"{old} Needed Keep it in the ring until everything is re-encrypted. 2 6" in text(answer)
    assert not any(key in answer.content.decode() for key in settings.ENCRYPTION_KEYS)


def test_it_shows_what_does_not_open(as_erin: Client, pair_stored: None, settings: Settings) -> None:
    old = key_id(settings.ENCRYPTION_KEYS[0])
    settings.ENCRYPTION_KEYS = [keyring.generate_key()]
    page = text(as_erin.get(ENCRYPTION_KEY))
    assert (
        f"{old} Unknown key It is not in the ring. Put it back into ENCRYPTION_KEYS, after the newest one. — 2" in page
    )
    assert "2 stored values do not open" in page
    assert f"Private key Sandbox The pair in use {old}" in page


def test_it_shows_a_damaged_value(as_erin: Client, pair_stored: None) -> None:
    KeyPair.objects.update(api_key="damaged")
    assert "API key Sandbox The pair in use Not readable" in text(as_erin.get(ENCRYPTION_KEY))


def test_it_is_read_in_few_queries(
    as_alice: Client, as_erin: Client, pair_stored: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for somebody, queries in ((as_alice, 5), (as_erin, 6)):
        with django_assert_max_num_queries(queries):
            somebody.get(ENCRYPTION_KEY)


def test_it_asks_before_it_reencrypts(as_erin: Client, pair_stored: None, settings: Settings) -> None:
    new, _old = rotate(settings)
    before = dump()
    answer = as_erin.get(REENCRYPT)
    assert re.search(r'<dialog [^>]*id="reencrypt"[^>]*\bopen\b', answer.content.decode())
    assert f"2 values are encrypted with older keys. All of them are re-encrypted with the newest key, {new}," in text(
        answer
    )
    assert dump() == before


def test_it_reencrypts_and_says_what_may_go(
    as_erin: Client, pair: Credentials, other_pair: Credentials, settings: Settings
) -> None:
    store_both(pair, other_pair)
    new, old = rotate(settings)
    answer = as_erin.post(REENCRYPT, follow=True)
    assert answer.redirect_chain == [(ENCRYPTION_KEY, 302)]
    assert "6 stored values were re-encrypted with the newest key." in said(answer)
    assert f"You can take them out of ENCRYPTION_KEYS: {old}." in said(answer)
    assert f"{new} Newest Encrypts what is saved from now on. 1 6" in text(answer)
    assert f"{old} Not needed No stored value needs it." in text(answer)
    assert "move it to the first place. 2 0" in text(answer)
    settings.ENCRYPTION_KEYS = settings.ENCRYPTION_KEYS[:1]
    assert connection.load().slots[SANDBOX].credentials == pair


def test_it_says_where_there_is_nothing_to_do(as_erin: Client, pair_stored: None) -> None:
    assert "Nothing was changed: the newest key holds" in said(as_erin.post(REENCRYPT, follow=True))


def test_a_value_that_does_not_open_stops_it(as_erin: Client, pair_stored: None, settings: Settings) -> None:
    rotate(settings)
    KeyPair.objects.update(api_key="damaged")
    before = reencryption.values()
    assert "Nothing was changed: 1 stored value does not open" in said(as_erin.post(REENCRYPT, follow=True))
    assert reencryption.values() == before


def test_it_counts_the_values_that_somebody_saved_meanwhile(
    as_erin: Client, pair: Credentials, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = store(SANDBOX, pair)
    theirs = row.seal("api_key", pair.api_key)
    rotate(settings)
    before_sealing(monkeypatch, lambda: KeyPair.objects.update(api_key=theirs))
    assert "2 values were saved with an older key at the same moment" in said(as_erin.post(REENCRYPT, follow=True))


def test_the_log_names_who_did_it(as_erin: Client, pair_stored: None, settings: Settings) -> None:
    new, _old = rotate(settings)
    as_erin.post(REENCRYPT)
    row = LoggedAction.objects.get(action=Action.REENCRYPTED)
    assert (row.user_name, row.address, row.subject) == ("erin", "127.0.0.1", new)


def test_a_new_key_is_shown_in_that_one_answer(
    as_erin: Client, pair_stored: None, all_logs: pytest.LogCaptureFixture
) -> None:
    before = dump(with_log=True)
    answer = as_erin.post(ENCRYPTION_KEY)
    key = new_key_in(answer)
    assert Keyring([key])
    assert answer["Cache-Control"] == "no-store"
    assert dump(with_log=True) == before
    later = as_erin.get(ENCRYPTION_KEY)
    assert new_key_in(later) == ""
    kept = [all_logs.text, dump(with_log=True), str([session.get_decoded() for session in Session.objects.all()])]
    assert not any(key in place for place in (*kept, later.content.decode(), str(answer.headers), str(answer.cookies)))


def test_every_new_key_is_another(as_erin: Client) -> None:
    assert new_key_in(as_erin.post(ENCRYPTION_KEY)) != new_key_in(as_erin.post(ENCRYPTION_KEY))
