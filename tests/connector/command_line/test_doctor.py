"""`manage.py connector doctor`: what is wrong, and nothing that is secret."""

import io
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from connector.gateway.client import Credentials
from connector.keys import keyring
from connector.models import KeyPair
from payments.models import OrderSource
from tests.connector.command_line import conftest
from tests.connector.command_line.conftest import Ran
from tests.connector.gateway.servers import say, serve
from tests.factories import connect, dump, know_order, know_source, lock, rotate, set_instance, store
from tests.gateways import PROJECT_ID, ROWS, SANDBOX, TESTING_ID

# The checks look in threads, which do not see what a test has not committed.
pytestmark = pytest.mark.django_db(transaction=True)


def gateway(connection: socket.socket, *, clock: timedelta = timedelta(0)) -> None:
    """Accept every pair, and know the account of the tests."""
    request = connection.recv(65536)
    if not request:
        # Somebody only looked whether this port is open.
        return
    path = request.split(b" ")[1].decode()
    answer: dict[str, Any] = {}
    if path.endswith("registry"):
        answer = {"results": ROWS}
    elif "/environments/" in path:
        answer = {**ROWS[0], "featureSet": []}
    body, date = json.dumps(answer).encode(), format_datetime(datetime.now(UTC) + clock, usegmt=True).encode()
    connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nDate: %b\r\n" % date)
    connection.sendall(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))


@pytest.fixture
def gateways(settings: Settings) -> Iterator[str]:
    with serve(gateway) as url:
        settings.GATEWAY_URLS = {"sandbox": url, "production": url}
        yield url


@pytest.fixture
def healthy(gateways: str, pair: Credentials, known: User) -> None:
    """Connect the instance, with an administrator and gateways that answer."""
    connect(pair)


def run(*arguments: str) -> Ran:
    return conftest.run("doctor", *arguments)


def findings() -> list[tuple[str, str, str, str]]:
    """Return check, text and remedy of everything that is not as it should be."""
    found = json.loads(run("--json").out)["findings"]
    return [
        (finding["state"], finding["check"], finding["text"], finding["remedy"])
        for finding in found
        # How the machine of the tests is set up is not their subject.
        if finding["state"] != "ok" and finding["check"] not in {"limits", "database file"}
    ]


def test_it_says_in_lines_that_all_is_well(healthy: None, pair: Credentials) -> None:
    code, output, error = run()
    assert code == 0
    assert f"ok\tversion\tCommerce Admin {project.VERSION}, Python" in output
    assert f"ok\tkey pairs\tsandbox (key …aaaa, {pair.private_key.fingerprint}): verified for MAG000000007" in output
    assert f"project {PROJECT_ID}, data space {TESTING_ID} (Testing)" in output
    assert "ok\tkey pairs\tproduction: no key pair" in output
    assert error == ""
    assert findings() == []


def test_the_json_says_how_it_ends_and_the_exit_code_too(healthy: None) -> None:
    code, output, _error = run("--json")
    report = json.loads(output)
    assert list(report) == ["product", "version", "checked_at", "state", "findings"]
    assert code == {"ok": 0, "wrong": 1}[report["state"]]
    assert list(report["findings"][0]) == ["check", "state", "text", "remedy"]


def test_it_stores_nothing(healthy: None) -> None:
    before = dump(with_log=True)
    run()
    assert dump(with_log=True) == before


