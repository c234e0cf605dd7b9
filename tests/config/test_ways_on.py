"""`next` and `Referer` lead within this Admin only, whatever somebody puts into them."""

import re
from urllib.parse import urljoin, urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from django.urls import set_script_prefix
from hypothesis import HealthCheck, example, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pytest_django import Settings

from backend.frame.redirects import is_within, way_back
from backend.people.sign_in import Adapter
from tests.addresses import DASHBOARD, LOGIN
from tests.factories import PASSWORD

PIECES = [
    "/",
    "//",
    "\\",
    "/\\",
    ":",
    "@",
    "?",
    "#",
    "%2f",
    "%5c",
    "%2e%2e",
    "..",
    ".",
    "\t",
    "\n",
    "\r",
    "\0",
    " ",
    "\u200b",
]
PIECES += [
    "http:",
    "https:",
    "javascript:",
    "data:",
    "admin",
    "testserver",
    "trusted.test",
    "evil.test",
    "x",
    "é",
    "[",
    "]",
]
ADDRESSES = st.lists(st.sampled_from(PIECES), max_size=7).map("".join) | st.text(max_size=12)
HOSTILE = [
    "https://evil.test/",
    "//evil.test/",
    "///evil.test/",
    "\\\\evil.test",
    "/\\evil.test/",
    "/\t/evil.test/",
    "\t//evil.test/",
    "javascript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,x",
    "http://trusted.test/",
    "https://trusted.test/admin/",
    "http:///evil.test",
    "http:evil.test",
    "https://testserver@evil.test/",
    "https://testserver:444/",
    "/admin/../../x",
    "/admin/%2E./x",
    "/admin/\r\nSet-Cookie: x=y",
]


def destination(address: str) -> str:
    """Return where a browser goes from a page of this Admin, as the standard for addresses says."""
    address = re.sub(r"[\t\r\n]", "", address.strip("".join(map(chr, range(0x21)))))
    path, mark, rest = re.split(r"([?#]|$)", address, maxsplit=1)
    try:
        return str(urljoin(f"https://testserver{LOGIN}", path.replace("\\", "/") + mark + rest))
    except ValueError:
        return "https://testserver/"


@pytest.mark.parametrize("prefix", ["/", "/admin/"])
@examples(max_examples=1000)
@given(address=ADDRESSES)
@example(address="/admin/x?next=//evil.test")
def test_an_address_that_is_within_leads_nowhere_else(prefix: str, address: str) -> None:
    set_script_prefix(prefix)
    try:
        if is_within(address):
            there = urlsplit(destination(address))
            assert (there.scheme, there.netloc) == ("https", "testserver")
            assert there.path.startswith(prefix)
    finally:
        set_script_prefix("/")


@pytest.mark.parametrize("address", HOSTILE)
def test_another_site_is_not_within(address: str, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["testserver", "trusted.test"]
    settings.CSRF_TRUSTED_ORIGINS = ["https://trusted.test"]
    assert not Adapter().is_safe_url(address)


@pytest.mark.parametrize("address", ["/", "/admin/", "/admin/search/?q=a%20b&next=x#part", "/admin/é/"])
def test_a_page_of_this_admin_is_within(address: str) -> None:
    assert is_within(address)


@pytest.mark.django_db
@pytest.mark.parametrize("address", HOSTILE)
@pytest.mark.parametrize("is_secure", [False, True])
def test_no_form_leads_away(known: User, settings: Settings, address: str, *, is_secure: bool) -> None:
    settings.ALLOWED_HOSTS = ["testserver", "trusted.test"]
    browser = Client(headers={"Host": "testserver", "Referer": address})
    locations = [
        browser.post(path, sent | {"next": address}, secure=is_secure)["Location"]
        for path, sent in (
            (LOGIN, {"login": "alice", "password": PASSWORD}),
            ("/admin/language/", {"language": "fr"}),
            ("/admin/logout/", {}),
            ("/admin/search/", {}),
        )
    ]
    away = [location for location in locations if urlsplit(destination(location)).netloc != "testserver"]
    assert away == []
    assert [location for location in locations if not location.startswith("/")] == []


@examples(max_examples=500, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(address=ADDRESSES)
def test_the_way_back_is_within(address: str) -> None:
    for referer in (address, f"http://testserver{address}"):
        request = RequestFactory().get(DASHBOARD)
        request.META["HTTP_REFERER"] = referer
        assert is_within(way_back(request))
