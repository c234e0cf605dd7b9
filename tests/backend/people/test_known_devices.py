"""Nobody locks somebody else out of the devices and addresses from which they have signed in."""

import re
from datetime import timedelta

import pytest
from django.conf import settings as project
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from backend.audit import action_log
from backend.people import known_devices
from backend.people.models import KnownAddress
from tests.addresses import LOGIN
from tests.factories import PASSWORD

COOKIE = "known_device"
HOME, AWAY = "2001:db8:aaaa:1::5", "192.0.2.77"
REAL_LIMITS = project.ACCOUNT_RATE_LIMITS
NEW = "a new pass phrase"


def sign_in(client: Client, address: str, password: str = PASSWORD, name: str = "alice") -> bool:
    answer = client.post(LOGIN, {"login": name, "password": password}, REMOTE_ADDR=address)
    return answer.status_code == 302


def guess(name: str = "alice", networks: int = 4) -> None:
    """Try five wrong passwords from each of some networks of IPv6, as somebody with a block of addresses can."""
    for network in range(networks):
        for host in range(5):
            sign_in(Client(), f"2001:db8:{network:x}::{host + 1}", "wrong", name)


@pytest.fixture(autouse=True)
def _few_tries_at_a_name(settings: Settings) -> None:
    """Let 20 tries use up the limit of a name."""
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "login_failed_name": "20/h/key"}


@pytest.fixture
def device(known: User) -> Client:
    """The browser of Alice, who has signed in with it, and out again."""
    client = Client()
    assert sign_in(client, HOME)
    client.post("/admin/logout/")
    return client


def cookie_of(client: Client) -> Client:
    """Return a new browser that has nothing but the cookie of the device."""
    copy = Client()
    copy.cookies[COOKIE] = client.cookies[COOKIE].value
    return copy


def test_guessing_from_40_networks_stops_strangers_and_not_the_person(device: Client, settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = REAL_LIMITS
    guess(networks=40)
    assert not sign_in(Client(), AWAY)
    assert not sign_in(Client(), "2001:db8:0:1::1")
    assert sign_in(cookie_of(device), AWAY)
    assert sign_in(Client(), HOME)


def test_another_address_of_the_home_network_is_known(device: Client) -> None:
    guess()
    assert sign_in(Client(), "2001:db8:aaaa:1:ffff::9")
    assert not sign_in(Client(), "2001:db8:aaaa:2::5")


def test_a_known_address_is_still_limited_by_itself(device: Client) -> None:
    guess()
    for _try in range(5):
        assert not sign_in(Client(), HOME, "wrong")
    assert not sign_in(Client(), HOME)


def test_a_stolen_cookie_is_no_free_pass(device: Client) -> None:
    guess()
    thief = cookie_of(device)
    for number in range(20):
        assert not sign_in(thief, f"198.51.100.{number}", "wrong")
    assert not sign_in(thief, AWAY)


def test_signing_in_uses_nothing_up(device: Client) -> None:
    guess()
    for _time in range(25):
        browser = cookie_of(device)
        assert sign_in(browser, AWAY)
        device = browser


def test_the_cookie_of_somebody_else_does_not_help(device: Client) -> None:
    User.objects.create_user("erin", password=PASSWORD)
    guess("erin")
    assert not sign_in(cookie_of(device), AWAY, name="erin")


@pytest.mark.parametrize("value", ["", "x", "a:b:c", "é" * 500])
def test_a_made_up_cookie_does_not_help(known: User, value: str) -> None:
    guess()
    browser = Client()
    browser.cookies[COOKIE] = value
    assert not sign_in(browser, AWAY)


def test_a_new_password_makes_the_cookie_worthless(device: Client, known: User) -> None:
    known.set_password(NEW)
    known.save(update_fields=["password"])
    guess()
    assert not sign_in(cookie_of(device), AWAY, NEW)
    assert sign_in(Client(), HOME, NEW)


def test_after_90_days_neither_counts(device: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    guess()
    KnownAddress.objects.update(signed_in_at=timezone.now() - timedelta(days=91))
    assert not sign_in(Client(), HOME)
    monkeypatch.setattr(known_devices, "REMEMBERED", timedelta(seconds=-1))
    assert not sign_in(cookie_of(device), AWAY)


def test_maintain_forgets_addresses_after_90_days(device: Client) -> None:
    call_command("maintain")
    assert KnownAddress.objects.get().network == "2001:db8:aaaa:1::"
    KnownAddress.objects.update(signed_in_at=timezone.now() - timedelta(days=91))
    call_command("maintain")
    assert not KnownAddress.objects.exists()


def test_a_wide_network_guesses_at_a_hundred_names_an_hour(known: User, settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "login_failed_network": "10/h/key"}
    for number in range(10):
        sign_in(Client(), f"2001:db8:1:{number:x}::1", "wrong", f"guess{number}")
    assert not sign_in(Client(), "2001:db8:1:ffff::1")
    assert sign_in(Client(), "2001:db8:2::1")


def test_what_a_wide_network_is_refused_does_not_count_for_the_name(known: User, settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "login_failed_network": "10/h/key"}
    for number in range(40):
        sign_in(Client(), f"2001:db8:1:{number:x}::1", "wrong")
    assert sign_in(Client(), AWAY)


def test_the_cookie_is_out_of_reach_of_scripts(device: Client) -> None:
    cookie = device.cookies[COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert cookie["max-age"] == 90 * 24 * 3600
    assert "alice" not in cookie.value


def test_unlocking_lets_a_stranger_try_again(device: Client) -> None:
    guess()
    call_command("people", "unlock", "alice", "--confirm", "alice")
    assert sign_in(Client(), AWAY)


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that were hashed."""
    passwords: list[str] = []
    encode = MD5PasswordHasher.encode

    def encoded(self: MD5PasswordHasher, password: str, salt: str) -> str:
        passwords.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", encoded)
    return passwords


def steps(name: str) -> tuple[str, list[list[str]]]:
    """Return what a refused try at `name` shows, and the kinds of queries that it takes."""
    with CaptureQueriesContext(connection) as queries:
        page = Client().post(LOGIN, {"login": name, "password": "wrong"}, REMOTE_ADDR=AWAY)
    form = page.content.decode().split('id="sign-in-error"')[1].split("</div>")[0]
    # A savepoint has a new name each time.
    return form, [re.sub(r'"s\d+_x\d+"', "", query["sql"]).split()[:3] for query in queries]


def test_a_refusal_takes_the_same_steps_whoever_it_is(
    device: Client, hashed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whether a row of the log is written depends on the address and the minute, not on the name.
    monkeypatch.setattr(action_log, "REPEATS_ONCE_IN", timedelta(0))
    User.objects.create_user("left", password=PASSWORD, is_active=False)
    for is_limited in (False, True):
        tries = []
        for name in ("alice", "nobody", "left"):
            cache.clear()
            if is_limited:
                guess(name)
            hashed.clear()
            tries.append((*steps(name), len(hashed)))
        assert tries[0] == tries[1] == tries[2]
        assert tries[0][2] == (0 if is_limited else 1)
