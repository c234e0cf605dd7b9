"""The metrics, their table in the documents, and the alerts agree."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from promql_parser import Expr, VectorSelector, parse

from backend.frame import events
from connector import connection
from connector.verification.causes import Cause
from dashboard.metrics import counted
from tests.backend.people.second_factors import Clock, give_app, type_code, type_password
from tests.factories import know_source, learn
from tests.gateways import SANDBOX

BASE_DIR: Path = settings.BASE_DIR
RULES: list[dict[str, Any]] = yaml.safe_load((BASE_DIR / "deploy/alerts.yml").read_text("utf-8"))["groups"][0]["rules"]
# Prometheus adds these: which server it asked, and the bound of a bucket.
OF_PROMETHEUS = {"job", "instance", "le"}


@pytest.fixture
def labels(client: Client, connected: None, monkeypatch: pytest.MonkeyPatch) -> dict[str, set[str]]:
    """Return every metric that a server can have, with its labels."""
    monkeypatch.setattr(events, "_observers", [])
    counted.begin()
    learn(SANDBOX, Cause.TIMEOUT, host=connection.load().active.host)
    know_source(failed_code=Cause.TIMEOUT)
    events.note("page", view="dashboard", method="GET", status="2xx")
    events.note("gateway_call", call="GET ping", outcome="2xx")
    events.note("verification", environment="sandbox", cause="verified")
    events.note("order_read", environment="sandbox", outcome="complete")
    # A verified pair has no cause; a refused one has no copy of the orders.
    found = {"commerce_admin_pair_cause": {"environment", "cause"}}
    for family in text_string_to_metric_families(client.get("/metrics").content.decode()):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels.keys())
    return found


@pytest.mark.django_db
def test_the_documents_list_every_metric_with_its_labels(labels: dict[str, set[str]]) -> None:
    text = (BASE_DIR / "docs/operations.md").read_text("utf-8").partition("### Metrics")[2].partition("### Alerts")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \|", text, re.MULTILINE)
    listed = {f"commerce_admin_{name}": set(re.findall(r"`(\w+)`", cell)) for name, cell in rows}
    # A histogram has three series.
    assert listed == {re.sub("_(bucket|count|sum)$", "", name): names - {"le"} for name, names in labels.items()}


def selectors(expression: Expr) -> Iterator[VectorSelector]:
    """Yield each metric that an expression names."""
    if isinstance(expression, VectorSelector):
        yield expression
    parts = [getattr(expression, name, None) for name in ("lhs", "rhs", "expr", "vector_selector")]
    for part in [*parts, *getattr(expression, "args", [])]:
        if isinstance(part, Expr):
            yield from selectors(part)


@pytest.mark.django_db
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_asks_for_a_metric_that_there_is(rule: dict[str, Any], labels: dict[str, set[str]]) -> None:
    known = labels | {"up": OF_PROMETHEUS}
    found = list(selectors(parse(rule["expr"])))
    assert found
    assert [selector.name for selector in found if selector.name not in known] == []
    for selector in found:
        matched = {matcher.name for matcher in selector.matchers.matchers}
        assert matched <= known[str(selector.name)] | OF_PROMETHEUS
    grouped = re.findall(r"(?:on|by|without) \((.*?)\)", rule["expr"])
    named = {name for names in grouped for name in names.split(", ")}
    named |= {*re.findall(r"\$labels\.(\w+)", str(rule["annotations"]))}
    assert named <= set.union(OF_PROMETHEUS, *(known[str(selector.name)] for selector in found))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_says_what_is_wrong_and_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert {"summary", "action"} == rule["annotations"].keys()


@pytest.mark.django_db
def test_the_alert_of_refused_codes_counts_them_and_no_other(
    client: Client, known: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "_observers", [])
    counted.begin()
    clock = Clock(monkeypatch)
    give_app(known)
    type_password(client)
    type_code(client, "000000")
    type_code(client, clock.code())
    [rule] = [rule for rule in RULES if rule["alert"] == "CommerceAdminCodesRefused"]
    [selector] = selectors(parse(rule["expr"]))
    wanted = {matcher.name: matcher.value for matcher in selector.matchers.matchers}
    page = client.get("/metrics").content.decode()
    samples = [sample for family in text_string_to_metric_families(page) for sample in family.samples]
    assert [s.value for s in samples if s.name == selector.name and s.labels == wanted] == [1.0]
