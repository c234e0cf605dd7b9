"""Where a development server listens, and what its settings need for that."""

import socket

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from dashboard.management import addresses

EVERY_IPV4, EVERY_IPV6 = "0.0.0.0", "::"  # noqa: S104  (nothing listens there)
# Looking up the route to these sends nothing.
looks_up_routes = pytest.mark.allow_hosts(["127.0.0.1", "::1", *addresses.ELSEWHERE.values()])


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:81"),
        (EVERY_IPV4, "http://127.0.0.1:81"),
        (EVERY_IPV6, "http://[::1]:81"),
        ("::1", "http://[::1]:81"),
        ("shop.test", "http://shop.test:81"),
    ],
)
def test_a_server_is_reached_by_an_address_that_opens(host: str, url: str) -> None:
    assert addresses.url(host, 81) == url


def test_the_settings_of_a_fresh_copy_fit_the_usual_address() -> None:
    assert addresses.variables("127.0.0.1", 8000, has_gateways=True) == {}


@pytest.mark.parametrize(
    ("host", "allowed"),
    [("::1", []), ("localhost", []), ("shop.test", ["shop.test"]), ("2001:db8::7", ["[2001:db8::7]"])],
)
def test_the_settings_follow_the_address(settings: Settings, host: str, allowed: list[str]) -> None:
    wanted = addresses.variables(host, 81, has_gateways=True)
    assert wanted.pop("PORT") == "81"
    assert wanted.pop("STAND_IN_URL") == addresses.url(host, 81)
    assert wanted == ({"ALLOWED_HOSTS": ",".join([*settings.ALLOWED_HOSTS, *allowed])} if allowed else {})


def test_gateways_elsewhere_stay_there() -> None:
    assert "STAND_IN_URL" not in addresses.variables("::1", 81, has_gateways=False)


@looks_up_routes
@pytest.mark.parametrize("host", [EVERY_IPV4, EVERY_IPV6])
def test_a_server_on_every_address_answers_to_each_that_this_machine_knows(settings: Settings, host: str) -> None:
    allowed = addresses.variables(host, 81, has_gateways=True)["ALLOWED_HOSTS"].split(",")
    assert allowed == [*settings.ALLOWED_HOSTS, addresses.bracketed(host), *addresses.hosts_elsewhere(host)]
    settings.ALLOWED_HOSTS = allowed
    assert "ALLOWED_HOSTS" not in addresses.variables(host, 81, has_gateways=True)


@looks_up_routes
def test_whoever_allows_every_host_keeps_that(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    assert "ALLOWED_HOSTS" not in addresses.variables(EVERY_IPV4, 81, has_gateways=True)


@pytest.mark.parametrize(("host", "family"), [("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6)])
def test_it_listens_on_the_kind_of_address_that_was_asked_for(host: str, family: socket.AddressFamily) -> None:
    with socket.create_server((host, 0), family=family) as server:
        free = server.getsockname()[1]
    assert addresses.family_of(host, free) == family


def test_a_taken_port_is_one_clear_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(CommandError) as caught:
        call_command("quickstart", port=taken.getsockname()[1])
    said = str(caught.value)
    assert said.endswith(": Address already in use. Choose another one with --port.")
    assert "\n" not in said


@pytest.mark.parametrize("port", [-1, 0, 65_536, 70_000])
def test_a_port_that_cannot_be_is_one_clear_line(port: int) -> None:
    with pytest.raises(CommandError, match="Choose another one with --port"):
        call_command("quickstart", port=port)


@pytest.mark.parametrize("host", ["", "x" * 70, "203.0.113.9"])
def test_an_address_that_this_machine_does_not_have_is_one_clear_line(host: str) -> None:
    with pytest.raises(CommandError, match="Choose another one with --host") as caught:
        call_command("quickstart", host=host)
    assert "\n" not in str(caught.value)
