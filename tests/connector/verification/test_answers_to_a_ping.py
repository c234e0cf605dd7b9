"""One table: what a gateway answers when it is asked about a pair, and the cause that we name for it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import responses

from connector.gateway.client import Credentials
from connector.models import Verification
from connector.verification.causes import Cause
from connector.verification.examine import verify
from connector.verification.row import Kind
from tests.connector.conftest import PRODUCTION_URL, SANDBOX_URL
from tests.gateways import PING, REGISTRY, SANDBOX

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
UNKNOWN, REJECTED = Kind.UNKNOWN, Kind.REJECTED

JWT_INVALID = '{"message": "JWT is invalid"}'
CLIENT_ID_INVALID = '{"error": {"message": "Client ID is invalid"}}'
NO_REASON = '{"message": "Forbidden"}'
WEB_PAGE = "<!doctype html><title>403 Forbidden</title>"


@dataclass(frozen=True)
class Given:
    """What the gateway of the sandbox answers, and whether that of production accepts the pair."""

    status: int
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    works_elsewhere: bool = False


def detail(code: str, body: str) -> str:
    return body.removesuffix("}") + f', "detail": "{code}"}}'


def flat(code: object) -> str:
    return f'{{"error_code": {code}, "message": "Api Key is invalid"}}'


def dated(**off: int) -> dict[str, str]:
    return {"Date": format_datetime(NOW + timedelta(**off), usegmt=True)}


ANSWERS: dict[str, tuple[Given, Cause | None, Kind | None]] = {
    "200": (Given(200, '{"status": 200}'), None, None),
    "200-whatever-the-body": (Given(200, JWT_INVALID), None, None),
    "200-web-page": (Given(200, WEB_PAGE), None, None),
    "204": (Given(204), Cause.GATEWAY_ERROR, UNKNOWN),
    "302": (Given(302, headers={"Location": PRODUCTION_URL}), Cause.GATEWAY_ERROR, UNKNOWN),
    "400-json": (Given(400, "{}"), Cause.GATEWAY_ERROR, UNKNOWN),
    "404-json": (Given(404, '{"status": 404}'), Cause.GATEWAY_ERROR, UNKNOWN),
    "404-web-page": (Given(404, WEB_PAGE), Cause.GATEWAY_ERROR, UNKNOWN),
    "429": (Given(429, headers={"Retry-After": "60"}), Cause.RATE_LIMITED, UNKNOWN),
    "429-json": (Given(429, '{"error_code": "429050"}'), Cause.RATE_LIMITED, UNKNOWN),
    "500-json": (Given(500, '{"status": 500, "error": "Internal Server Error"}'), Cause.GATEWAY_ERROR, UNKNOWN),
    "503": (Given(503, headers={"Retry-After": "3600"}), Cause.GATEWAY_ERROR, UNKNOWN),
    "401-web-page": (Given(401, WEB_PAGE), Cause.GATEWAY_ERROR, UNKNOWN),
    "403-web-page": (Given(403, WEB_PAGE), Cause.GATEWAY_ERROR, UNKNOWN),
    "401-empty": (Given(401), Cause.GATEWAY_ERROR, UNKNOWN),
    "403-text": (Given(403, "Forbidden"), Cause.GATEWAY_ERROR, UNKNOWN),
    "403-number": (Given(403, "403"), Cause.GATEWAY_ERROR, UNKNOWN),
    "jwt-clock-ahead": (Given(401, JWT_INVALID, dated(minutes=5)), Cause.CLOCK_SKEW, UNKNOWN),
    "jwt-clock-behind": (Given(401, JWT_INVALID, dated(minutes=-5)), Cause.CLOCK_SKEW, UNKNOWN),
    "jwt-clock-just-right": (Given(401, JWT_INVALID, dated(minutes=4)), Cause.PAIR_MISMATCH, REJECTED),
    "jwt-detail-clock": (Given(401, detail("clock_skew", JWT_INVALID)), Cause.CLOCK_SKEW, UNKNOWN),
    "jwt": (Given(401, JWT_INVALID), Cause.PAIR_MISMATCH, REJECTED),
    "jwt-with-403": (Given(403, JWT_INVALID), Cause.PAIR_MISMATCH, REJECTED),
    "jwt-no-date": (Given(401, JWT_INVALID, {"Date": "yesterday"}), Cause.PAIR_MISMATCH, REJECTED),
    "jwt-detail-mismatch": (Given(401, detail("pair_mismatch", JWT_INVALID)), Cause.PAIR_MISMATCH, REJECTED),
    "jwt-detail-malformed": (Given(401, detail("token_malformed", JWT_INVALID)), Cause.PAIR_MISMATCH, REJECTED),
    "jwt-detail-of-another": (Given(401, detail("key_revoked", JWT_INVALID)), Cause.PAIR_MISMATCH, REJECTED),
    "client-elsewhere": (Given(403, CLIENT_ID_INVALID, works_elsewhere=True), Cause.WRONG_ENVIRONMENT, REJECTED),
    "client-detail-of-another": (
        Given(403, detail("pair_mismatch", CLIENT_ID_INVALID), works_elsewhere=True),
        Cause.WRONG_ENVIRONMENT,
        REJECTED,
    ),
    "client-detail-elsewhere": (
        Given(403, detail("wrong_environment", CLIENT_ID_INVALID)),
        Cause.WRONG_ENVIRONMENT,
        REJECTED,
    ),
    "client-detail-revoked": (Given(403, detail("key_revoked", CLIENT_ID_INVALID)), Cause.KEY_REVOKED, REJECTED),
    "client-detail-unknown": (
        Given(403, detail("api_key_unknown", CLIENT_ID_INVALID), works_elsewhere=True),
        Cause.API_KEY_UNKNOWN,
        REJECTED,
    ),
    "client": (Given(403, CLIENT_ID_INVALID), Cause.API_KEY_UNKNOWN, REJECTED),
    "client-with-401": (Given(401, CLIENT_ID_INVALID), Cause.API_KEY_UNKNOWN, REJECTED),
    "flat-403003": (Given(403, flat('"403003"')), Cause.API_KEY_UNKNOWN, REJECTED),
    "flat-403000": (Given(403, flat('"403000"')), Cause.API_KEY_UNKNOWN, REJECTED),
    "flat-number": (Given(403, flat(403003)), Cause.API_KEY_UNKNOWN, REJECTED),
    "flat-another-code": (Given(403, flat('"403025"')), Cause.REFUSED, REJECTED),
    "401-json": (Given(401, NO_REASON), Cause.REFUSED, REJECTED),
    "403-json": (Given(403, NO_REASON), Cause.REFUSED, REJECTED),
    "403-empty-object": (Given(403, "{}"), Cause.REFUSED, REJECTED),
    "403-despite-pause": (Given(403, NO_REASON, {"Retry-After": "60"}), Cause.REFUSED, REJECTED),
}
Ask = Callable[[Given], Verification]


@pytest.fixture
def ask(gateways: responses.RequestsMock, pair: Credentials) -> Ask:
    """Verify a pair of the sandbox with gateways that answer as given."""

    def run(given: Given) -> Verification:
        gateways.get(SANDBOX_URL + PING, body=given.body, status=given.status, headers=dict(given.headers))
        gateways.get(PRODUCTION_URL + PING, status=200 if given.works_elsewhere else 403)
        gateways.get(SANDBOX_URL + REGISTRY, json={"results": []})
        return verify({SANDBOX: pair}, now=lambda: NOW)[SANDBOX]

    return run


@pytest.mark.parametrize(("given", "cause", "kind"), ANSWERS.values(), ids=ANSWERS.keys())
def test_an_answer_has_one_cause(ask: Ask, given: Given, cause: Cause | None, kind: Kind | None) -> None:
    finding = ask(given)
    assert (finding.cause, finding.kind) == (cause, kind)
    assert finding.http_status == (given.status if cause else None)


def test_the_table_has_a_row_for_whatever_the_gateway_can_mean() -> None:
    elsewhere = {Cause.UNREACHABLE, Cause.TIMEOUT, Cause.TLS_FAILED, Cause.ACCOUNT_MISMATCH, Cause.DATA_SPACE_UNKNOWN}
    known = {cause for cause in Cause if cause.kind in {Kind.UNKNOWN, Kind.REJECTED}} - elsewhere
    assert {cause for _given, cause, _kind in ANSWERS.values() if cause} == known


def test_a_refusal_without_a_reason_shows_its_code_and_its_request(ask: Ask) -> None:
    advice = ask(Given(403, '{"message": "Forbidden", "requestId": "r-42"}')).advice(SANDBOX)
    assert advice
    assert "(status 403, request id r-42)" in advice.explanation


@pytest.mark.parametrize(("status", "seconds"), [(429, 900), (503, 300)])
def test_only_too_many_requests_are_a_reason_for_a_long_pause(ask: Ask, status: int, seconds: int) -> None:
    assert ask(Given(status, headers={"Retry-After": "900"})).retry_after_s == seconds
