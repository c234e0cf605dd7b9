"""A body that is too long, that has no honest length, or that holds a file is refused before anything reads it."""

import re
from io import BytesIO
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from connector.keys.repairs import MAX_BYTES as MAX_KEY
from saas.gateway.feeds import MAX_BYTES
from tests.addresses import CONFIGURATION, LOGIN, ORDERS, PORTAL
from tests.markup import form_of, links, text
from tests.saas.gateway.conftest import REGISTRY

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"
PAGES = (
    LOGIN,
    CONFIGURATION,
    PORTAL,
    ORDERS,
    "/nowhere/",
    "/healthz",
    "/static/css/joined.css",
    "/paypal/onboarding/x/",
)
CALLS = ("/gateway/apikeycheck", f"{REGISTRY}/initialize", "/payments/reports/orders", "/gateway/nowhere", "/ims/x")
FEED = "/payments/exports/commerce/orders/x"
NONSENSE = ("-1", "+5", "5, 5", "abc", " 5", "5 ", "1_0", "0x5", "1e3", "5.0", "²", "\u0665", "9" * 5000)


class Unread(BytesIO):
    """A body that nobody may read."""

    def read(self, _size: int | None = -1) -> NoReturn:
        raise AssertionError


def send(client: Client, path: str, length: str, method: str = "POST", **environ: Any) -> Any:
    announced: dict[str, Any] = {"CONTENT_LENGTH": length, "wsgi.input": Unread(), "CONTENT_TYPE": FORM} | environ
    return client.generic(method, path, **announced)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_says_what_was_too_much(client: Client, path: str, method: str) -> None:
    response = send(client, path, str(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1), method)
    assert response.status_code == 413
    assert "nothing was changed" in text(response)
    assert links(response)["Back to the form"] == ""
    assert response["Content-Security-Policy"] == settings.CONTENT_SECURITY_POLICY
    assert response["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("path", [*CALLS, FEED])
@pytest.mark.parametrize(
    ("length", "environ", "status"),
    [(str(MAX_BYTES + 1), {}, 413), ("many", {}, 400), ("5", {"HTTP_TRANSFER_ENCODING": "chunked"}, 400)],
)
def test_a_program_is_told_so_in_json(
    client: Client, path: str, length: str, environ: dict[str, str], status: int
) -> None:
    response = send(client, path, length, **environ)
    assert (response.status_code, response.json()["status"]) == (status, status)


@pytest.mark.parametrize("length", NONSENSE)
@pytest.mark.parametrize("path", [LOGIN, "/nowhere/", "/healthz", CALLS[0], FEED])
def test_a_length_that_is_no_number_is_refused(client: Client, path: str, length: str) -> None:
    assert send(client, path, length).status_code == 400


@examples(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(length=st.text(min_size=1, max_size=20).filter(lambda text: not (text.isascii() and text.isdigit())))
def test_no_length_is_a_failure_of_ours(client: Client, length: str) -> None:
    assert send(client, LOGIN, length).status_code == 400


@pytest.mark.parametrize("path", [LOGIN, PORTAL, *CALLS])
def test_chunks_are_for_feeds_alone(client: Client, path: str) -> None:
    assert send(client, path, "", HTTP_TRANSFER_ENCODING="chunked").status_code == 411
    assert send(client, FEED, "", HTTP_TRANSFER_ENCODING="chunked").status_code == 403


@pytest.mark.parametrize("path", [*PAGES, *CALLS, FEED])
def test_no_address_stores_a_file(client: Client, path: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    file = SimpleUploadedFile("key.pem", b"x" * 400_000)
    for sent in ({"f": file}, {"f": SimpleUploadedFile("key.pem", b"x" * 3_000_000)}):
        assert 400 <= client.post(path, sent).status_code < 500
    assert client.post(path, {"f": file}, headers={"Cookie": "csrftoken=x"}).status_code < 500
    assert list(tmp_path.iterdir()) == []


def test_a_form_with_a_file_changes_nothing(as_alice: Client) -> None:
    response = as_alice.post("/admin/account-setting/", {"f": SimpleUploadedFile("a.txt", b"x"), "email": "a@b.test"})
    assert response.status_code == 400
    assert "nothing was changed" in text(response)


@pytest.mark.parametrize(
    "key", ["+" * MAX_KEY, "++++\r\n" * (MAX_KEY // 6), "x" * (MAX_KEY + 10)], ids=["signs", "lines", "long"]
)
def test_the_longest_keys_reach_their_form(as_alice: Client, key: str) -> None:
    form = form_of(as_alice.get(CONFIGURATION)) | {"sandbox_private_key": key, "production_private_key": key}
    assert as_alice.post(CONFIGURATION, urlencode(form), FORM).status_code == 200


def test_nginx_lets_through_what_the_admin_refuses_with_a_page_and_writes_none_of_it_down() -> None:
    site = (settings.BASE_DIR / "deploy" / "nginx" / "commerce-admin.conf").read_text(encoding="utf-8")
    sizes = dict(re.findall(r"^ *client_(max_body|body_buffer)_size (\d+)m;", site, re.MULTILINE))
    assert int(sizes["max_body"]) * 1024 * 1024 > settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    assert sizes["body_buffer"] == sizes["max_body"]
    assert "proxy_max_temp_file_size 0;" in site
