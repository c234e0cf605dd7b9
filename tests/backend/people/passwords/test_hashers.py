"""How passwords are stored."""

import pytest
from django.conf import settings as project
from django.contrib.auth import hashers
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from tests.addresses import LOGIN
from tests.factories import PASSWORD

PROJECT_HASHERS = [*project.PASSWORD_HASHERS]
PRECOMPOSED, COMBINED = "caf\u00e9 au lait le matin", "cafe\u0301 au lait le matin"


@pytest.fixture(autouse=True)
def _as_in_production(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = PROJECT_HASHERS


@pytest.fixture
def erin(db: None) -> User:
    return User.objects.create_user("erin")


def sign_in(password: str) -> bool:
    browser = Client()
    browser.post(LOGIN, {"login": "erin", "password": password})
    return "sessionid" in browser.cookies


def test_a_new_password_is_stored_by_argon2id() -> None:
    assert hashers.make_password(PASSWORD).startswith("argon2$argon2id$v=19$m=47104,t=2,p=1$")


@pytest.mark.parametrize("old", ["pbkdf2_sha256", "scrypt"])
def test_an_older_hash_still_opens_and_is_replaced_at_the_sign_in(erin: User, old: str) -> None:
    erin.password = hashers.make_password(PASSWORD, hasher=old)
    erin.save()
    assert erin.password.startswith(old)
    assert sign_in(PASSWORD)
    erin.refresh_from_db()
    assert erin.password.startswith("argon2$")
    assert sign_in(PASSWORD)


def test_two_ways_to_type_the_same_letter_are_the_same_password(erin: User) -> None:
    erin.set_password(PRECOMPOSED)
    erin.save()
    assert sign_in(COMBINED)
    assert not sign_in("cafe au lait le matin")


def test_a_name_that_nobody_has_costs_a_hash_too(erin: User, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    encode = hashers.get_hasher().encode

    def counting(password: str, salt: str) -> str:
        made.append(password)
        return str(encode(password, salt))

    monkeypatch.setattr(hashers.get_hasher(), "encode", counting)
    Client().post(LOGIN, {"login": "nobody", "password": "typed by a stranger"})
    assert made == ["typed by a stranger"]
