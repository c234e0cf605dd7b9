"""The files of `deploy/` agree with each other where they repeat something."""

import json
import re
import ssl
from pathlib import Path

import pytest
from django.conf import settings

from backend.frame.proxy import HEADERS

# gunicorn takes each of these for the scheme of a request from a proxy on the same host: `secure_scheme_headers`.
SCHEMES = {"X-FORWARDED-PROTO", "X-FORWARDED-PROTOCOL", "X-FORWARDED-SSL"}
DEPLOY = Path(settings.BASE_DIR) / "deploy"
SERVICES = sorted((DEPLOY / "systemd").glob("*.service"))


def read(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def options_of_gunicorn(command: str) -> set[str]:
    """Return the options, without where it listens and without --reuse-port, which only a port can have."""
    words = re.sub(r"--bind \S+|--reuse-port", "", command.replace('""', "''")).split("config.wsgi")[1]
    return {option.strip() for option in re.findall(r"--[^-]\S*(?: (?!--)\S+)?", words)}


def unit_command(text: str) -> str:
    found = re.search(r"^ExecStart=(\S.*)$", text.replace("\\\n", " "), re.MULTILINE)
    return found[1] if found else ""


@pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.stem)
def test_every_service_runs_in_the_same_sandbox(service: Path) -> None:
    sandbox = re.compile(r"^User=.*?\n\n|^User=.*\Z", re.MULTILINE | re.DOTALL)
    [ours], [wanted] = sandbox.findall(service.read_text()), sandbox.findall(read("systemd/commerce-admin.service"))
    assert "ProtectSystem=strict" in wanted
    assert ours.strip() == wanted.strip()


def test_the_server_has_the_same_options_everywhere() -> None:
    wanted = options_of_gunicorn(unit_command(read("systemd/commerce-admin.service")))
    assert {"--threads 8", "--forwarder-headers ''", "--no-control-socket"} < wanted
    assert options_of_gunicorn(unit_command(read("systemd/socket.conf"))) == wanted
    [command] = re.findall(r"^CMD (.*)$", read("Containerfile").replace("\\\n", " "), re.MULTILINE)
    assert options_of_gunicorn(" ".join(word or "''" for word in json.loads(command))) == wanted


def test_nothing_that_a_client_says_of_its_address_or_scheme_gets_past_nginx() -> None:
    site = read("nginx/commerce-admin.conf")
    names = {name.upper() for name in re.findall(r"proxy_set_header (\S+)", site)}
    assert {*SCHEMES, *map(str.upper, HEADERS), "X-REAL-IP", "X-REQUEST-ID"} <= names
    assert re.findall(r"return 308 (\S+);", site) == ["https://$server_name$request_uri"]


def test_nginx_offers_suites_with_forward_secrecy_only() -> None:
    [wanted] = re.findall(r"ssl_ciphers (\S+);", read("nginx/commerce-admin.conf"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers(wanted)
    suites = [suite for suite in context.get_ciphers() if suite["protocol"] == "TLSv1.2"]
    assert suites
    assert [suite["name"] for suite in suites if suite["kea"] != "kx-ecdhe" or not suite["aead"]] == []
