"""Nobody can make the server wait: while one request asks a gateway, the others are refused at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from backend.audit.models import LoggedAction
from connector import connection
from connector.configuration import save as saving
from connector.configuration.plan import SavePlan
from connector.errors import BusyError
from connector.gateway import transport
from connector.gateway.client import Credentials
from connector.models import Instance, Turn, Verification
from connector.models.turns import BUSY, CHANGE
from connector.verification.causes import Cause
from tests.addresses import CONFIGURATION, DASHBOARD, PAYMENT_SERVICES
from tests.connector.configuration.test_locks import closing
from tests.connector.configuration.test_save import save
from tests.connector.gateway.servers import say_nothing, serve
from tests.factories import age, connect, failed_check, know_merchant, know_source, learn, store
from tests.gateways import PRODUCTION, SANDBOX, Outside
from tests.markup import form_of, sent, text
from tests.operations.gunicorn import gunicorn
from tests.operations.processes import eventually

pytestmark = pytest.mark.django_db
NOW = timezone.now()
AT_ONCE = 8
PATIENCE_S = 30
PROMPT_S = 2


def be_busy(left: timedelta = BUSY) -> None:
    """Let somebody else's change be asking a gateway, or have been asking when its process ended."""
    Turn.objects.update_or_create(pk=CHANGE, defaults={"until": timezone.now() + left})


def test_one_asks_at_a_time() -> None:
    until = Turn.objects.begin(SANDBOX, NOW)
    assert until
    assert not Turn.objects.begin(SANDBOX, NOW)
    assert Turn.objects.begin(PRODUCTION, NOW)
    Turn.objects.end(SANDBOX, until)
    assert Turn.objects.begin(SANDBOX, NOW)


def test_of_two_at_once_the_second_may_have_read_the_clock_first() -> None:
    assert Turn.objects.begin(SANDBOX, NOW)
    assert not Turn.objects.begin(SANDBOX, NOW - timedelta(seconds=1))


def test_who_died_while_asking_holds_nobody_up_for_long() -> None:
    late = Turn.objects.begin(SANDBOX, NOW)
    assert late
    later = NOW + timedelta(seconds=15)
    assert Turn.objects.begin(SANDBOX, later)
    Turn.objects.end(SANDBOX, late)
    assert not Turn.objects.begin(SANDBOX, later)


def test_a_clock_that_was_put_back_holds_nobody_up() -> None:
    assert Turn.objects.begin(SANDBOX, NOW + timedelta(days=1))
    assert Turn.objects.begin(SANDBOX, NOW)


def test_a_turn_lasts_as_long_as_it_was_begun_for() -> None:
    minute = timedelta(minutes=1)
    assert Turn.objects.begin(SANDBOX, NOW, minute)
    # The clock is read before the row, so the later of two may come with the earlier time.
    assert not Turn.objects.begin(SANDBOX, NOW - 0.1 * minute, minute)
    assert not Turn.objects.begin(SANDBOX, NOW + 0.9 * minute, minute)
    assert Turn.objects.begin(SANDBOX, NOW + minute, minute)


@pytest.mark.django_db(transaction=True)
def test_of_eight_saves_of_one_revision_one_asks_and_seven_are_refused_at_once(
    pair: Credentials, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "DEADLINE_S", 2)
    stored, together = connection.load(), Barrier(AT_ONCE)

    def save_now() -> str:
        together.wait(PATIENCE_S)
        try:
            saving.save(SavePlan(stored, {SANDBOX: pair}), None)
        except BusyError:
            return "busy"
        return "saved"

    with serve(say_nothing) as url, ThreadPoolExecutor(AT_ONCE) as pool:
        settings.GATEWAY_URLS = {"sandbox": url, "production": url}
        said = [pool.submit(closing, save_now) for _person in range(AT_ONCE)]
        assert sorted(str(future.result()) for future in said) == ["busy"] * (AT_ONCE - 1) + ["saved"]
    assert failed_check() is Cause.TIMEOUT


def test_who_comes_while_another_saves_learns_it_and_loses_nothing(
    as_alice: Client, outside: Outside, pair: Credentials
) -> None:
    be_busy()
    response = as_alice.post(CONFIGURATION, sent(pair))
    assert "is being changed at this moment, in another tab or by somebody else" in text(response)
    assert "paste it again" in text(response)
    assert pair.api_key in response.content.decode()
    assert outside.calls == []
    assert LoggedAction.objects.get(action="keys_saved").cause == "busy"


