"""Each request has an id: in its answer, on its error page, and in what it asks a gateway."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from backend.frame.request_facts import HEADER, request_id
from connector.gateway.client import Credentials
from connector.verification import examine
from tests.addresses import CONFIGURATION, DASHBOARD, HEALTH, LOGIN
from tests.conftest import signed_in
from tests.gateways import PRODUCTION, SANDBOX, Outside
from tests.markup import sent, text

FROM_PROXY = "4bf92f3577b34da6-a3ce929d0e0e4736"


def id_of(client: Client, sent_id: str | None = None) -> str:
    headers = {} if sent_id is None else {HEADER: sent_id}
    return client.get(HEALTH, headers=headers)[HEADER]


def test_every_answer_has_an_id_of_its_own(client: Client) -> None:
    ids = {id_of(client) for _ in range(3)}
    assert len(ids) == 3
    assert all(re.fullmatch("[0-9a-f]{32}", known) for known in ids)


def test_the_id_of_a_trusted_proxy_is_taken(client: Client, settings: Settings) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert id_of(client, FROM_PROXY) == FROM_PROXY


def test_an_id_that_anybody_can_send_is_not_taken(client: Client, settings: Settings) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 0
    assert id_of(client, FROM_PROXY) != FROM_PROXY


@pytest.mark.parametrize("odd", ["", "short", "x" * 65, "two words", "<script>x</script>", 'a"b"c"d"e', "idé-idé-idé"])
def test_an_id_that_could_do_harm_is_replaced(client: Client, settings: Settings, odd: str) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert re.fullmatch("[0-9a-f]{32}", id_of(client, odd))


@pytest.mark.django_db
def test_an_error_page_shows_the_id_of_its_answer(known: User, charlie: User, settings: Settings) -> None:
    strict = Client(enforce_csrf_checks=True)
    answers = [
        signed_in(known).get("/admin/nowhere/"),
        signed_in(charlie).get(CONFIGURATION),
        strict.post(LOGIN, {"login": "x", "password": "y"}),
        Client().get(LOGIN, headers={"host": "elsewhere.test"}),
        signed_in(known).get(f"{CONFIGURATION}move-pair/", headers={"accept": "text/html"}),
    ]
    assert [answer.status_code for answer in answers] == [404, 403, 403, 400, 405]
    for answer in answers:
        assert f"Request id {answer[HEADER]}" in text(answer)


@pytest.mark.django_db
def test_a_failure_of_ours_shows_the_id_that_is_in_the_log(
    as_alice: Client, outside: Outside, pair: Credentials
) -> None:
    as_alice.raise_request_exception = False
    outside.answer_all(SANDBOX, body=RuntimeError("a failure of ours"))
    answer = as_alice.post(CONFIGURATION, sent(pair))
    assert answer.status_code == 500
    assert f"Request id {answer[HEADER]}" in text(answer)


@pytest.mark.django_db
def test_a_page_that_worked_shows_no_id(as_alice: Client) -> None:
    assert "Request id" not in text(as_alice.get(DASHBOARD))


@pytest.mark.django_db
def test_a_gateway_gets_the_id_of_the_request_with_every_call(
    as_alice: Client, accepted: None, outside: Outside, pair: Credentials
) -> None:
    answer = as_alice.post(CONFIGURATION, sent(pair))
    calls = outside.mocked.calls
    assert len(calls) >= 2
    assert {call.request.headers[HEADER] for call in calls} == {answer[HEADER]}


def test_a_command_sends_a_gateway_no_id(accepted: None, outside: Outside, pair: Credentials) -> None:
    outside.accept(PRODUCTION)
    examine.verify({SANDBOX: pair, PRODUCTION: pair})
    assert [call for call in outside.mocked.calls if HEADER in call.request.headers] == []


def test_no_id_is_left_when_the_answer_is_sent(client: Client) -> None:
    id_of(client)
    assert request_id() == ""
