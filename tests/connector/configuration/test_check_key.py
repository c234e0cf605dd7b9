"""What the configuration page says about a pasted key before it is saved."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from connector.gateway.client import Credentials
from connector.keys import keyring
from connector.keys.mistakes import Mistake
from tests.addresses import CONFIGURATION
from tests.factories import connect, dump, store
from tests.gateways import PRODUCTION, SANDBOX
from tests.markup import text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_sockets")]
CHECK = f"{CONFIGURATION}check-key/"


def said(client: Client, environment: str = "sandbox", **pasted: str) -> str:
    response = client.post(CHECK, {"environment": environment, **pasted})
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    return text(response)


def test_it_shows_the_fingerprint_and_the_repairs(as_bob: Client, pair: Credentials) -> None:
    answer = said(as_bob, private_key=pair.private_key.pem.replace("\n", "\\n"))
    assert f"Fingerprint: {pair.private_key.fingerprint}" in answer
    assert "Repaired: line breaks or signs written with a backslash" in answer


def test_a_whole_key_was_not_repaired(as_alice: Client, pair: Credentials) -> None:
    assert said(as_alice, private_key=pair.private_key.pem.replace("\n", "\r\n")).endswith(pair.private_key.fingerprint)


def test_it_names_the_mistake(as_alice: Client, pair: Credentials) -> None:
    assert said(as_alice, private_key=pair.private_key.pem[:900]) == str(Mistake.TRUNCATED.label)
    assert said(as_alice, private_key="x" * 70_000) == str(Mistake.TOO_LONG.label)


@pytest.mark.parametrize("field", ["private_key", "api_key"])
def test_it_names_both_halves(as_alice: Client, pair: Credentials, field: str) -> None:
    answer = said(as_alice, **{field: f"API key: {pair.api_key}{pair.private_key.pem}".replace("\n", "")})
    assert pair.private_key.fingerprint in answer
    assert f"The text holds an API key too, {pair.api_key}." in answer


@pytest.mark.parametrize(("field", "is_taken"), [("private_key", False), ("api_key", True)])
def test_digits_beside_a_private_key_are_its_api_key_only_where_something_says_so(
    as_alice: Client, pair: Credentials, field: str, *, is_taken: bool
) -> None:
    answer = said(as_alice, **{field: f"{pair.private_key.pem}\n{pair.api_key}"})
    assert pair.private_key.fingerprint in answer
    assert (pair.api_key in answer) is is_taken


def test_it_names_what_was_pasted_instead_of_a_key(as_alice: Client) -> None:
    assert "an encrypted value" in said(as_alice, private_key="vault:v1:AbCdEf==")
    assert "JSON Web Key" in said(as_alice, private_key='{"kty": "RSA"}')


def test_an_api_key_that_is_not_finished_takes_nothing_from_the_rest(as_alice: Client, pair: Credentials) -> None:
    assert pair.private_key.fingerprint in said(as_alice, api_key="abc", private_key=pair.private_key.pem)


def test_it_names_what_does_not_go_together(as_alice: Client, pair: Credentials, other_pair: Credentials) -> None:
    both = f"API key: {pair.api_key} {pair.private_key.pem}"
    assert "another API key" in said(as_alice, api_key=other_pair.api_key, private_key=both)
    assert "another private key" in said(as_alice, api_key=both, private_key=other_pair.private_key.pem)


def test_it_recognises_the_key_that_is_stored_already(
    as_alice: Client, pair: Credentials, other_pair: Credentials
) -> None:
    connect(pair)
    assert "stored here already" in said(as_alice, private_key=pair.private_key.pem)
    assert "stored here already" not in said(as_alice, private_key=other_pair.private_key.pem)


def test_it_knows_a_stored_key_that_does_not_open(as_alice: Client, pair: Credentials, settings: Settings) -> None:
    store(SANDBOX, pair)
    settings.ENCRYPTION_KEYS = [keyring.generate_key()]
    assert "stored here already" in said(as_alice, private_key=pair.private_key.pem)


def test_it_recognises_the_key_of_the_other_environment(as_alice: Client, pair: Credentials) -> None:
    store(PRODUCTION, pair)
    answer = said(as_alice, private_key=pair.private_key.pem)
    assert "The same private key is stored for Production." in answer
    assert "stored here already" not in answer


def test_it_says_nothing_of_nothing(as_alice: Client) -> None:
    assert said(as_alice) == said(as_alice, private_key=" \r\n") == ""


def test_it_changes_nothing(as_alice: Client, connected: None, other_pair: Credentials) -> None:
    before = dump(with_log=True)
    said(as_alice, private_key=other_pair.private_key.pem)
    said(as_alice, private_key="nothing", api_key="nothing")
    assert dump(with_log=True) == before


def test_it_takes_four_queries(
    as_alice: Client, pair: Credentials, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    connect(pair)
    with django_assert_max_num_queries(4):
        said(as_alice, private_key=pair.private_key.pem)
