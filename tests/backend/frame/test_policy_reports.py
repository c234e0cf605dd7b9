"""Reports of what a browser refused: a line of the log without anything secret, ten a minute from an address."""

import json
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pytest_django import Settings

from tests.addresses import CONFIGURATION, DASHBOARD

ADDRESS = f"{DASHBOARD}csp-report/"
REPORT = {
    "document-uri": f"https://testserver{CONFIGURATION}?token=S3CRET",
    "referrer": "https://testserver/S3CRET",
    "effective-directive": "script-src-elem",
    "original-policy": "S3CRET",
    "blocked-uri": "https://evil.test/S3CRET?S3CRET",
    "script-sample": "S3CRET",
}
NEW = {"documentURL": REPORT["document-uri"], "effectiveDirective": "script-src-elem", "blockedURL": "inline"}
KEYS = sorted({*REPORT, *NEW, "violated-directive", "csp-report", "body"})
VALUES = (
    st.none() | st.integers() | st.text(max_size=30) | st.sampled_from(["http://[", "//x", "/admin/", "\0", "x" * 999])
)
JSON = st.recursive(
    VALUES, lambda part: st.lists(part, max_size=3) | st.dictionaries(st.sampled_from(KEYS), part, max_size=4)
)


def send(client: Client, report: Any, **headers: str) -> int:
    body = report if isinstance(report, bytes | str) else json.dumps(report)
    return client.post(ADDRESS, body, "application/csp-report", headers=headers).status_code


def said(logs: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in logs.records if record.name == "backend.frame.policy_reports"]


@pytest.mark.parametrize(
    ("report", "refused"),
    [
        ({"csp-report": REPORT}, "https://evil.test"),
        ([{"type": "csp-violation", "body": NEW}], "inline"),
    ],
    ids=["report-uri", "report-to"],
)
def test_a_report_is_a_line_without_a_secret(
    client: Client, all_logs: pytest.LogCaptureFixture, report: Any, refused: str
) -> None:
    assert send(Client(enforce_csrf_checks=True), report) == 204
    assert said(all_logs) == [f"A browser refused {refused} on the page connector:configuration: script-src-elem."]
    assert "S3CRET" not in all_logs.text


def test_below_a_path_the_page_is_found_too(
    client: Client, all_logs: pytest.LogCaptureFixture, settings: Settings
) -> None:
    settings.URL_PREFIX = "/commerce"
    assert send(client, {"csp-report": REPORT | {"document-uri": f"https://testserver/commerce{DASHBOARD}"}}) == 204
    assert "on the page dashboard:" in said(all_logs)[0]


def test_what_is_no_name_is_not_logged(client: Client, all_logs: pytest.LogCaptureFixture) -> None:
    hostile = {"document-uri": "https://testserver/no\nwhere", "effective-directive": "a\nb", "blocked-uri": "a key"}
    assert send(client, {"csp-report": hostile}) == 204
    assert said(all_logs) == ["A browser refused something on the page unknown: unknown directive."]


@pytest.mark.parametrize(
    ("body", "status"),
    [("", 400), ("{", 400), (b"\xff", 400), ("[" * 16_000, 400), ("7", 204), ("[]", 204), ("x" * 17_000, 413)],
    ids=["empty", "cut", "bytes", "deep", "number", "none", "long"],
)
def test_what_is_no_report_is_not_logged(
    client: Client, all_logs: pytest.LogCaptureFixture, body: str | bytes, status: int
) -> None:
    assert send(client, body) == status
    assert said(all_logs) == []


def test_an_address_has_ten_lines_a_minute(client: Client, all_logs: pytest.LogCaptureFixture) -> None:
    codes = [send(client, {"csp-report": REPORT}) for _time in range(12)]
    assert codes == [204] * 10 + [429] * 2
    assert len(said(all_logs)) == 10
    assert send(Client(REMOTE_ADDR="192.0.2.7"), {"csp-report": REPORT}) == 204
    assert send(Client(REMOTE_ADDR="192.0.2.8"), [{"body": NEW}] * 50) == 429
    assert len(said(all_logs)) == 21


def test_a_network_of_ipv6_counts_as_one_address(client: Client) -> None:
    codes = [send(Client(REMOTE_ADDR=f"2001:db8::{number}"), {"csp-report": REPORT}) for number in range(12)]
    assert codes == [204] * 10 + [429] * 2


@pytest.mark.django_db
def test_the_policy_of_every_page_names_the_address(client: Client) -> None:
    assert f"report-uri {ADDRESS};" in client.get("/admin/login/")["Content-Security-Policy"]


def test_a_report_asks_no_database_and_starts_no_session(client: Client) -> None:
    client.cookies["sessionid"] = "a" * 32
    response = client.post(ADDRESS, json.dumps({"csp-report": REPORT}), "application/csp-report")
    assert (response.status_code, response.cookies) == (204, {})
    assert client.get(ADDRESS).status_code == 405


@examples(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(report=JSON)
def test_no_report_is_a_failure_of_ours(client: Client, report: Any) -> None:
    cache.clear()
    assert send(client, json.dumps(report)) == 204
