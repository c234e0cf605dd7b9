"""One cause per failure, from whatever the two gateways answer."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
import responses
from pytest_django import Settings

from connector.environment import Environment
from connector.gateway.client import Credentials, Deadline
from connector.verification.causes import Cause, Kind
from connector.verification.examine import verify
from connector.verification.finding import Account, Finding
from tests.connector.conftest import DATA_SPACE_ID, MAGE_ID, PRODUCTION_URL, SANDBOX_URL
from tests.connector.gateway.servers import Talk, drip_body, drip_head, say_nothing, serve

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SANDBOX, PRODUCTION = Environment.SANDBOX, Environment.PRODUCTION
BASE_URLS = {SANDBOX: SANDBOX_URL, PRODUCTION: PRODUCTION_URL}
PAYMENTS = {SANDBOX: "Commerce Payments Sandbox", PRODUCTION: "Commerce Payments"}
JWT_INVALID = {"message": "JWT is invalid"}
CLIENT_ID_INVALID = {"error": {"message": "Client ID is invalid"}}
NOT_FOUND = {"status": 404, "message": "Merchant registry not found"}
REGISTRY = "merchant-registry/v1/registry"
FOREIGN = f"{REGISTRY}/environments/another"


class Gateways:
    """Both gateways, in the words of these tests."""

    def __init__(self, mocked: responses.RequestsMock, make_row: Callable[..., dict[str, Any]]) -> None:
        self.mocked = mocked
        self.make_row = make_row

    def accept(self, environment: Environment, *features: str, **row: Any) -> None:
        """Accept the pair; the account has one data space, with `features`."""
        registry = f"{BASE_URLS[environment]}merchant-registry/v1/registry"
        one = self.make_row(**row)
        self.mocked.get(f"{BASE_URLS[environment]}merchant-registry/v1/ping")
        self.mocked.get(registry, json={"results": [one]})
        self.mocked.get(f"{registry}/environments/{one['environmentId']}", json=one | {"featureSet": features})
        self.mocked.get(f"{BASE_URLS[environment]}payments/onboarding/paypal", json={"result": {"status": "COMPLETED"}})

    def refuse(self, environment: Environment, body: dict[str, Any], status: int = 403, **answer: Any) -> None:
        """Refuse the pair at the ping."""
        self.mocked.get(f"{BASE_URLS[environment]}merchant-registry/v1/ping", json=body, status=status, **answer)

    def fail(self, environment: Environment, path: str, **answer: Any) -> None:
        """Answer one path otherwise than `accept` did."""
        self.mocked.upsert("GET", BASE_URLS[environment] + path, **answer)


@pytest.fixture
def both(gateways: responses.RequestsMock, registry_row: Callable[..., dict[str, Any]]) -> Gateways:
    return Gateways(gateways, registry_row)


@pytest.fixture
def check(credentials: Credentials) -> Callable[..., Finding]:
    """Verify the sandbox pair alone."""

    def run(data_space_id: str = DATA_SPACE_ID, **options: Any) -> Finding:
        return verify({SANDBOX: credentials}, data_space_id=data_space_id, now=lambda: NOW, **options)[SANDBOX]

    return run


Check = Callable[..., Finding]


def test_a_working_pair_is_verified(both: Gateways, check: Check) -> None:
    both.accept(SANDBOX, PAYMENTS[SANDBOX])
    finding = check()
    assert finding.is_verified
    assert finding.account == Account(MAGE_ID, "Northwind Outdoor", is_entitled=True)
    assert (finding.host, finding.onboarding_status, finding.checked_at) == ("sandbox.test", "COMPLETED", NOW)


def test_a_new_account_without_a_project_is_verified(both: Gateways, check: Check) -> None:
    both.accept(SANDBOX)
    both.fail(SANDBOX, REGISTRY, status=404, json=NOT_FOUND)
    finding = check(data_space_id="")
    assert finding.is_verified
    assert finding.account is None


def test_a_data_space_that_the_account_does_not_have_is_unknown(both: Gateways, check: Check) -> None:
    both.accept(SANDBOX, PAYMENTS[SANDBOX])
    both.fail(SANDBOX, FOREIGN, status=404, json=NOT_FOUND)
    finding = check(data_space_id="another")
    assert (finding.cause, finding.kind) == (Cause.DATA_SPACE_UNKNOWN, Kind.REJECTED)
    assert (finding.features, finding.onboarding_status) == (None, "")
    assert f"does not belong to their account ({MAGE_ID})" in finding.explanation


def test_an_account_without_a_project_has_no_data_space_either(both: Gateways, check: Check) -> None:
    both.accept(SANDBOX)
    both.fail(SANDBOX, REGISTRY, status=404, json=NOT_FOUND)
    both.fail(SANDBOX, FOREIGN, status=404, json=NOT_FOUND)
    finding = check(data_space_id="another")
    assert finding.cause is Cause.DATA_SPACE_UNKNOWN
    assert "does not belong to their account:" in finding.explanation


def test_a_data_space_that_the_list_does_not_have_yet_is_there(both: Gateways, check: Check) -> None:
    both.accept(SANDBOX)
    new = both.make_row(environmentId="another") | {"featureSet": [PAYMENTS[SANDBOX]]}
    both.fail(SANDBOX, FOREIGN, json=new)
    finding = check(data_space_id="another")
    assert finding.is_verified
    assert finding.features == (PAYMENTS[SANDBOX],)


def test_a_data_space_that_the_registry_names_for_another_account_is_unknown(both: Gateways, check: Check) -> None:
    both.accept(SANDBOX)
    both.fail(SANDBOX, FOREIGN, json=both.make_row(environmentId="another", mageId="MAG999"))
    assert check(data_space_id="another").cause is Cause.DATA_SPACE_UNKNOWN


def test_odd_rows_leave_the_account_readable(both: Gateways, check: Check) -> None:
    both.accept(SANDBOX, PAYMENTS[SANDBOX])
    rows = [None, both.make_row(environmentName=None, mageId=None), both.make_row(environmentType="Odd")]
    both.fail(SANDBOX, REGISTRY, json={"results": rows})
    finding = check()
    assert finding.is_verified
    assert (len(finding.data_spaces), finding.left_out) == (2, 1)
    assert finding.account == Account(MAGE_ID, "Northwind Outdoor", is_entitled=True)


def test_a_data_space_whose_account_is_not_named_is_no_foreign_one(both: Gateways, check: Check) -> None:
    both.accept(SANDBOX)
    both.fail(SANDBOX, FOREIGN, json={"environmentId": "another"})
    assert check(data_space_id="another").is_verified


@pytest.mark.parametrize("path", [REGISTRY, FOREIGN])
def test_a_list_that_cannot_be_read_says_nothing_of_the_data_space(both: Gateways, check: Check, path: str) -> None:
    both.accept(SANDBOX)
    both.fail(SANDBOX, FOREIGN, status=404, json=NOT_FOUND)
    both.fail(SANDBOX, path, status=500)
    assert check(data_space_id="another").cause is Cause.GATEWAY_ERROR


def test_two_accounts_are_named_before_the_data_space(both: Gateways, check: Check) -> None:
    both.accept(SANDBOX)
    both.fail(SANDBOX, FOREIGN, status=404, json=NOT_FOUND)
    known = {PRODUCTION: Account("MAG999", "Another", is_entitled=True)}
    assert check(data_space_id="another", accounts=known).cause is Cause.ACCOUNT_MISMATCH


@pytest.mark.parametrize("path", [REGISTRY, FOREIGN])
@pytest.mark.parametrize("status", [200, 401, 403, 404])
def test_a_proxy_that_answers_for_the_registry_says_nothing_of_the_data_space(
    both: Gateways, check: Check, path: str, status: int
) -> None:
    both.accept(SANDBOX)
    both.fail(SANDBOX, FOREIGN, status=404, json=NOT_FOUND)
    both.fail(SANDBOX, path, status=status, body="<html>Not here")
    assert check(data_space_id="another").cause is Cause.GATEWAY_ERROR


def test_a_data_space_that_is_gone_says_nothing_of_features(both: Gateways, check: Check) -> None:
    both.accept(SANDBOX)
    path = f"merchant-registry/v1/registry/environments/{DATA_SPACE_ID}"
    both.fail(SANDBOX, path, status=404, json=NOT_FOUND)
    finding = check()
    assert finding.is_verified
    assert finding.features is None


def test_a_failed_onboarding_call_does_not_spoil_it(both: Gateways, check: Check) -> None:
    both.accept(SANDBOX, PAYMENTS[SANDBOX])
    both.fail(SANDBOX, "payments/onboarding/paypal", status=500)
    assert check().is_verified


@pytest.mark.parametrize(
    ("raised", "cause"),
    [
        (requests.ConnectionError(), Cause.UNREACHABLE),
        (requests.ReadTimeout(), Cause.TIMEOUT),
        (requests.exceptions.SSLError(), Cause.TLS_FAILED),
    ],
)
def test_the_network_is_not_the_pair(both: Gateways, check: Check, raised: Exception, cause: Cause) -> None:
    both.mocked.get(f"{SANDBOX_URL}merchant-registry/v1/ping", body=raised)
    finding = check()
    assert finding.cause is cause
    assert finding.kind is Kind.UNKNOWN


@pytest.mark.parametrize("detail", ["key_revoked", "wrong_environment", "api_key_unknown"])
def test_a_detail_is_believed_without_a_probe(both: Gateways, check: Check, detail: str) -> None:
    both.refuse(SANDBOX, CLIENT_ID_INVALID | {"detail": detail})
    assert check().cause == detail
    assert len(both.mocked.calls) == 1


@pytest.mark.parametrize("features", [(), ("Premium Search", "Commerce Payments"), ("A name nobody knows",)])
def test_no_feature_and_no_unknown_one_rejects_a_pair(both: Gateways, check: Check, features: tuple[str, ...]) -> None:
    both.accept(SANDBOX, *features)
    finding = check()
    assert finding.is_verified
    assert finding.features == features


def test_two_pairs_of_one_account_are_verified(both: Gateways, credentials: Credentials) -> None:
    both.accept(SANDBOX)
    both.accept(PRODUCTION)
    findings = verify({SANDBOX: credentials, PRODUCTION: credentials})
    assert all(finding.is_verified for finding in findings.values())


def test_pairs_of_two_accounts_do_not_match(both: Gateways, credentials: Credentials) -> None:
    both.accept(SANDBOX)
    both.accept(PRODUCTION, mageId="MAG999")
    findings = verify({SANDBOX: credentials, PRODUCTION: credentials})
    assert {finding.cause for finding in findings.values()} == {Cause.ACCOUNT_MISMATCH}


def test_the_account_with_the_entitlement_is_the_right_one(both: Gateways, credentials: Credentials) -> None:
    both.accept(SANDBOX, PAYMENTS[SANDBOX])
    both.accept(PRODUCTION, mageId="MAG999", environmentId="another")
    both.fail(PRODUCTION, f"{REGISTRY}/environments/{DATA_SPACE_ID}", status=404, json=NOT_FOUND)
    findings = verify({SANDBOX: credentials, PRODUCTION: credentials}, data_space_id=DATA_SPACE_ID)
    assert findings[SANDBOX].is_verified
    assert findings[PRODUCTION].cause is Cause.ACCOUNT_MISMATCH


def test_a_pair_is_compared_with_a_known_one(both: Gateways, check: Check) -> None:
    both.accept(SANDBOX)
    known = {PRODUCTION: Account("MAG999", "Another", is_entitled=None)}
    assert check(data_space_id="", accounts=known).cause is Cause.ACCOUNT_MISMATCH


def test_a_rejected_pair_is_compared_with_nothing(both: Gateways, credentials: Credentials) -> None:
    both.accept(SANDBOX)
    both.refuse(PRODUCTION, JWT_INVALID, 401)
    known = {PRODUCTION: Account("MAG999", "Another", is_entitled=None)}
    findings = verify({SANDBOX: credentials, PRODUCTION: credentials}, accounts=known)
    assert findings[SANDBOX].is_verified
    assert findings[PRODUCTION].cause is Cause.PAIR_MISMATCH


def test_findings_come_in_one_order_whatever_was_asked_for(both: Gateways, credentials: Credentials) -> None:
    both.accept(SANDBOX)
    both.accept(PRODUCTION)
    assert list(verify({PRODUCTION: credentials, SANDBOX: credentials})) == [SANDBOX, PRODUCTION]


@pytest.mark.parametrize("talk", [drip_head, drip_body, say_nothing])
def test_no_server_outlasts_the_deadline(settings: Settings, credentials: Credentials, talk: Talk) -> None:
    with serve(talk) as url:
        settings.GATEWAY_URLS = {"sandbox": f"{url}sandbox/", "production": f"{url}production/"}
        began = time.monotonic()
        findings = verify({SANDBOX: credentials, PRODUCTION: credentials}, deadline=Deadline(0.3))
    assert time.monotonic() - began < 1
    assert {finding.cause for finding in findings.values()} == {Cause.TIMEOUT}


def test_a_slow_onboarding_call_leaves_the_pair_verified(both: Gateways, check: Check) -> None:
    def answer_late(_request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        time.sleep(0.6)
        return 200, {}, "{}"

    both.accept(SANDBOX, PAYMENTS[SANDBOX])
    both.mocked.remove("GET", f"{SANDBOX_URL}payments/onboarding/paypal")
    both.mocked.add_callback("GET", f"{SANDBOX_URL}payments/onboarding/paypal", answer_late)
    assert check(deadline=Deadline(0.3)).is_verified


def test_a_slow_probe_leaves_the_refusal(both: Gateways, check: Check, settings: Settings) -> None:
    with serve(say_nothing) as url:
        both.mocked.add_passthru(url)
        settings.GATEWAY_URLS = {"sandbox": SANDBOX_URL, "production": url}
        both.refuse(SANDBOX, CLIENT_ID_INVALID)
        assert check(deadline=Deadline(0.3)).cause is Cause.API_KEY_UNKNOWN


def test_a_bug_in_a_thread_is_not_a_timeout(both: Gateways, credentials: Credentials) -> None:
    def break_down() -> datetime:
        raise LookupError

    both.accept(SANDBOX)
    with pytest.raises(LookupError):
        verify({SANDBOX: credentials}, now=break_down)