def test_who_comes_after_another_saved_learns_it(as_alice: Client, outside: Outside, pair: Credentials) -> None:
    form = form_of(as_alice.get(CONFIGURATION)) | sent(pair)
    Instance.objects.advance(int(form["revision"]))
    be_busy()
    assert "was saved again after you opened it" in text(as_alice.post(CONFIGURATION, form))
    assert outside.calls == []


def test_what_a_killed_process_began_is_over_soon(accepted: None, pair: Credentials) -> None:
    be_busy()
    with pytest.raises(BusyError):
        save(pairs={SANDBOX: pair})
    be_busy(timedelta(0))
    assert save(pairs={SANDBOX: pair}).findings[SANDBOX].is_verified


@pytest.mark.parametrize("address", ["create-project/", "rename-project/", "rename-data-space/"])
def test_a_dialog_says_what_to_do(as_alice: Client, outside: Outside, connected: None, address: str) -> None:
    be_busy()
    names = {"project_name": "Name", "data_space_name": "Name"}
    response = as_alice.post(CONFIGURATION + address, names, follow=True)
    assert "Wait a few seconds, look at it again, then repeat what you did." in text(response)
    assert outside.calls == []


def test_a_page_whose_pair_is_being_verified_is_left_as_it_is(
    as_alice: Client, outside: Outside, connected: None
) -> None:
    age(SANDBOX, timezone.now() - timedelta(minutes=6))
    assert Turn.objects.begin(SANDBOX, timezone.now())
    know_merchant()
    know_source()
    for address in (CONFIGURATION, PAYMENT_SERVICES):
        Turn.objects.exclude(pk=SANDBOX).delete()
        assert as_alice.post(f"{address}refresh/").status_code == 204
    assert outside.calls == []


# Every address that asks a gateway, with its form data.
ASKING: dict[str, dict[str, str]] = {
    CONFIGURATION: {"sandbox_api_key": "c" * 32},
    f"{CONFIGURATION}restore/sandbox/": {},
    f"{CONFIGURATION}create-project/": {"project_name": "Name"},
    f"{CONFIGURATION}rename-project/": {"project_name": "Name"},
    f"{CONFIGURATION}rename-data-space/": {"data_space_name": "Name"},
    f"{CONFIGURATION}move-pair/": {"environment": "production"},
    f"{CONFIGURATION}verify/": {"environment": "sandbox"},
    f"{CONFIGURATION}refresh/": {},
    f"{PAYMENT_SERVICES}verify/": {},
    f"{PAYMENT_SERVICES}refresh/": {},
    f"{PAYMENT_SERVICES}onboarding/sandbox/": {"country": "FR", "experience": "standard"},
    f"{PAYMENT_SERVICES}onboarding/sandbox/check/": {},
    f"{DASHBOARD}refresh/": {},
}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_however_often_one_person_asks_a_gateway_that_hangs_the_server_answers(
    as_alice: Client, alice: User, pair: Credentials, other_pair: Credentials, tmp_path: Path
) -> None:
    store(SANDBOX, other_pair)
    connect(pair, user=alice)
    store(PRODUCTION, other_pair)
    learn(PRODUCTION, Cause.WRONG_ENVIRONMENT)
    Verification.objects.update(checked_at=None)
    as_alice.get(CONFIGURATION)
    reset = f"{PAYMENT_SERVICES}merchants/{know_merchant(merchant_id='m-1').pk}/reset/"
    asking = ASKING | {reset: {"confirmation": "Sandbox"}}
    with ThreadPoolExecutor(2 * len(asking)) as pool, serve(say_nothing) as url:
        gateways = {"SANDBOX_GATEWAY_URL": url, "PRODUCTION_GATEWAY_URL": url}
        with gunicorn(tmp_path, "--workers=2", **gateways) as server:
            asked = [pool.submit(server.post, as_alice, *request) for request in 2 * list(asking.items())]
            # Those that wait: a change, and a verification or a reading of onboarding for each environment.
            eventually(
                lambda: server.is_healthy(PROMPT_S) and sum(not future.done() for future in asked) <= 3,
                "three of them wait",
                within_s=transport.DEADLINE_S - 1,
            )
            assert not all(future.done() for future in asked)
            assert {future.result() for future in asked if future.done()} <= {200, 204, 302}
