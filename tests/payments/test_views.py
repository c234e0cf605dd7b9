"""Sales › Payment Services in each of its states, and what can be done there."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from connector import connection
from connector.gateway import transport
from connector.gateway.client import Credentials
from connector.keys import keyring
from connector.models import Instance, KeyPair, Turn
from connector.verification.causes import Cause
from connector.verification.row import Button
from tests.addresses import CONFIGURATION, PAYMENT_SERVICES
from tests.conftest import signed_in
from tests.connector.gateway.servers import say_nothing, serve, to_the_end
from tests.factories import (
    USE_PAYMENTS,
    age,
    choose_identifier,
    connect,
    know_merchant,
    know_source,
    learn,
    person,
    said_of,
    set_instance,
    store,
    stored,
)
from tests.gateways import MAGE_ID, PRODUCTION, PROJECT_ID, SANDBOX, Outside
from tests.markup import text

pytestmark = pytest.mark.django_db
DIALOG = 'id="verification-error"'
REJECTED = [cause for cause in Cause if cause.kind == "rejected"]
UNKNOWN = [cause for cause in Cause if cause.kind == "unknown"]


def test_with_nothing_set_up_it_leads_to_the_configuration(as_alice: Client, as_bob: Client) -> None:
    for somebody in (as_alice, as_bob):
        assert somebody.get(PAYMENT_SERVICES)["Location"] == f"{PAYMENT_SERVICES}configure/"
        assert somebody.post(f"{PAYMENT_SERVICES}verify/")["Location"] == f"{PAYMENT_SERVICES}configure/"


@pytest.mark.parametrize("is_connected", [False, True])
def test_configure_always_leads_to_the_configuration(as_bob: Client, pair: Credentials, *, is_connected: bool) -> None:
    if is_connected:
        connect(pair)
    assert as_bob.get(f"{PAYMENT_SERVICES}configure/")["Location"] == CONFIGURATION


def test_who_may_not_configure_stays_and_sees_who_can(as_dana: Client, bob: User) -> None:
    response = as_dana.get(PAYMENT_SERVICES)
    assert response.status_code == 200
    assert "Payment Services is not set up yet" in text(response)
    assert f"These people may configure it: {bob.username}." in text(response)
    assert CONFIGURATION not in response.content.decode()


def test_superusers_are_among_the_people_who_can(as_dana: Client, alice: User, bob: User) -> None:
    assert f"{alice.username}, {bob.username}" in text(as_dana.get(PAYMENT_SERVICES))


def test_where_nobody_can_it_says_so(as_dana: Client) -> None:
    assert "nobody else’s does yet" in text(as_dana.get(PAYMENT_SERVICES))


def test_people_who_left_are_not_named(as_dana: Client, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(is_active=False)
    assert "bob" not in text(as_dana.get(PAYMENT_SERVICES))


def test_where_only_the_project_is_set_the_dialog_asks_for_keys(as_bob: Client) -> None:
    set_instance(project_id=PROJECT_ID, active_environment=SANDBOX)
    response = as_bob.get(PAYMENT_SERVICES)
    assert DIALOG in response.content.decode()
    assert str(Cause.KEYS_MISSING.label) in text(response)
    assert f'href="{CONFIGURATION}#sandbox-keys"' in response.content.decode()


def test_where_the_identifier_is_missing_it_offers_to_configure(as_bob: Client, pair_stored: None) -> None:
    learn(SANDBOX)
    response = as_bob.get(PAYMENT_SERVICES)
    assert DIALOG not in response.content.decode()
    assert "Choose the project The key pair is there. With a project and one of its data spaces," in text(response)
    assert "Configure Commerce Services" in text(response)
    set_instance(project_id=PROJECT_ID)
    assert "The key pair is there. With a data space, Payment Services can work." in text(as_bob.get(PAYMENT_SERVICES))


def test_connected_it_shows_account_identifier_and_what_comes_next(as_dana: Client, connected: None) -> None:
    said = text(as_dana.get(PAYMENT_SERVICES))
    for fact in ("Connected", "Fabrikam", "MAG000000007", "Fabrikam EU", "Staging (Testing)", "Last verified"):
        assert fact in said
    assert "Sandbox onboarding" in said
    assert "Sandbox mode: no real payments are taken." in said
    assert DIALOG not in said


@pytest.mark.parametrize("cause", REJECTED)
def test_a_rejected_pair_opens_the_dialog_with_its_one_next_step(
    as_alice: Client, connected: None, cause: Cause
) -> None:
    learn(SANDBOX, cause)
    page = as_alice.get(PAYMENT_SERVICES)
    dialog = page.content.decode().split(DIALOG)[1].split("</dialog>")[0]
    said = text(page)
    assert said_of(cause, mage_id=MAGE_ID).explanation in said
    assert f"What to do now {cause.row.next_step}" in said
    assert "Try again" in dialog
    assert "Close" in dialog
    labels = {
        Button.OPEN_PORTAL: "Open the API Portal",
        Button.MOVE_PAIR: "Move to Production Keys",
        Button.ENTER_KEYS: "Enter the keys",
        Button.CHOOSE_DATA_SPACE: "Choose a data space",
    }
    assert all(labels[button] in dialog for button in cause.row.buttons if button is not Button.RESTORE_PAIR)


def test_keys_that_do_not_open_are_reported_and_not_sent(
    as_bob: Client, outside: Outside, connected: None, settings: Settings
) -> None:
    settings.ENCRYPTION_KEYS = [keyring.generate_key()]
    page = as_bob.get(PAYMENT_SERVICES)
    as_bob.post(f"{PAYMENT_SERVICES}verify/")
    assert DIALOG in page.content.decode()
    assert str(Cause.UNDECRYPTABLE.row.next_step) in text(page)
    assert 'href="/admin/help/verification-result/#undecryptable">What this cause means' in page.content.decode()
    assert KeyPair.objects.get().api_key not in page.content.decode()
    assert outside.calls == []


@pytest.mark.parametrize("cause", [*REJECTED, Cause.KEYS_MISSING])
def test_who_may_not_configure_is_led_nowhere_that_needs_another_role(
    as_dana: Client, bob: User, connected: None, cause: Cause
) -> None:
    learn(SANDBOX, cause)
    page = as_dana.get(PAYMENT_SERVICES)
    assert text(page).count(f"These people may configure it: {bob.username}.") == 2
    assert "/account/" not in page.content.decode().split('id="connection"')[1].split("</dialog>")[0]
    assert CONFIGURATION not in page.content.decode()


@pytest.mark.parametrize("cause", [*REJECTED, Cause.KEYS_MISSING])
def test_the_dialog_never_offers_the_other_environment(
    as_bob: Client, connected: None, other_pair: Credentials, cause: Cause
) -> None:
    store(PRODUCTION, other_pair)
    learn(PRODUCTION)
    learn(SANDBOX, cause)
    dialog = as_bob.get(PAYMENT_SERVICES).content.decode().split(DIALOG)[1].split("</dialog>")[0]
    assert "Switch" not in dialog


def test_a_locked_environment_is_not_switched(
    as_bob: Client, connected: None, other_pair: Credentials, settings: Settings
) -> None:
    store(PRODUCTION, other_pair)
    settings.LOCKED_VALUES = {**settings.LOCKED_VALUES, "active_environment": "sandbox"}
    assert "Switch to Production" not in text(as_bob.get(PAYMENT_SERVICES))
    said = text(as_bob.post(f"{PAYMENT_SERVICES}switch-environment/", {"environment": "production"}, follow=True))
    assert "An environment variable sets this." in said
    assert connection.load().active_environment is SANDBOX


@pytest.mark.parametrize("cause", UNKNOWN)
def test_after_an_unknown_answer_the_last_state_stays_on_show(as_dana: Client, connected: None, cause: Cause) -> None:
    learn(SANDBOX, checked_at=timezone.now() - timedelta(hours=2))
    learn(SANDBOX, cause)
    page = as_dana.get(PAYMENT_SERVICES)
    said = text(page).replace("\xa0", " ")
    assert "Sandbox Check failed Fabrikam (MAG000000007)" in said
    assert "What is shown here was found 2 hours ago." in said
    assert f"{said_of(cause).explanation} {cause.row.next_step}" in said
    assert DIALOG not in page.content.decode()


def test_an_unknown_first_answer_is_not_called_unverified(as_dana: Client, pair_stored: None) -> None:
    learn(SANDBOX, Cause.TIMEOUT)
    choose_identifier()
    page = as_dana.get(PAYMENT_SERVICES)
    assert "Sandbox Check failed" in text(page)
    assert "Last tried just now" in text(page)
    assert f'href="/admin/help/not-reached/#{Cause.TIMEOUT}"' in page.content.decode()
    assert DIALOG not in page.content.decode()


def test_a_try_without_a_result_is_reported_with_its_reason(as_dana: Client, outside: Outside, connected: None) -> None:
    outside.answer_all(SANDBOX, status=503)
    said = text(as_dana.post(f"{PAYMENT_SERVICES}verify/", follow=True))
    assert "Sandbox: tried just now, without a result: No usable answer from Commerce Services." in said


def test_try_again_finds_that_the_pair_works_now(as_dana: Client, accepted: None, connected: None) -> None:
    learn(SANDBOX, Cause.KEY_REVOKED)
    page = as_dana.post(f"{PAYMENT_SERVICES}verify/", follow=True)
    assert "Sandbox: the key pair was verified" in text(page)
    assert DIALOG not in page.content.decode()


@pytest.mark.parametrize(
    ("value", "said"), [("staging", "Choose Sandbox or Production."), ("production", "no key pair")]
)
def test_switching_to_nothing_is_refused(as_bob: Client, connected: None, value: str, said: str) -> None:
    assert said in text(as_bob.post(f"{PAYMENT_SERVICES}switch-environment/", {"environment": value}, follow=True))
    assert connection.load().active_environment is SANDBOX


def test_a_refresh_answers_the_part_of_the_page_once_it_is_old(
    as_dana: Client, outside: Outside, connected: None
) -> None:
    outside.accept(SANDBOX)
    know_merchant(SANDBOX)
    know_source()
    assert as_dana.post(f"{PAYMENT_SERVICES}refresh/").status_code == 204
    assert outside.calls == []
    age(SANDBOX, timezone.now() - timedelta(minutes=6))
    response = as_dana.post(f"{PAYMENT_SERVICES}refresh/")
    assert 'id="connection"' in response.content.decode()
    assert "<html" not in response.content.decode()


def test_a_refresh_gives_up_on_a_gateway_that_never_answers(
    as_dana: Client, connected: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    age(SANDBOX, timezone.now() - timedelta(minutes=6))
    monkeypatch.setattr(transport, "DEADLINE_S", 30.0)
    talk, ended = to_the_end(say_nothing)
    with serve(talk) as url:
        settings.GATEWAY_URLS = {"sandbox": url, "production": url}
        know_merchant(SANDBOX)
        know_source()
        as_dana.get(PAYMENT_SERVICES)
        assert not ended.is_set()
        monkeypatch.setattr(transport, "DEADLINE_S", 0.5)
        assert "took too long to answer" in text(as_dana.post(f"{PAYMENT_SERVICES}refresh/"))
        assert as_dana.post(f"{PAYMENT_SERVICES}refresh/").status_code == 204


STATES: dict[str, Callable[[], object]] = {
    "empty": lambda: None,
    "connected": lambda: learn(SANDBOX),
    "rejected": lambda: learn(SANDBOX, Cause.KEY_REVOKED),
    "unknown": lambda: learn(SANDBOX, Cause.TIMEOUT),
    "partial": lambda: Instance.objects.update(project_id="", data_space_id=""),
}


@pytest.mark.parametrize("state", list(STATES))
def test_the_page_takes_six_queries_and_eight_with_a_role(
    no_sockets: None, state: str, pair: Credentials, alice: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    Instance.objects.current()
    if state != "empty":
        connect(pair)
    STATES[state]()
    before = [row for row in stored() if row.startswith("connector")]
    for somebody, queries in ((alice, 6), (person("erin", USE_PAYMENTS), 8)):
        browser = signed_in(somebody)
        browser.get(PAYMENT_SERVICES)  # The bell is drawn once.
        with django_assert_max_num_queries(queries):
            assert browser.get(PAYMENT_SERVICES).status_code in {200, 302}
    assert [row for row in stored() if row.startswith("connector")] == before


def test_verifying_again_and_again_meanwhile_asks_nobody(as_dana: Client, outside: Outside, connected: None) -> None:
    assert Turn.objects.begin(SANDBOX, timezone.now())
    pages = [as_dana.post(f"{PAYMENT_SERVICES}verify/", follow=True) for _time in range(7)]
    assert all("Sandbox is being verified already." in text(page) for page in pages)
    assert outside.calls == []
