"""Where this instance is served: which addresses are one place, and when the first one is noted."""

import pytest
from django.core.exceptions import DisallowedHost
from django.core.management import call_command
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import set_script_prefix
from pytest_django import Settings

from connector import address, connection
from connector.gateway.client import Credentials
from connector.models import Instance
from tests.addresses import CONFIGURATION, DASHBOARD, PAYMENT_SERVICES
from tests.factories import choose_identifier, connect, set_instance
from tests.gateways import JWT_INVALID, PRODUCTION, PROJECT_ID, SANDBOX, TESTING_ID, Outside
from tests.markup import form_of


def served_at() -> list[str]:
    addresses: list[str] = Instance.objects.current().served_at
    return addresses


def request_to(host: str, *, secure: bool = False) -> HttpRequest:
    return RequestFactory().get("/", headers={"host": host}, secure=secure)


@pytest.mark.parametrize(
    ("host", "secure", "expected"),
    [
        ("Shop.Example.", False, "http://shop.example"),
        ("shop.example:80", False, "http://shop.example"),
        ("shop.example:443", True, "https://shop.example"),
        ("shop.example:80", True, "https://shop.example:80"),
        ("shop.example:8443", True, "https://shop.example:8443"),
        ("[::1]:8000", False, "http://[::1]:8000"),
        ("127.0.0.1:08122", False, "http://127.0.0.1:8122"),
        ("shop.example:0000443", True, "https://shop.example"),
        ("shop.example:65535", True, "https://shop.example:65535"),
    ],
)
def test_an_address_has_one_spelling(settings: Settings, host: str, expected: str, *, secure: bool) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    assert address.of(request_to(host, secure=secure)) == expected


def test_an_address_has_the_path_that_the_admin_is_below(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    set_script_prefix("/commerce/")
    try:
        assert address.of(request_to("shop.example:8443", secure=True)) == "https://shop.example:8443/commerce"
    finally:
        set_script_prefix("/")


@pytest.mark.parametrize("port", ["0", "65536", "9" * 5000])
def test_a_port_that_does_not_exist_is_no_address(settings: Settings, port: str) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    with pytest.raises(DisallowedHost, match="no such port"):
        address.of(request_to(f"shop.example:{port}"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://127.0.0.1:8122", "http://127.0.0.1:08122"),
        ("http://shop.example", "https://shop.example"),
        ("http://shop.example:8000", "https://shop.example:8000"),
        ("http://localhost:8000", "http://127.0.0.1:8000"),
        ("http://localhost:8000", "http://[::1]:8000"),
        ("http://127.0.0.1", "http://127.1.2.3"),
        ("http://admin.localhost", "http://localhost"),
    ],
)
def test_these_are_one_place(one: str, other: str) -> None:
    assert address.place(one) == address.place(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://shop.example", "https://staging.shop.example"),
        ("https://shop.example", "https://shop.example:8443"),
        ("http://localhost:8000", "http://localhost:8001"),
        ("https://shop.example", "http://localhost"),
        ("https://localhost.example", "http://localhost"),
        ("http://10.0.0.1", "http://127.0.0.1"),
        ("https://shop.example/live", "https://shop.example/staging"),
        ("https://shop.example/live", "https://shop.example"),
    ],
)
def test_these_are_two(one: str, other: str) -> None:
    assert address.place(one) != address.place(other)


@pytest.mark.django_db
def test_saving_what_makes_it_connected_notes_the_address(as_alice: Client, accepted: None, pair_stored: None) -> None:
    as_alice.post(f"{CONFIGURATION}verify/", {"environment": "sandbox"})
    assert served_at() == []
    chosen = form_of(as_alice.get(CONFIGURATION)) | {"project_id": PROJECT_ID, "data_space_id": TESTING_ID}
    as_alice.post(CONFIGURATION, chosen)
    assert connection.load().is_connected
    assert served_at() == ["http://testserver"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    [f"{CONFIGURATION}verify/", f"{CONFIGURATION}refresh/", f"{PAYMENT_SERVICES}refresh/", f"{DASHBOARD}refresh/"],
)
def test_verifying_from_a_page_notes_the_address(
    as_alice: Client, accepted: None, pair_stored: None, path: str
) -> None:
    choose_identifier()
    as_alice.post(path, {"environment": "sandbox"}, secure=True)
    assert served_at() == ["https://testserver"]


@pytest.mark.django_db
def test_a_port_that_does_not_exist_is_not_noted(as_alice: Client, accepted: None, pair_stored: None) -> None:
    choose_identifier()
    host = {"host": f"testserver:{'9' * 5000}"}
    assert as_alice.post(f"{CONFIGURATION}verify/", {"environment": "sandbox"}, headers=host).status_code == 302
    assert served_at() == []


@pytest.mark.django_db
def test_what_is_not_connected_is_nowhere_yet(as_alice: Client, outside: Outside, pair_stored: None) -> None:
    choose_identifier()
    outside.refuse(SANDBOX, JWT_INVALID)
    as_alice.post(f"{CONFIGURATION}verify/", {"environment": "sandbox"})
    assert served_at() == []


@pytest.mark.django_db
def test_the_first_address_stays(as_alice: Client, accepted: None, connected: None) -> None:
    set_instance(served_at=["https://shop.example"])
    as_alice.post(f"{CONFIGURATION}verify/", {"environment": "sandbox"})
    assert served_at() == ["https://shop.example"]


@pytest.mark.django_db
def test_a_command_is_at_no_address(accepted: None, connected: None) -> None:
    with pytest.raises(SystemExit, match="0"):
        call_command("connector", "verify")
    assert served_at() == []


@pytest.mark.django_db
def test_looking_notes_nothing(as_alice: Client, connected: None) -> None:
    for path in (DASHBOARD, CONFIGURATION, PAYMENT_SERVICES):
        as_alice.get(path)
    assert served_at() == []


@pytest.mark.django_db
def test_it_is_called_like_its_host_until_it_has_a_name(as_alice: Client, pair: Credentials) -> None:
    connect(pair, PRODUCTION)
    assert Instance.objects.current().shown_name == ""
    set_instance(served_at=["https://shop.example:8443", "https://other.example"])
    assert Instance.objects.current().shown_name == "shop.example:8443"
    as_alice.post(f"{CONFIGURATION}rename-instance/", {"instance_name": "Luma live"})
    assert Instance.objects.current().shown_name == "Luma live"
