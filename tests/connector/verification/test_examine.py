"""One cause per failure, from whatever the two gateways answer."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from pytest_django import Settings

from connector.gateway.client import Credentials, Deadline
from connector.models import Verification
from connector.models.verifications import Account
from connector.verification.causes import Cause
from connector.verification.examine import verify
from connector.verification.row import Kind
from tests.connector.conftest import SANDBOX_URL
from tests.connector.gateway.servers import Talk, drip_body, drip_head, say_nothing, serve, to_the_end
from tests.gateways import (
    CLIENT_ID_INVALID,
    JWT_INVALID,
    MAGE_ID,
    NOT_FOUND,
    PING,
    PRODUCTION,
    REGISTRY,
    SANDBOX,
    TESTING_ID,
    Outside,
    row,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
FOREIGN = f"{REGISTRY}/environments/another"


@pytest.fixture(autouse=True)
def _accepted(accepted: None) -> None:
    """Accept the sandbox pair, unless a test says otherwise."""


@pytest.fixture
def check(pair: Credentials) -> Callable[..., Verification]:
    """Verify the sandbox pair alone."""

    def run(data_space_id: str = TESTING_ID, **options: Any) -> Verification:
        return verify({SANDBOX: pair}, data_space_id=data_space_id, now=lambda: NOW, **options)[SANDBOX]

    return run


Check = Callable[..., Verification]


def test_a_working_pair_is_verified(check: Check) -> None:
    finding = check()
    assert finding.is_verified
    assert finding.account(SANDBOX) == Account(MAGE_ID, "Fabrikam", is_entitled=True)
    assert (finding.host, finding.offers_onboarding, finding.checked_at) == ("sandbox.outside.test", False, NOW)


def test_a_verification_reads_no_onboarding(outside: Outside, check: Check) -> None:
    check()
    assert [call for call in outside.calls if "/payments/" in call] == []


@pytest.mark.parametrize(
    ("body", "offers"),
    [
        ('{"status": 200, "standIn": {"onboarding": true}}', True),
        ('{"status": 200, "standIn": {"onboarding": "yes"}}', False),
        ('{"standIn": true}', False),
        ("[]", False),
        ("<!doctype html>", False),
        ("", False),
    ],
)
def test_a_ping_may_name_what_the_gateway_can_do(outside: Outside, check: Check, body: str, *, offers: bool) -> None:
    outside.answer(SANDBOX, PING, body=body)
    finding = check()
    assert (finding.is_verified, finding.offers_onboarding) == (True, offers)


def test_a_new_account_without_a_project_is_verified(outside: Outside, check: Check) -> None:
    outside.answer(SANDBOX, REGISTRY, status=404, json=NOT_FOUND)
    finding = check(data_space_id="")
    assert finding.is_verified
    assert finding.account(SANDBOX) is None


def test_a_data_space_that_the_account_does_not_have_is_unknown(outside: Outside, check: Check) -> None:
    outside.answer(SANDBOX, FOREIGN, status=404, json=NOT_FOUND)
    finding = check(data_space_id="another")
    assert (finding.cause, finding.kind) == (Cause.DATA_SPACE_UNKNOWN, Kind.REJECTED)
    assert finding.features is None
    advice = finding.advice(SANDBOX)
    assert advice
    assert f"does not belong to their account ({MAGE_ID})" in advice.explanation


def test_an_account_without_a_project_has_no_data_space_either(outside: Outside, check: Check) -> None:
    outside.answer(SANDBOX, REGISTRY, status=404, json=NOT_FOUND)
    outside.answer(SANDBOX, FOREIGN, status=404, json=NOT_FOUND)
    advice = check(data_space_id="another").advice(SANDBOX)
    assert advice
    assert advice.cause is Cause.DATA_SPACE_UNKNOWN
    assert "does not belong to their account:" in advice.explanation


def test_a_data_space_that_the_list_does_not_have_yet_is_there(outside: Outside, check: Check) -> None:
    new = row(environmentId="another") | {"featureSet": ["Premium Search"]}
    outside.answer(SANDBOX, FOREIGN, json=new)
    finding = check(data_space_id="another")
    assert finding.is_verified
    assert finding.features == ["Premium Search"]


def test_a_data_space_that_the_registry_names_for_another_account_is_unknown(outside: Outside, check: Check) -> None:
    outside.answer(SANDBOX, FOREIGN, json=row(environmentId="another", mageId="MAG999"))
    assert check(data_space_id="another").cause is Cause.DATA_SPACE_UNKNOWN


def test_odd_rows_leave_the_account_readable(outside: Outside, check: Check) -> None:
    rows = [None, row(environmentName=None, mageId=None), row(environmentType="Odd")]
    outside.answer(SANDBOX, REGISTRY, json={"results": rows})
    finding = check()
    assert finding.is_verified
    assert (len(finding.data_spaces), finding.left_out) == (2, 1)
    assert finding.account(SANDBOX) == Account(MAGE_ID, "Fabrikam", is_entitled=True)


def test_a_data_space_whose_account_is_not_named_is_no_foreign_one(outside: Outside, check: Check) -> None:
    outside.answer(SANDBOX, FOREIGN, json={"environmentId": "another"})
    assert check(data_space_id="another").is_verified


@pytest.mark.parametrize("path", [REGISTRY, FOREIGN])
def test_a_list_that_cannot_be_read_says_nothing_of_the_data_space(outside: Outside, check: Check, path: str) -> None:
    outside.answer(SANDBOX, FOREIGN, status=404, json=NOT_FOUND)
    outside.answer(SANDBOX, path, status=500)
    assert check(data_space_id="another").cause is Cause.GATEWAY_ERROR


def test_two_accounts_are_named_before_the_data_space(outside: Outside, check: Check) -> None:
    outside.answer(SANDBOX, FOREIGN, status=404, json=NOT_FOUND)
    known = {PRODUCTION: Account("MAG999", "Another", is_entitled=True)}
    assert check(data_space_id="another", accounts=known).cause is Cause.ACCOUNT_MISMATCH


@pytest.mark.parametrize("path", [REGISTRY, FOREIGN])
@pytest.mark.parametrize("status", [200, 401, 403, 404])
def test_a_proxy_that_answers_for_the_registry_says_nothing_of_the_data_space(
    outside: Outside, check: Check, path: str, status: int
) -> None:
    outside.answer(SANDBOX, FOREIGN, status=404, json=NOT_FOUND)
    outside.answer(SANDBOX, path, status=status, body="<html>Not here")
    assert check(data_space_id="another").cause is Cause.GATEWAY_ERROR


def test_a_data_space_that_is_gone_says_nothing_of_features(outside: Outside, check: Check) -> None:
    path = f"{REGISTRY}/environments/{TESTING_ID}"
    outside.answer(SANDBOX, path, status=404, json=NOT_FOUND)
    finding = check()
    assert finding.is_verified
    assert finding.features is None


@pytest.mark.parametrize(
    ("raised", "cause"),
    [
        (requests.ConnectionError(), Cause.UNREACHABLE),
        (requests.ReadTimeout(), Cause.TIMEOUT),
        (requests.exceptions.SSLError(), Cause.TLS_FAILED),
    ],
)
def test_the_network_is_not_the_pair(outside: Outside, check: Check, raised: Exception, cause: Cause) -> None:
    outside.answer(SANDBOX, PING, body=raised)
    finding = check()
    assert finding.cause is cause
    assert finding.kind is Kind.UNKNOWN


@pytest.mark.parametrize("detail", ["key_revoked", "wrong_environment", "api_key_unknown"])
def test_a_detail_is_believed_without_a_probe(outside: Outside, check: Check, detail: str) -> None:
    outside.refuse(SANDBOX, CLIENT_ID_INVALID | {"detail": detail})
    assert check().cause == detail
    assert len(outside.mocked.calls) == 1


@pytest.mark.parametrize("features", [[], ["Premium Search", "Commerce Payments"], ["A name nobody knows"]])
def test_no_feature_and_no_unknown_one_rejects_a_pair(outside: Outside, check: Check, features: list[str]) -> None:
    outside.accept(SANDBOX, features=tuple(features))
    finding = check()
    assert finding.is_verified
    assert finding.features == features


def test_two_pairs_of_one_account_are_verified(outside: Outside, pair: Credentials) -> None:
    outside.accept(PRODUCTION)
    findings = verify({SANDBOX: pair, PRODUCTION: pair})
    assert all(finding.is_verified for finding in findings.values())


def test_pairs_of_two_accounts_do_not_match(outside: Outside, pair: Credentials) -> None:
    outside.accept(PRODUCTION, rows=(row(mageId="MAG999"),))
    findings = verify({SANDBOX: pair, PRODUCTION: pair})
    assert {(finding.cause, finding.kind) for finding in findings.values()} == {(Cause.ACCOUNT_MISMATCH, Kind.REJECTED)}


def test_the_account_with_the_entitlement_is_the_right_one(outside: Outside, pair: Credentials) -> None:
    outside.accept(PRODUCTION, rows=(row(mageId="MAG999", environmentId="another"),))
    outside.answer(PRODUCTION, f"{REGISTRY}/environments/{TESTING_ID}", status=404, json=NOT_FOUND)
    findings = verify({SANDBOX: pair, PRODUCTION: pair}, data_space_id=TESTING_ID)
    assert findings[SANDBOX].is_verified
    assert findings[PRODUCTION].cause is Cause.ACCOUNT_MISMATCH


def test_a_pair_is_compared_with_a_known_one(check: Check) -> None:
    known = {PRODUCTION: Account("MAG999", "Another", is_entitled=None)}
    assert check(data_space_id="", accounts=known).cause is Cause.ACCOUNT_MISMATCH


def test_a_rejected_pair_is_compared_with_nothing(outside: Outside, pair: Credentials) -> None:
    outside.refuse(PRODUCTION, JWT_INVALID, 401)
    known = {PRODUCTION: Account("MAG999", "Another", is_entitled=None)}
    findings = verify({SANDBOX: pair, PRODUCTION: pair}, accounts=known)
    assert findings[SANDBOX].is_verified
    assert findings[PRODUCTION].cause is Cause.PAIR_MISMATCH


def test_findings_come_in_one_order_whatever_was_asked_for(outside: Outside, pair: Credentials) -> None:
    outside.accept(PRODUCTION)
    assert list(verify({PRODUCTION: pair, SANDBOX: pair})) == [SANDBOX, PRODUCTION]


@pytest.mark.parametrize("talk", [drip_head, drip_body, say_nothing])
def test_no_server_outlasts_the_deadline(outside: Outside, settings: Settings, pair: Credentials, talk: Talk) -> None:
    talk, ended = to_the_end(talk)
    with serve(talk) as url:
        outside.mocked.add_passthru(url)
        settings.GATEWAY_URLS = {"sandbox": f"{url}sandbox/", "production": f"{url}production/"}
        findings = verify({SANDBOX: pair, PRODUCTION: pair}, deadline=Deadline(0.3))
    assert not ended.is_set()
    assert {finding.cause for finding in findings.values()} == {Cause.TIMEOUT}


def test_a_slow_probe_leaves_the_refusal(outside: Outside, check: Check, settings: Settings) -> None:
    with serve(say_nothing) as url:
        outside.mocked.add_passthru(url)
        settings.GATEWAY_URLS = {"sandbox": SANDBOX_URL, "production": url}
        outside.refuse(SANDBOX, CLIENT_ID_INVALID)
        assert check(deadline=Deadline(0.3)).cause is Cause.API_KEY_UNKNOWN


def test_a_bug_in_a_thread_is_not_a_timeout(pair: Credentials) -> None:
    def break_down() -> datetime:
        raise LookupError

    with pytest.raises(LookupError):
        verify({SANDBOX: pair}, now=break_down)
