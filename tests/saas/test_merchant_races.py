"""Merchants that several requests make, answer and reset at once."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection as database
from django.test import Client
from django.utils import timezone

from saas.models import ApiKey, DataSpace, Merchant, PayPalLink
from saas.portal.forms import OnboardingForm
from tests.saas.conftest import Signer
from tests.saas.gateway.conftest import as_json
from tests.saas.gateway.test_payments import MERCHANT, ONBOARDING, SENT, headers

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """Do all of `acts` at the same moment, each with a database connection of its own."""
    begin = Barrier(len(acts))

    def act(number: int) -> Any:
        begin.wait(10)
        try:
            return acts[number]()
        finally:
            database.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(act, range(len(acts))))


@pytest.fixture
def send(api_key: ApiKey, sign: Signer, space: DataSpace) -> Callable[..., Any]:
    """Return a function that sends a signed request, as a client of its own does."""
    signed = sign(api_key.api_key) | headers(space)

    def call(method: str, path: str, body: Any = None, **more: str) -> Any:
        browser = Client(raise_request_exception=False)
        return browser.generic(method, path, as_json(body), "application/json", headers=signed | more)

    return call


def test_two_that_begin_at_once_get_one_merchant(send: Callable[..., Any]) -> None:
    answers = at_once(4 * [lambda: send("POST", ONBOARDING, SENT)])
    assert [answer.status_code for answer in answers] == 4 * [201]
    assert {answer.json()["result"]["merchantId"] for answer in answers} == {str(Merchant.objects.get().pk)}
    assert Merchant.objects.get().status == "STARTED"
    assert PayPalLink.objects.count() == 4


def test_a_reset_meanwhile_is_before_or_after_a_beginning(send: Callable[..., Any]) -> None:
    for _attempt in range(10):
        merchant_id = send("POST", ONBOARDING, SENT).json()["result"]["merchantId"]
        begin = partial(send, "POST", ONBOARDING, SENT)
        reset = partial(send, "DELETE", MERCHANT, **{"x-mp-merchant-id": merchant_id})
        codes = [answer.status_code for answer in at_once([begin, reset, begin, reset])]
        assert codes[::2] == [201, 201]
        assert set(codes[1::2]) <= {200, 404}


def test_of_answers_at_once_one_counts(send: Callable[..., Any]) -> None:
    address = urlsplit(send("POST", ONBOARDING, SENT).json()["result"]["links"][0]["href"]).path
    answers = [{"email": "a@example.com", "country": "FR", "outcome": outcome} for outcome in ("agree", "decline") * 2]
    acts = [lambda sent=sent: Client().post(address, sent).status_code for sent in answers]
    assert sorted(at_once(acts)) == [302, 410, 410, 410]
    assert Merchant.objects.get().visits == 1


def test_the_switch_of_onboarding_does_not_undo_an_answer(space: DataSpace) -> None:
    merchant = Merchant.objects.create(data_space=space, environment="sandbox")

    def switch() -> None:
        form = OnboardingForm(
            space.project.account, {"data_space": space.pk, "environment": "sandbox", "status": "STARTED"}
        )
        assert form.is_valid()
        form.save()

    for attempt in range(5):
        merchant.refresh_from_db()
        at_once([switch, partial(merchant.answer, "COMPLETED", timezone.now()), switch])
        # Else a link that was answered would work once more.
        assert Merchant.objects.get().visits == attempt + 1
