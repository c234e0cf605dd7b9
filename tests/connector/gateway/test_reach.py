"""How far the way to a gateway is open."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from connector.gateway import reach
from connector.gateway.client import Credentials, Deadline, host_of
from connector.gateway.reach import Step, Way
from tests.connector.gateway.servers import Talk, drop, say, say_no_http, say_nothing, serve

ANSWER = b"HTTP/1.1 401 Unauthorized\r\nDate: Sat, 28 Nov 2026 10:00:00 GMT\r\nContent-Length: 2\r\n\r\n{}"


def find(url: str, proxy: str = "", ca_bundle: str = "", seconds: float = 2) -> Way:
    return reach.find(url, proxy, ca_bundle, Deadline(seconds))


@contextmanager
def serve_tls(folder: Path, pair: Credentials, name: str = "localhost") -> Iterator[tuple[str, str]]:
    """Serve with a certificate of our own for `name`; yield the base URL and the file of the certificate."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    key, now = pair.private_key.key, datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path, key_path = folder / "certificate.pem", folder / "key.pem"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_path.write_text(pair.private_key.pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path, key_path)

    def talk(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            say(ANSWER)(secure)

    with serve(talk) as url:
        yield url.replace("http://127.0.0.1", "https://localhost"), str(path)


def test_an_answer_says_that_the_way_is_open_and_what_time_it_is_there() -> None:
    with serve(say(ANSWER)) as url:
        way = find(url)
    assert way.failed_at is None
    assert way.addresses == ("127.0.0.1",)
    assert way.server_date == datetime(2026, 11, 28, 10, tzinfo=UTC)
    assert way.host == way.first_stop == host_of(url)


def test_a_name_that_does_not_exist_is_said() -> None:
    # No name server is asked about a name that is too long.
    way = find(f"https://{'a' * 64}.test/")
    assert way.failed_at is Step.NAME
    assert way.reason


def test_a_port_where_nothing_listens_is_said() -> None:
    with serve(say_nothing) as url:
        pass
    way = find(url)
    assert (way.failed_at, way.reason) == (Step.CONNECTION, "Connection refused")


@pytest.mark.parametrize(
    ("talk", "reason"),
    [
        pytest.param(say_no_http, "it is not HTTP", id="no HTTP"),
        pytest.param(say_nothing, "it did not come in time", id="silence"),
    ],
)
def test_an_answer_that_cannot_be_used_is_said(talk: Talk, reason: str) -> None:
    with serve(talk) as url:
        way = find(url, seconds=0.5)
    assert (way.failed_at, way.reason) == (Step.ANSWER, reason)


def test_a_certificate_is_trusted_if_the_bundle_has_it(tmp_path: Path, pair: Credentials) -> None:
    with serve_tls(tmp_path, pair) as (url, certificate):
        assert find(url, ca_bundle=certificate).failed_at is None
        refused = find(url)
    assert refused.failed_at is Step.CERTIFICATE
    assert "self-signed certificate" in refused.reason


def test_the_certificate_of_another_name_is_not_trusted(tmp_path: Path, pair: Credentials) -> None:
    with serve_tls(tmp_path, pair, "elsewhere.test") as (url, certificate):
        way = find(url, ca_bundle=certificate)
    assert way.failed_at is Step.CERTIFICATE
    assert "localhost" in way.reason


def test_a_server_without_tls_is_said() -> None:
    with serve(say(ANSWER)) as url:
        way = find(url.replace("http:", "https:"))
    assert way.failed_at is Step.SECURITY


def test_the_proxy_is_the_first_stop() -> None:
    with serve(say(ANSWER)) as proxy:
        way = find("http://gateway.test/", f"http://me:secret@{host_of(proxy)}")
    assert way.failed_at is None
    assert (way.host, way.first_stop) == ("gateway.test:80", host_of(proxy))
    assert "secret" not in repr(way)


def test_a_proxy_that_does_not_lead_to_the_gateway_is_said() -> None:
    with serve(say(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")) as proxy:
        way = find("https://gateway.test/", host_of(proxy))
    assert (way.failed_at, way.host) == (Step.PROXY, "gateway.test:443")


def test_a_server_that_closes_the_connection_gives_no_answer() -> None:
    with serve(drop(10)) as url:
        assert find(url).failed_at is Step.ANSWER


@pytest.mark.parametrize("url", ["nowhere", "https://", "https://gateway.test:99999/", "ftp://gateway.test/"])
def test_an_address_that_cannot_be_used_is_an_error(url: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        find(url)


def test_the_trusted_certificates_are_counted(tmp_path: Path, pair: Credentials) -> None:
    with serve_tls(tmp_path, pair) as (_url, certificate):
        assert reach.count_trusted(certificate) == 1
    assert reach.count_trusted("") > 50
    with pytest.raises(OSError, match=r".+"):
        reach.count_trusted(str(tmp_path / "nowhere"))
    (tmp_path / "empty").write_text("")
    with pytest.raises(OSError, match=r".+"):
        reach.count_trusted(str(tmp_path / "empty"))
