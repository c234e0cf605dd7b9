"""A pause that a gateway asks for: pages keep it, people need not, and every text names its end."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from connector import connection
from connector.configuration import verify_now
from connector.models import Turn, Verification
from connector.verification.advice import clock_time
from connector.verification.causes import Cause
from tests.addresses import CONFIGURATION, PAYMENT_SERVICES
from tests.factories import failed_check, learn
from tests.gateways import PROJECT_ID, REGISTRY, SANDBOX, Outside
from tests.markup import text

pytestmark = pytest.mark.django_db
HOST = "sandbox.outside.test"


def refresh() -> connection.Connection | None:
    return verify_now.refresh(connection.load(), [SANDBOX])


def test_a_pause_that_the_gateway_asks_for_is_kept(outside: Outside, connected: None) -> None:
    outside.refuse(SANDBOX, {}, 429, headers={"Retry-After": "180"})
    verify_now.verify(connection.load(), [SANDBOX])
    Turn.objects.all().delete()
    known = Verification.objects.get()
    assert known.cause == Cause.RATE_LIMITED
    assert not known.is_due(timezone.now() + timedelta(seconds=170), known.host)
    assert known.is_due(timezone.now() + timedelta(seconds=190), known.host)


def pause(cause: Cause, host: str = HOST) -> None:
    """Let the gateway at `host` have asked for a pause of two minutes, which ends in half a minute."""
    learn(SANDBOX, cause, host=host, retry_after_s=120, checked_at=timezone.now() - timedelta(seconds=90))


@pytest.mark.parametrize("cause", [Cause.RATE_LIMITED, Cause.GATEWAY_ERROR])
def test_no_page_asks_by_itself_during_a_pause(outside: Outside, connected: None, cause: Cause) -> None:
    pause(cause)
    assert refresh() is None
    assert outside.calls == []


@pytest.mark.parametrize("cause", [Cause.RATE_LIMITED, Cause.GATEWAY_ERROR])
def test_a_person_who_asks_during_a_pause_is_answered_once(outside: Outside, connected: None, cause: Cause) -> None:
    pause(cause)
    outside.refuse(SANDBOX, {}, 429, headers={"Retry-After": "120"})
    assert verify_now.verify(connection.load(), [SANDBOX])[SANDBOX].cause is Cause.RATE_LIMITED
    assert len(outside.calls) == 1


def test_a_changed_address_of_the_gateway_ends_a_pause(accepted: None, connected: None) -> None:
    pause(Cause.RATE_LIMITED, "former.outside.test")
    assert refresh() is not None
    assert failed_check() is None


@pytest.mark.parametrize("path", [f"{CONFIGURATION}verify/", f"{PAYMENT_SERVICES}verify/"])
def test_verify_now_is_sent_during_a_pause_too(as_alice: Client, accepted: None, connected: None, path: str) -> None:
    learn(SANDBOX, Cause.RATE_LIMITED, retry_after_s=120)
    assert "Sandbox: the key pair was verified" in text(as_alice.post(path, {"environment": "sandbox"}, follow=True))


def test_a_pause_is_shown_with_the_time_of_the_next_try(as_alice: Client, outside: Outside, connected: None) -> None:
    outside.refuse(SANDBOX, {}, 429, headers={"Retry-After": "120"})
    said = text(as_alice.post(f"{CONFIGURATION}verify/", {"environment": "sandbox"}, follow=True))
    retry_at = Verification.objects.get().retry_at
    assert retry_at
    assert said.count(f"the check is repeated by itself from {clock_time(retry_at)} on.") == 1


def test_what_was_not_done_for_too_many_requests_names_the_time_to_do_it(
    as_alice: Client, outside: Outside, connected: None
) -> None:
    outside.answer(SANDBOX, f"{REGISTRY}/projects/{PROJECT_ID}", "PATCH", status=429)
    answer = as_alice.post(f"{CONFIGURATION}rename-project/", {"project_name": "B"}, follow=True)
    assert "Nothing was changed: Too many requests. Try again at " in text(answer)


def next_step_of_failed_check() -> str:
    failed = connection.load().active.failed_check
    return failed.next_step if failed else ""


@pytest.mark.parametrize(("cause", "seconds"), [(Cause.RATE_LIMITED, 600), (Cause.GATEWAY_ERROR, None)])
@pytest.mark.usefixtures("outside")
def test_the_next_try_is_shown_with_its_time(connected: None, cause: Cause, seconds: int | None) -> None:
    learn(SANDBOX, cause, retry_after_s=seconds, host=HOST)
    known = Verification.objects.get()
    assert known.retry_at
    assert f"from {clock_time(known.retry_at)} on" in next_step_of_failed_check()


def test_a_time_that_has_passed_is_not_shown(connected: None) -> None:
    learn(SANDBOX, Cause.RATE_LIMITED, retry_after_s=60, checked_at=timezone.now() - timedelta(minutes=2))
    assert next_step_of_failed_check() == str(Cause.RATE_LIMITED.row.next_step)
