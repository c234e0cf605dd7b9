"""A second factor that somebody needs: they are led to it after signing in, and keep the last one."""

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from backend.people.models import PasswordState
from backend.people.second_factor import rules
from tests.addresses import ACCOUNT_SETTING, CHANGE_PASSWORD, DASHBOARD
from tests.backend.people.second_factors import TWO_FACTOR, Clock, give_app, give_codes, type_code, type_password
from tests.backend.people.test_second_factor_pages import ADD, REMOVE, add_app
from tests.conftest import signed_in
from tests.factories import PASSWORD
from tests.markup import links, text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _is_required(settings: Settings) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    settings.MFA_REAUTHENTICATION_REQUIRED = False


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def leads_to(client: Client, address: str) -> str:
    return client.get(address).headers.get("Location", "")


def test_without_one_every_page_leads_to_it(known: User, client: Client) -> None:
    type_password(client)
    assert {leads_to(client, address) for address in (DASHBOARD, ACCOUNT_SETTING, "/account/")} == {TWO_FACTOR}
    page = text(client.get(TWO_FACTOR))
    assert "You need a second factor to work here." in page
    assert "Back" not in page  # It would only lead here again.
    assert client.get(ADD).status_code == 200


def test_after_adding_one_every_page_opens(known: User, client: Client, clock: Clock) -> None:
    type_password(client)
    assert "Keep your recovery codes" in text(add_app(client, clock))
    assert client.get(DASHBOARD).status_code == 200


def test_after_adding_one_the_page_that_was_wanted_opens(known: User, client: Client, clock: Clock) -> None:
    type_password(client)
    client.get(f"{ACCOUNT_SETTING}?tab=1")
    assert links(add_app(client, clock))["Continue"] == f"{ACCOUNT_SETTING}?tab=1"


def test_after_a_new_password_it_comes_before_the_page_that_was_wanted(
    known: User, client: Client, clock: Clock
) -> None:
    PasswordState.objects.given(known)
    type_password(client)
    client.get(ACCOUNT_SETTING)
    new = {"present_password": PASSWORD, "password": "nobody else has these words"}
    answer = client.post(CHANGE_PASSWORD, new | {"password_again": new["password"]})
    assert answer["Location"] == TWO_FACTOR
    assert links(add_app(client, clock))["Continue"] == ACCOUNT_SETTING


def test_people_who_need_none_go_on_to_their_factors(known: User, settings: Settings, clock: Clock) -> None:
    settings.REQUIRE_SECOND_FACTOR = False
    assert links(add_app(signed_in(known), clock))["Continue"] == TWO_FACTOR


def test_somebody_who_has_one_is_led_nowhere(known: User, client: Client, clock: Clock) -> None:
    give_app(known)
    type_password(client)
    type_code(client, clock.code())
    assert client.get(DASHBOARD).status_code == 200


def test_the_last_one_cannot_be_removed(known: User) -> None:
    give_app(known)
    give_codes(known)
    client = signed_in(known)
    assert "this is your last one. Add another one first." in text(client.get(REMOVE))
    client.post(REMOVE)
    assert Authenticator.objects.count() == 2


def test_the_last_but_one_can_be_removed(known: User) -> None:
    give_app(known)
    Authenticator.objects.create(user=known, type="webauthn", data={"name": "Phone"})
    signed_in(known).post(REMOVE)
    assert [factor.type for factor in Authenticator.objects.all()] == ["webauthn"]


def test_recovery_codes_alone_are_no_second_factor(known: User) -> None:
    give_codes(known)
    assert rules.is_missing(known)


def test_no_page_looks_it_up(known: User, client: Client, clock: Clock) -> None:
    give_app(known)
    type_password(client)
    type_code(client, clock.code())
    with CaptureQueriesContext(connection) as asked:
        client.get(DASHBOARD)
    assert not [query for query in asked if "mfa_authenticator" in query["sql"] or "rolerule" in query["sql"]]
