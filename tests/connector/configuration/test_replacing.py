"""A verified pair is replaced only by a verified one, unless the person insists."""

from typing import Any

import pytest
from django.test import Client
from requests import ConnectionError, ReadTimeout  # noqa: A004  (the one that the client raises)

from connector import connection
from connector.errors import PairRejectedError
from connector.gateway.client import Credentials
from connector.verification.causes import Cause
from tests.addresses import CONFIGURATION
from tests.connector.configuration.test_save import save
from tests.factories import connect, dump, learn
from tests.gateways import CLIENT_ID_INVALID, JWT_INVALID, PING, PRODUCTION, SANDBOX, Outside
from tests.markup import field_error, sent, text

pytestmark = pytest.mark.django_db


def test_a_working_pair_is_not_replaced_by_a_rejected_one(
    outside: Outside, connected: None, other_pair: Credentials
) -> None:
    before = dump()
    outside.refuse(SANDBOX, JWT_INVALID, 401)
    with pytest.raises(PairRejectedError) as caught:
        save(pairs={SANDBOX: other_pair}, environment=PRODUCTION, switches=True)
    assert list(caught.value.texts) == ["sandbox_private_key"]
    assert dump() == before


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        ({"json": {"error_code": "403003", "message": "Api Key is invalid"}, "status": 403}, Cause.API_KEY_UNKNOWN),
        ({"json": {"reason": "none"}, "status": 401}, Cause.REFUSED),
        ({"body": "<html>Forbidden</html>", "status": 403}, Cause.GATEWAY_ERROR),
        ({"status": 503}, Cause.GATEWAY_ERROR),
        ({"status": 429, "headers": {"Retry-After": "60"}}, Cause.RATE_LIMITED),
        ({"body": ConnectionError()}, Cause.UNREACHABLE),
        ({"body": ReadTimeout()}, Cause.TIMEOUT),
        (
            {"json": JWT_INVALID, "status": 401, "headers": {"Date": "Thu, 01 Jan 2026 00:00:00 GMT"}},
            Cause.CLOCK_SKEW,
        ),
    ],
    ids=["403003", "no reason", "proxy", "503", "429", "unreachable", "timeout", "clock"],
)
def test_a_verified_pair_is_replaced_by_a_verified_one_only(
    outside: Outside, connected: None, other_pair: Credentials, answer: dict[str, Any], cause: Cause
) -> None:
    before = dump()
    outside.answer(SANDBOX, PING, **answer)
    with pytest.raises(PairRejectedError) as caught:
        save(pairs={SANDBOX: other_pair})
    assert caught.value.causes == {SANDBOX: cause}
    assert dump() == before
    save(pairs={SANDBOX: other_pair}, insist=True)
    slot = connection.load().slots[SANDBOX]
    assert (slot.credentials, slot.is_verified) == (other_pair, False)


def test_a_pair_that_did_not_work_is_replaced_by_any(
    outside: Outside, pair_stored: None, other_pair: Credentials
) -> None:
    learn(SANDBOX, Cause.KEY_REVOKED)
    outside.refuse(SANDBOX, JWT_INVALID, 401)
    save(pairs={SANDBOX: other_pair})
    assert connection.load().slots[SANDBOX].credentials == other_pair


def test_a_rejected_pair_leaves_the_working_one_and_offers_to_insist(
    as_alice: Client, outside: Outside, pair: Credentials, other_pair: Credentials
) -> None:
    connect(pair)
    outside.refuse(SANDBOX, JWT_INVALID, 401)
    response = as_alice.post(CONFIGURATION, sent(other_pair))
    assert "The pair that is stored works and was kept" in field_error(response, "sandbox_private_key")
    assert 'name="insist"' in response.content.decode()
    assert connection.load().active.credentials == pair


def test_a_refused_pair_of_the_other_environment_is_sent_to_its_section(
    as_alice: Client, outside: Outside, connected: None, other_pair: Credentials
) -> None:
    outside.refuse(SANDBOX, CLIENT_ID_INVALID)
    outside.accept(PRODUCTION)
    response = as_alice.post(CONFIGURATION, sent(other_pair))
    assert "Enter them under Production Keys. The pair" in field_error(response, "sandbox_api_key")


def test_who_insists_without_the_private_key_is_asked_for_it(as_alice: Client, connected: None) -> None:
    page = as_alice.post(CONFIGURATION, {"insist": "on"}, follow=True).content.decode()
    assert "paste its new private key again and tick the box" in page
    assert "Nothing was changed, so" not in page


def test_a_pair_that_cannot_be_checked_leaves_the_verified_one_and_offers_to_insist(
    as_alice: Client, outside: Outside, pair: Credentials, other_pair: Credentials
) -> None:
    connect(pair)
    learn(SANDBOX, Cause.TIMEOUT)
    outside.answer_all(SANDBOX, status=503)
    response = as_alice.post(CONFIGURATION, sent(other_pair))
    said = field_error(response, "sandbox_api_key")
    assert "could not be checked" in said
    assert "The pair in use worked when it was last checked, so it stays. Try again later" in said
    assert "paste it again" in text(response)
    assert 'name="insist"' in response.content.decode()
    assert connection.load().active.credentials == pair


def test_insisting_needs_the_private_key_again(
    as_alice: Client, outside: Outside, connected: None, other_pair: Credentials
) -> None:
    outside.refuse(SANDBOX, JWT_INVALID, 401)
    as_alice.post(CONFIGURATION, sent(other_pair, insist="on"))
    assert connection.load().active.credentials == other_pair


def test_insisting_is_not_offered_without_a_reason(as_alice: Client, connected: None) -> None:
    assert 'name="insist"' not in as_alice.get(CONFIGURATION).content.decode()
