"""Onboarding is read again: after coming back, when it is due, and when somebody asks."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from backend.audit.models import LoggedAction
from connector.models import Turn
from connector.verification.causes import Cause
from payments.models import Merchant
from tests.addresses import PAYMENT_SERVICES
from tests.factories import dump, know_merchant, know_source
from tests.gateways import NOT_FOUND, SANDBOX, Outside
from tests.markup import text
from tests.payments.test_onboarding import BEGIN, MERCHANT_ID, PATH, card, result

pytestmark = pytest.mark.django_db


def test_what_comes_back_is_not_believed(as_dana: Client, outside: Outside, connected: None) -> None:
    know_merchant(status="STARTED", merchant_id=MERCHANT_ID)
    before = dump(with_log=True)
    forged = f"{BEGIN}return/?merchantId=x&permissionsGranted=true&consentStatus=true&isEmailConfirmed=true"
    assert as_dana.get(forged)["Location"] == f"{PAYMENT_SERVICES}?returned=sandbox#onboarding-sandbox"
    as_dana.get(f"{PAYMENT_SERVICES}?returned=sandbox")
    assert (dump(with_log=True), outside.calls) == (before, [])
    assert as_dana.get(f"{PAYMENT_SERVICES}onboarding/elsewhere/return/").status_code == 404
    assert 'value="nowhere"' not in as_dana.get(f"{PAYMENT_SERVICES}?returned=nowhere").content.decode()


def test_the_small_request_after_coming_back_reads_the_status(
    as_dana: Client, outside: Outside, connected: None
) -> None:
    know_merchant(status="CREATED", merchant_id=MERCHANT_ID)
    outside.answer(SANDBOX, PATH, json=result("COMPLETED", merchantIdInPayPal="PP1"))
    page = as_dana.post(f"{PAYMENT_SERVICES}refresh/", {"returned": "sandbox"})
    assert "Ready for test payments" in text(page)
    assert "PP1" in text(page)
    [row] = LoggedAction.objects.filter(action="onboarding_completed")
    assert (row.before, row.after, row.user_name) == ("CREATED", "COMPLETED", "")


def test_it_is_read_again_after_a_minute_when_it_could_not_be_read(
    as_dana: Client, outside: Outside, connected: None
) -> None:
    know_merchant(status="COMPLETED")
    know_source()
    outside.answer(SANDBOX, PATH, status=500)
    said = text(as_dana.post(f"{BEGIN}check/", follow=True))
    assert said.count("The page shows the last one that was read.") == 1
    said = card(as_dana)
    assert "Ready for test payments" in said
    assert "The page shows the last one that was read." in said
    assert as_dana.post(f"{PAYMENT_SERVICES}refresh/").status_code == 204
    Merchant.objects.update(checked_at=timezone.now() - timedelta(seconds=61))
    outside.answer(SANDBOX, PATH, json=result("COMPLETED"))
    assert "could not be read" not in text(as_dana.post(f"{PAYMENT_SERVICES}refresh/"))


def test_a_failed_reading_leaves_the_pair_verified(as_dana: Client, outside: Outside, connected: None) -> None:
    outside.answer(SANDBOX, PATH, json=NOT_FOUND, status=404)
    as_dana.post(f"{PAYMENT_SERVICES}refresh/")
    assert "Sandbox Connected" in text(as_dana.get(PAYMENT_SERVICES))
    assert Merchant.objects.get().failed_code == Cause.GATEWAY_ERROR
    assert "Not known yet" in card(as_dana)


@pytest.mark.parametrize(
    "answer", [{}, {"result": None}, {"result": {"status": "<b>"}}, {"result": {"status": "X" * 33}}]
)
def test_an_answer_without_a_status_does_not_count(
    as_dana: Client, outside: Outside, connected: None, answer: Any
) -> None:
    know_merchant(status="STARTED")
    outside.answer(SANDBOX, PATH, json=answer)
    as_dana.post(f"{BEGIN}check/")
    assert (Merchant.objects.get().status, Merchant.objects.get().failed_code) == ("STARTED", "gateway_error")


def test_only_one_request_at_a_time_reads_it(as_dana: Client, outside: Outside, connected: None) -> None:
    assert Turn.objects.begin(SANDBOX, timezone.now())
    assert "being read already" in text(as_dana.post(f"{BEGIN}check/", follow=True))
    assert outside.calls == []