def test_the_bundle_is_a_new_file_for_this_user_alone(healthy: None, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.json"
    _code, _output, error = run("--bundle", str(bundle))
    assert "It holds no secret" in error
    assert bundle.stat().st_mode & 0o777 == 0o600
    assert json.loads(bundle.read_text())["product"] == "Commerce Admin"
    with pytest.raises(CommandError, match="exists already") as refused:
        call_command("connector", "doctor", "--bundle", str(bundle))
    assert refused.value.returncode == 1


@pytest.mark.parametrize("name", ["nowhere/bundle.json", "a\0b"])
def test_a_bundle_that_cannot_be_written_is_said(healthy: None, tmp_path: Path, name: str) -> None:
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("connector", "doctor", "--bundle", str(tmp_path / name), stdout=io.StringIO())


def test_a_gateway_that_does_not_answer_and_its_pair_are_said(
    pair: Credentials, settings: Settings, known: User
) -> None:
    with serve(gateway) as url:
        pass
    settings.GATEWAY_URLS = {"sandbox": url, "production": url}
    connect(pair)
    found = {(state, check) for state, check, _text, _remedy in findings()}
    assert found == {("wrong", "sandbox gateway"), ("wrong", "production gateway"), ("unknown", "key pairs")}


def test_it_ends_with_2_where_nothing_is_wrong_and_something_is_not_known(
    pair: Credentials, settings: Settings, known: User
) -> None:
    with serve(say(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")) as url:
        settings.GATEWAY_URLS = {"sandbox": url, "production": url}
        connect(pair)
        code, output, _error = run()
    assert code == 2
    assert "unknown\tkey pairs\tsandbox" in output
    assert output.endswith("0 wrong, 1 not known.\n")


def test_an_address_of_a_gateway_that_cannot_be_used_is_said(healthy: None, settings: Settings) -> None:
    settings.GATEWAY_URLS = settings.GATEWAY_URLS | {"production": "https://me:canary@[broken/"}
    found = [finding for finding in findings() if finding[1] == "production gateway"]
    assert found == [
        (
            "wrong",
            "production gateway",
            "Gateway or proxy have no usable address.",
            "Correct PRODUCTION_GATEWAY_URL, or GATEWAY_PROXY.",
        )
    ]


@pytest.mark.parametrize(("apart", "text"), [(timedelta(hours=1), "60 minutes behind"), (-timedelta(hours=1), "ahead")])
def test_a_wrong_clock_is_said(healthy: None, settings: Settings, apart: timedelta, text: str) -> None:
    with serve(lambda connection: gateway(connection, clock=apart)) as url:
        settings.GATEWAY_URLS = settings.GATEWAY_URLS | {"production": url}
        found = findings()
    assert text in found[0][2]
    assert "timedatectl" in found[0][3]


def test_an_instance_that_is_not_configured_is_wrong(gateways: str, known: User) -> None:
    found = findings()
    assert [check for _state, check, _text, _remedy in found] == ["instance", "key pairs"]
    assert "Enter a key pair, for Sandbox or for Production" in found[0][2]


def test_values_that_do_not_open_are_said_with_the_key_they_need(healthy: None, settings: Settings) -> None:
    _new, old = rotate(settings)
    settings.ENCRYPTION_KEYS = settings.ENCRYPTION_KEYS[:1]
    texts = {check: text for _state, check, text, _remedy in findings()}
    assert f"2 values need the key {old}, which is not in the ring." in texts["encryption keys"]
    assert "undecryptable" in texts["key pairs"]
    assert "connector.W001" in texts["settings"]


def test_a_ring_that_cannot_be_used_is_said(healthy: None, settings: Settings) -> None:
    settings.ENCRYPTION_KEYS = ["canary"]
    texts = {check: text for _state, check, text, _remedy in findings()}
    assert "Encryption key 1 is malformed" in texts["encryption keys"]
    assert "canary" not in repr(texts)


def test_a_pair_of_environment_variables_that_cannot_be_used_is_said(healthy: None, settings: Settings) -> None:
    lock(settings, sandbox_private_key="canary", sandbox_api_key="c" * 32)
    texts = {check: text for _state, check, text, _remedy in findings()}
    assert "private_key_malformed" in texts["key pairs"]
    assert "connector.E004" in texts["settings"]
    assert "canary" not in repr(texts)


def test_what_maintain_should_have_erased_is_said(healthy: None, other_pair: Credentials) -> None:
    store(SANDBOX, other_pair)
    KeyPair.objects.former().update(replaced_at=timezone.now() - timedelta(days=31))
    Session.objects.create(session_key="canary", expire_date=timezone.now() - timedelta(days=3))
    remedies = {check: remedy for _state, check, _text, remedy in findings()}
    assert "manage.py maintain" in remedies["former pairs"]
    assert "manage.py maintain" in remedies["sessions"]


def test_an_admin_without_an_administrator_is_wrong(healthy: None) -> None:
    User.objects.update(is_active=False)
    assert ("wrong", "people") in {finding[:2] for finding in findings()}


def test_an_old_copy_of_the_orders_is_said(healthy: None) -> None:
    source = know_source()
    know_order(source)
    assert findings() == []
    OrderSource.objects.update(read_at=timezone.now() - timedelta(days=2), failed_code="timeout")
    ((state, check, text, remedy),) = findings()
    assert (state, check) == ("wrong", "orders")
    assert "1 orders" in text
    assert "timeout" in text
    assert "payments sync" in remedy


def test_a_cache_that_does_not_answer_is_said(healthy: None, settings: Settings) -> None:
    with serve(gateway) as url:
        pass
    location = url.replace("http://", "redis://:canary@")
    settings.CACHES = {"default": {"BACKEND": "backend.frame.shared_cache.Cache", "LOCATION": location}}
    ((state, check, text, remedy),) = findings()
    assert (state, check, remedy) == ("wrong", "cache", "Start or repair it, or correct CACHE_URL.")
    assert "canary" not in text


def test_nothing_that_is_stored_is_in_the_bundle_but_ids(
    gateways: str, pair: Credentials, other_pair: Credentials, tmp_path: Path
) -> None:
    administrator = User.objects.create_superuser("canary-name", "canary@example.com", "canary-password")
    store(SANDBOX, other_pair, administrator)
    connect(pair, user=administrator)
    set_instance(
        project_name="canary-project",
        data_space_name="canary-space",
        name="canary-instance",
        served_at=["https://canary-address.example.com"],
    )
    know_order(know_source(status_labels={"a": "canary-label"}), number="canary-order", details={"a": "canary-detail"})
    Session.objects.create(session_key="canary-session", session_data="canary-data", expire_date=timezone.now())
    bundle = tmp_path / "bundle.json"
    _code, output, error = run("--bundle", str(bundle))
    text = bundle.read_text() + output + error
    assert "canary" not in text
    for name in ("Fabrikam", "Staging"):
        assert name not in text
    for credentials in (pair, other_pair):
        assert credentials.api_key not in text
        assert not any(line in text for line in credentials.private_key.pem.splitlines()[1:-1])


def test_no_value_of_a_setting_is_in_the_bundle_and_a_database_that_is_down_ends_nothing(
    pair: Credentials, tmp_path: Path
) -> None:
    values = {
        "MODE": "production",
        "SECRET_KEY": "canary-secret-key-0123456789-abcdefghijklmnopqrstuvwxyz",
        "ENCRYPTION_KEYS": keyring.generate_key(),
        "ALLOWED_HOSTS": "canary.example.com",
        "CSRF_TRUSTED_ORIGINS": "https://canary.example.com",
        "DATABASE_URL": "postgres://canary_user:canary_password@127.0.0.1:1/canary_name",
        "CACHE_URL": "redis://:canary_password@127.0.0.1:1/0",
        "SANDBOX_GATEWAY_URL": "https://canary_user:canary_password@127.0.0.1:1/canary/",
        "PRODUCTION_GATEWAY_URL": "https://127.0.0.1:1/canary/",
        "GATEWAY_PROXY": "http://canary_user:canary_password@127.0.0.1:1",
        "GATEWAY_CA_BUNDLE": "/canary/bundle.pem",
        "API_PORTAL_URL": "https://canary.example.com/",
        "STORE_ADMIN_URL": "https://canary.example.com/",
        "CONNECTOR_SANDBOX_API_KEY": pair.api_key,
        "CONNECTOR_SANDBOX_PRIVATE_KEY": pair.private_key.pem.replace("\n", r"\n"),
        "CONNECTOR_PROJECT_ID": "canary_project",
    }
    bundle = tmp_path / "bundle.json"
    command = [sys.executable, "manage.py", "connector", "doctor", "--bundle", str(bundle)]
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | values
    ended = subprocess.run(  # noqa: S603  (our own command)
        command, cwd=project.BASE_DIR, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    text = ended.stdout + ended.stderr + bundle.read_text()
    assert ended.returncode == 1
    assert "PostgreSQL at 127.0.0.1:1 does not answer: nothing listens there." in text
    assert "Not looked at: the database does not answer." in text
    assert "Nothing answers at 127.0.0.1:1: Connection refused." in text
    assert "connector.E007" in text
    assert "Traceback" not in text
    assert f"Set: {', '.join(sorted(values))}" in text
    lines = pair.private_key.pem.splitlines()[1:-1]
    for secret in ("canary", values["ENCRYPTION_KEYS"], pair.api_key, *lines):
        assert secret not in text
