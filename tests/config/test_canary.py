"""A private key that was pasted or made once is found nowhere again."""

import re
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from connector.gateway.client import Credentials
from connector.models import Instance
from saas.models import Account
from tests.addresses import ACCOUNT, CONFIGURATION, DASHBOARD, PAYMENT_SERVICES, PORTAL
from tests.backend.frame.witness import Witness
from tests.factories import connect
from tests.gateways import CLIENT_ID_INVALID, JWT_INVALID, SANDBOX, Outside
from tests.markup import form_of, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def witness(as_alice: Client, all_logs: pytest.LogCaptureFixture) -> Witness:
    return Witness(as_alice, all_logs)


def look_around(witness: Witness) -> None:
    witness.get(CONFIGURATION, PAYMENT_SERVICES, DASHBOARD, "/admin/nowhere/", PORTAL)


def test_a_key_is_nowhere_once_it_was_accepted_as_it_is_or_repaired(
    witness: Witness, accepted: None, pair: Credentials
) -> None:
    witness.post(CONFIGURATION, sent(pair))
    look_around(witness)
    assert witness.has_seen(pair.private_key.fingerprint)
    witness.post(CONFIGURATION, sent(pair, sandbox_private_key=f"\n  {pair.private_key.pem}\n\n"))
    look_around(witness)
    assert witness.has_seen("blanks around the key")
    assert not witness.has_seen_key(pair.private_key.pem)


CHECK = f"{CONFIGURATION}check-key/"


def test_a_checked_key_is_nowhere(witness: Witness, pair: Credentials) -> None:
    for field in ("private_key", "api_key"):
        for pasted in (pair.private_key.pem, pair.private_key.pem[:1200], f"{pair.api_key} {pair.private_key.pem}"):
            witness.post(CHECK, {"environment": "sandbox", field: pasted})
    look_around(witness)
    assert witness.has_seen(pair.private_key.fingerprint)
    assert witness.has_seen("breaks off too early")
    assert not witness.has_seen_key(pair.private_key.pem)


@pytest.mark.parametrize("debug", [False, True])
def test_a_checked_key_is_on_no_error_page(
    witness: Witness, pair: Credentials, settings: Settings, monkeypatch: pytest.MonkeyPatch, *, debug: bool
) -> None:
    settings.DEBUG = debug
    monkeypatch.setattr("connector.configuration.fields.put_together", None)
    for field in ("private_key", "api_key"):
        both = f"{pair.api_key} {pair.private_key.pem}"
        assert witness.post(CHECK, {"environment": "sandbox", field: both}).status_code == 500
    assert witness.has_seen("not callable")
    assert not witness.has_seen_key(pair.private_key.pem)


@pytest.mark.parametrize("field", ["sandbox_api_key", "sandbox_private_key"])
def test_both_halves_in_one_field_are_nowhere(
    witness: Witness, accepted: None, pair: Credentials, other_pair: Credentials, field: str
) -> None:
    both = f"API key: {pair.api_key}\n{pair.private_key.pem}"
    witness.post(CONFIGURATION, {field: both, "production_api_key": "wrong"})
    witness.post(CONFIGURATION, {field: both, "sandbox_private_key": other_pair.private_key.pem})
    witness.post(CONFIGURATION, {field: both})
    look_around(witness)
    assert witness.has_seen("both halves of the pair in one text")
    assert not witness.has_seen_key(pair.private_key.pem)


@pytest.mark.parametrize("body", [JWT_INVALID, CLIENT_ID_INVALID, {}])
def test_a_refused_key_is_nowhere(
    witness: Witness, outside: Outside, pair: Credentials, other_pair: Credentials, body: dict[str, object]
) -> None:
    connect(other_pair)
    outside.refuse(SANDBOX, body)
    witness.post(CONFIGURATION, sent(pair))
    witness.post(CONFIGURATION, sent(pair, insist="on"))
    look_around(witness)
    assert not witness.has_seen_key(pair.private_key.pem)


def test_a_key_in_a_form_with_a_mistake_or_in_the_wrong_field_is_nowhere(witness: Witness, pair: Credentials) -> None:
    truncated = pair.private_key.pem[:1200]
    witness.post(CONFIGURATION, sent(pair, production_api_key="wrong"))
    witness.post(CONFIGURATION, sent(pair, sandbox_private_key=truncated))
    witness.post(CONFIGURATION, sent(pair, sandbox_api_key=""))
    witness.post(CONFIGURATION, {"sandbox_api_key": pair.private_key.pem})
    look_around(witness)
    assert witness.has_seen("breaks off too early")
    assert witness.has_seen("Paste it into the private key field")
    assert not witness.has_seen_key(pair.private_key.pem)


@pytest.mark.parametrize("action", ["create-project", "rename-project", "rename-data-space"])
def test_a_key_typed_as_a_name_is_nowhere(witness: Witness, outside: Outside, pair: Credentials, action: str) -> None:
    connect(pair)
    lines = pair.private_key.pem.splitlines()
    for name in (" ".join(lines)[:250], lines[3], "".join(lines[1:-1])[:250]):
        answer = witness.post(f"{CONFIGURATION}{action}/", {"project_name": name, "data_space_name": name})
        assert answer.status_code == 200
    assert outside.calls == []
    look_around(witness)
    assert witness.has_seen("part of a private key")
    assert not witness.has_seen("-----BEGIN PRIVATE KEY-----")
    assert not witness.has_seen_key(pair.private_key.pem)


def test_a_key_in_a_stale_form_is_nowhere(witness: Witness, pair: Credentials, other_pair: Credentials) -> None:
    connect(other_pair)
    old = form_of(witness.client.get(CONFIGURATION))
    Instance.objects.advance(int(old["revision"]))
    witness.post(CONFIGURATION, old | sent(pair))
    assert witness.has_seen("the configuration was saved again")
    assert not witness.has_seen_key(pair.private_key.pem)


@pytest.mark.parametrize("debug", [False, True])
def test_a_key_is_on_no_error_page(
    witness: Witness, outside: Outside, pair: Credentials, settings: Settings, *, debug: bool
) -> None:
    settings.DEBUG = debug
    outside.answer_all(SANDBOX, body=RuntimeError("a failure of ours"))
    assert witness.post(CONFIGURATION, sent(pair)).status_code == 500
    assert witness.has_seen("a failure of ours")
    assert not witness.has_seen_key(pair.private_key.pem)


def test_a_key_without_a_token_is_nowhere(witness: Witness, alice: User, pair: Credentials) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    witness.client = strict
    assert witness.post(CONFIGURATION, sent(pair)).status_code == 403
    assert not witness.has_seen_key(pair.private_key.pem)


def test_the_key_that_the_portal_made_is_in_that_one_answer(witness: Witness, alice: User) -> None:
    Account.objects.create_with_owner(alice, organization_name="Fabrikam")
    made = witness.post(PORTAL, {"environment": "sandbox", "name": "Shop"})
    private_key = re.search(
        r"-----BEGIN PRIVATE KEY-----.*?-----END PRIVATE KEY-----", made.content.decode(), re.DOTALL
    )
    assert private_key
    assert "no-store" in made["Cache-Control"]
    witness.answers.remove(made)
    witness.get(PORTAL, CONFIGURATION, ACCOUNT)
    assert witness.has_seen("Shop")
    assert not witness.has_seen_key(unescape(private_key[0]))


def test_the_witness_would_notice_a_key(witness: Witness, pair: Credentials) -> None:
    Instance.objects.current()
    Instance.objects.update(project_id="p", project_name=pair.private_key.pem.splitlines()[2])
    assert witness.has_seen_key(pair.private_key.pem)
