"""The cache of a process without Redis, when it is full."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache, caches
from django.test import Client
from pytest_django import Settings

from tests.addresses import LOGIN
from tests.factories import PASSWORD, UserFactory

MOST = 60
SMALL = {"BACKEND": "backend.frame.local_cache.Cache", "LOCATION": "small", "OPTIONS": {"MAX_ENTRIES": MOST}}


@pytest.fixture(autouse=True)
def small(settings: Settings) -> Iterator[None]:
    """Use a cache that is soon full."""
    assert settings.CACHES["default"]["BACKEND"] == SMALL["BACKEND"]
    settings.CACHES = {"default": SMALL}
    yield
    cache.clear()
    del caches["default"]


def sign_in(name: str, password: str, address: str) -> bool:
    return "sessionid" in Client(REMOTE_ADDR=address).post(LOGIN, {"login": name, "password": password}).cookies


@pytest.mark.django_db
def test_tries_at_other_names_do_not_begin_a_new_count_of_a_name(settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "login_failed_name": "10/h/key"}
    known = UserFactory.create(username="known").username
    for number in range(10):
        sign_in(known, "wrong", f"192.0.2.{number}")
    for number in range(MOST):
        sign_in(f"other{number}", "wrong", f"2001:db8:0:{number}::1")
    assert not sign_in(known, PASSWORD, "198.51.100.1")


def test_expired_values_go_first_however_long_they_are() -> None:
    for number in range(MOST):
        cache.set(f"over{number}", [1.5] * 200, timeout=0)
    for number in range(MOST // 2):
        cache.set(number, [1.5])
    assert all(cache.get(number) for number in range(MOST // 2))


def test_of_values_of_the_same_length_the_latest_stay() -> None:
    for number in range(MOST + 1):
        cache.set(number, [1.5])
    kept = [number for number in range(MOST + 1) if cache.get(number)]
    assert kept == list(range(MOST // 3, MOST + 1))
