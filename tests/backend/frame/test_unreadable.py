"""Requests that cannot be read as they were sent change nothing, and are no failure of ours."""

import logging
from io import BytesIO
from typing import NoReturn
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from backend.frame import middleware
from connector.models import Instance
from tests.addresses import CONFIGURATION, LOGIN
from tests.markup import form_of, text

FORM = "application/x-www-form-urlencoded"
TOO_MANY = {f"field-{number}": "" for number in range(501)}


class Reset(BytesIO):
    """A body whose sender hangs up while it is read."""

    def read(self, _size: int | None = -1) -> NoReturn:
        raise ConnectionResetError


@pytest.mark.django_db
@pytest.mark.parametrize("body", [BytesIO(b"active_environment=production&revi"), BytesIO(), Reset()])
def test_a_form_that_was_cut_short_is_not_saved(
    as_alice: Client, all_logs: pytest.LogCaptureFixture, body: BytesIO
) -> None:
    form = form_of(as_alice.get(CONFIGURATION))
    before = Instance.objects.values().get()
    response = as_alice.generic("POST", CONFIGURATION, urlencode(form), FORM, **{"wsgi.input": body})  # type: ignore[arg-type]  # as the server sets it
    assert response.status_code == 400
    assert "nothing was changed" in text(response)
    assert Instance.objects.values().get() == before
    assert "Traceback" not in all_logs.text


@pytest.mark.django_db
@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("method", ["get", "post"])
def test_too_many_values_are_a_page_and_a_line(
    client: Client, settings: Settings, all_logs: pytest.LogCaptureFixture, method: str, *, debug: bool
) -> None:
    settings.DEBUG = debug
    response = getattr(client, method)(LOGIN, TOO_MANY, headers={"accept-language": "fr"})
    assert response.status_code == 400
    assert "Requête non comprise" in text(response)
    (said,) = [
        record for record in all_logs.records if "access" not in record.name and record.levelno >= logging.WARNING
    ]
    assert said.getMessage().startswith("Refused a request that cannot be read: The number of GET/POST parameters")
    assert said.exc_info is None


def test_nothing_is_left_of_a_body_that_was_not_asked_for() -> None:
    request = RequestFactory().head("/")
    page = HttpResponse("text")
    middleware.heads(lambda _request: page)(request)
    assert page.content == b""
    streamed = StreamingHttpResponse(iter(["text"]))
    middleware.heads(lambda _request: streamed)(request)
    assert list(streamed) == []


@pytest.mark.django_db
@pytest.mark.parametrize("charset", ["zlib", "punycode", "undefined", "iso-8859-1"])
def test_no_request_chooses_what_it_is_read_with(
    client: Client, all_logs: pytest.LogCaptureFixture, charset: str
) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="login"\r\n\r\nanna-\xc3\xa9\r\n--x--\r\n'
    sent = f"multipart/form-data; boundary=x; charset={charset}"
    response = client.generic("POST", LOGIN, body, sent)
    assert response.status_code == 400
    assert "nothing was changed" in text(response)
    assert "Refused a request that cannot be read: The form is not in UTF-8." in all_logs.text
    assert client.generic("GET", f"{LOGIN}?next=%2Fadmin%2F", content_type=sent).status_code == 200
    assert "Traceback" not in all_logs.text


@pytest.mark.django_db
def test_a_form_may_say_that_it_is_in_utf_8(client: Client) -> None:
    response = client.generic("POST", LOGIN, b"login=anna", f"{FORM}; charset=UTF-8")
    assert 'value="anna"' in response.content.decode()
