"""A request that nothing could read fails nowhere."""

from io import BytesIO
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client

from backend.frame.readable import with_readable_type
from tests.factories import CONFIGURATION, text

pytestmark = pytest.mark.django_db
LOGIN = "/admin/login/"
NO_TEXT = ["rot13", "hex", "undefined", "idna", "punycode", "zlib", "raw_unicode_escape", "unicode_escape", "utf-7"]


def answer(path: str, content_type: str, body: bytes = b"", method: str = "GET") -> tuple[int, str]:
    """Return how the whole stack answers a request that the test client would not send."""
    name, _mark, query = path.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": name,
        "QUERY_STRING": query,
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(body)),
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "REMOTE_ADDR": "192.0.2.7",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
    }
    said: list[str] = []

    def begin(status: str, _headers: object, _error: object = None) -> Any:
        said.append(status)

    page = b"".join(with_readable_type(WSGIHandler())(environ, begin))
    return int(said[0][:3]), page.decode()


@pytest.mark.parametrize("path", [f"{LOGIN}?q=%FF", "/healthz?q=%FF", f"{CONFIGURATION}?q=%5Cud800", "/nowhere/"])
@pytest.mark.parametrize("charset", NO_TEXT)
def test_a_code_that_is_none_of_text_is_a_400(path: str, charset: str) -> None:
    status, page = answer(path, f"text/html; charset={charset}")
    assert status == 400
    assert "Commerce Admin" in page


@pytest.mark.parametrize("charset", NO_TEXT)
def test_a_form_in_such_a_code_is_a_400(charset: str) -> None:
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        body = b"login=%FF&password=\\ud800"
        assert answer(LOGIN, f"{kind}; charset={charset}", body, "POST")[0] == 400


@pytest.mark.parametrize("parameter", ["charset*=nope''%41", "x*=nope''%41", "charset=\0"])
def test_a_type_that_cannot_be_read_is_a_400(parameter: str) -> None:
    assert answer(LOGIN, f"text/html; {parameter}")[0] == 400


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", "utf8"])
def test_a_form_in_utf_8_is_read(charset: str) -> None:
    assert answer(LOGIN, f"text/html; charset={charset}")[0] == 200


@pytest.mark.parametrize(
    "key", ['"\\000\\000\\000\\000\\000\\000\\000\\000abcdefgh"', "x" * 500, "\xe9" * 32, "A" * 32]
)
def test_a_session_that_cannot_be_is_none(client: Client, key: str) -> None:
    response = client.get("/admin/", headers={"cookie": f"sessionid={key}"})
    assert response.status_code == 302
    assert response["Location"].startswith(LOGIN)
    assert "Sign in" in text(client.get(LOGIN, headers={"cookie": f"sessionid={key}"}))
