"""A gateway is believed only with a certificate that is trusted, over real TLS."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from connector.errors import Reason
from connector.gateway.client import Client, Credentials, Deadline, Listed
from tests.certificates import Certificate, make_certificate
from tests.connector.gateway.conftest import failure
from tests.connector.gateway.servers import over_tls, say, serve

ANSWER = b'HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n{"results":[]}'


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    return make_certificate(tmp_path, "gateway")


@pytest.fixture
def url(certificate: Certificate) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.path, certificate.key_path)
    with serve(over_tls(context, say(ANSWER))) as address:
        yield address.replace("http:", "https:")


def test_a_gateway_whose_certificate_is_in_the_bundle_is_believed(
    url: str, certificate: Certificate, pair: Credentials, settings: Settings
) -> None:
    settings.GATEWAY_CA_BUNDLE = str(certificate.path)
    assert Client(url, pair, deadline=Deadline(5)).data_spaces() == Listed()


def test_a_gateway_with_another_certificate_is_a_failure_of_tls(
    url: str, tmp_path: Path, pair: Credentials, settings: Settings
) -> None:
    settings.GATEWAY_CA_BUNDLE = str(make_certificate(tmp_path, "other").path)
    assert failure(Client(url, pair, deadline=Deadline(5)).ping).reason == Reason.TLS_FAILED


def test_a_certificate_for_another_host_is_a_failure_of_tls(
    url: str, certificate: Certificate, pair: Credentials, settings: Settings
) -> None:
    settings.GATEWAY_CA_BUNDLE = str(certificate.path)
    elsewhere = url.replace("127.0.0.1", "localhost")
    assert failure(Client(elsewhere, pair, deadline=Deadline(5)).ping).reason == Reason.TLS_FAILED
