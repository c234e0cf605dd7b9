"""A password or a private key that goes through every form, and through every failure, is found nowhere again."""

from collections.abc import Callable
from itertools import cycle
from typing import Any
from urllib.parse import urlencode

import pytest
from django import forms
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from backend.audit.models import LoggedAction
from tests.addresses import DASHBOARD, LOGIN
from tests.attacks.world import NOBODY, World, browser_of, put_back
from tests.backend.frame.witness import Witness

pytestmark = pytest.mark.django_db
CANARY = "Kanarienvogel-7f3a9c1e"
FORM = "application/x-www-form-urlencoded"
Failure = Callable[[Client, str, dict[str, str]], Any]


def cut_short(browser: Client, path: str, sent: dict[str, str]) -> Any:
    """Send half of what is announced."""
    body = urlencode(sent).encode()
    return browser.generic("POST", path, body[:-1], FORM, headers={"content-length": str(len(body) + 9)})


def too_many(browser: Client, path: str, sent: dict[str, str]) -> Any:
    return browser.post(path, sent | {f"x{number}": "1" for number in range(1000)})


def without_a_token(browser: Client, path: str, sent: dict[str, str]) -> Any:
    browser.handler.enforce_csrf_checks = True
    return browser.post(path, sent)


def as_an_upload(browser: Client, path: str, sent: dict[str, str]) -> Any:
    return browser.generic("POST", path, urlencode(sent), "multipart/form-data")


def as_json(browser: Client, path: str, sent: dict[str, str]) -> Any:
    return browser.post(path, sent, "application/json")


def by_another_method(browser: Client, path: str, sent: dict[str, str]) -> Any:
    return browser.put(path, urlencode(sent), FORM)


def in_the_address(browser: Client, path: str, sent: dict[str, str]) -> Any:
    return browser.get(path, sent)


def from_a_page(browser: Client, path: str, sent: dict[str, str]) -> Any:
    return browser.post(path, sent)


def from_a_script(browser: Client, path: str, sent: dict[str, str]) -> Any:
    return browser.post(path, sent, headers={"x-requested-with": "fetch"})


READ = [from_a_page, from_a_script]
UNREAD = [without_a_token, cut_short, too_many, as_an_upload, as_json, by_another_method, in_the_address]


@pytest.fixture
def witness(world: World, all_logs: pytest.LogCaptureFixture) -> Witness:
    return Witness(browser_of(world, "alice"), all_logs)


def send(world: World, witness: Witness, failure: Failure, path: str, sent: dict[str, str]) -> set[int]:
    """Send a form, remember what that leaves behind, undo it, and return the statuses. If it is read, send it twice."""
    statuses = set()
    for name in ("alice", NOBODY) if failure in READ else ("alice",):
        with put_back():
            answer = failure(browser_of(world, name), path, sent)
            witness.answers.append(answer)
            statuses.add(answer.status_code)
            if failure in READ:
                witness.remember()
    return statuses


def send_passwords(world: World, witness: Witness, failure: Failure) -> set[int]:
    """Send every form that has passwords, with the canary in all of these fields and in one of them alone."""
    statuses: set[int] = set()
    places = {place: names for place, names in world.passwords.items() if names}
    assert ("POST", LOGIN) in places
    assert {method for method, _path in places} == {"POST"}
    for (_method, path), names in places.items():
        for fields in world.forms["POST", path]:
            statuses |= send(world, witness, failure, path, fields | dict.fromkeys(names, CANARY))
        for name in sorted(names):
            statuses |= send(world, witness, failure, path, {"login": "alice", "username": "alice", name: CANARY})
    return statuses


def look_around(witness: Witness, capfd: pytest.CaptureFixture[str]) -> None:
    """Look at what a page and a program could show now, and at the output of the server."""
    witness.get(DASHBOARD, LOGIN, "/metrics", "/readyz", "/admin/nowhere/")
    witness.remember(*capfd.readouterr())


def test_a_password_in_any_form_is_nowhere(world: World, witness: Witness, capfd: pytest.CaptureFixture[str]) -> None:
    # No form sends a password in an address.
    failures = [failure for failure in (*READ, *UNREAD) if failure != in_the_address]
    statuses = {status for failure in failures for status in send_passwords(world, witness, failure)}
    assert statuses >= {200, 302, 400, 403, 405}
    look_around(witness, capfd)
    assert not witness.has_seen(CANARY)


def test_a_password_is_on_no_error_page(
    world: World, witness: Witness, settings: Settings, broken: None, capfd: pytest.CaptureFixture[str]
) -> None:
    for debug in (False, True):
        settings.DEBUG = debug
        assert 500 in send_passwords(world, witness, from_a_page)
    look_around(witness, capfd)
    assert witness.has_seen("a failure of ours")
    assert not witness.has_seen(CANARY)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every form fail as it is read."""

    def fail(_self: forms.BaseForm) -> None:
        message = "a failure of ours"
        raise RuntimeError(message)

    monkeypatch.setattr(forms.BaseForm, "full_clean", fail)


def test_a_password_that_was_typed_as_a_user_name_is_in_that_answer_alone(
    alice: User, all_logs: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    witness = Witness(Client(), all_logs)
    for password in ("", "x"):
        assert Client().post(LOGIN, {"login": CANARY, "password": password}).status_code == 200
    look_around(witness, capfd)
    assert LoggedAction.objects.exists()
    assert not witness.has_seen(CANARY)


def send_keys(world: World, witness: Witness, failure: Failure) -> set[int]:
    """Send every form with a part of a key in every field."""
    parts = cycle([world.private_key.splitlines()[7], world.private_key])
    return {
        status
        for method, path in world.forms
        for names in [{name for fields in world.forms[method, path] for name in fields} | world.passwords[method, path]]
        for status in send(world, witness, failure, path, dict.fromkeys(sorted(names), next(parts)))
    }


# What happens to a form that is read is in tests/backend/frame/test_pasted_keys.py.
def test_a_key_in_a_form_that_is_not_read_is_nowhere(
    world: World, witness: Witness, capfd: pytest.CaptureFixture[str]
) -> None:
    statuses = {status for failure in UNREAD for status in send_keys(world, witness, failure)}
    assert statuses >= {400, 403, 405}
    look_around(witness, capfd)
    assert not witness.has_seen_key(world.private_key)


def test_a_key_is_on_no_error_page_of_any_form(
    world: World, witness: Witness, settings: Settings, broken: None, capfd: pytest.CaptureFixture[str]
) -> None:
    for debug in (False, True):
        settings.DEBUG = debug
        assert 500 in send_keys(world, witness, from_a_page)
    look_around(witness, capfd)
    assert witness.has_seen("a failure of ours")
    assert not witness.has_seen_key(world.private_key)


def test_the_witness_would_notice_a_password(alice: User, all_logs: pytest.LogCaptureFixture) -> None:
    witness = Witness(Client(), all_logs)
    alice.last_name = CANARY
    alice.save()
    assert witness.has_seen(CANARY)
