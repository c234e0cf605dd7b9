"""How an instance names itself, in a form that every header can hold."""

import string
from urllib.parse import unquote

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from connector import connection
from connector.configuration import save as saving
from connector.configuration.plan import SavePlan
from connector.gateway.client import Identity
from connector.models import Instance
from saas.caller import Caller
from tests.gateways import GATEWAY_URLS, LIVE_ID, REGISTRY, SANDBOX, Outside

INSTANCE_ID = "5f0c7a52-9b0e-4a5e-8a3a-0d2f6c1b7e90"


def name_header(name: str) -> str:
    return Identity(INSTANCE_ID, name).headers()["X-Commerce-Instance-Name"]


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("Commerce Admin", "Commerce%20Admin"),
        ("shop.example.com", "shop.example.com"),
        ("Été", "%C3%89t%C3%A9"),
        ("a\r\nX-Evil: 1", "a%0D%0AX-Evil%3A%201"),
        ("\ud800", "%3F"),
        ("x" * 300, "x" * 255),
    ],
)
def test_a_name_is_percent_encoded(name: str, header: str) -> None:
    assert name_header(name) == header


@given(st.text(max_size=255))
def test_no_name_breaks_a_header(name: str) -> None:
    header = name_header(name)
    assert set(header) <= set(string.ascii_letters + string.digits + "-._~%")
    assert unquote(header) == name


def test_the_stand_in_reads_what_the_client_sends() -> None:
    headers = Identity(INSTANCE_ID, "Luma · Zürich 100 %").headers()
    caller = Caller.of(RequestFactory().get("/", headers=headers))
    assert (str(caller.instance_id), caller.name) == (INSTANCE_ID, "Luma · Zürich 100 %")


@pytest.mark.django_db
def test_the_connection_knows_its_identity() -> None:
    stored = connection.load()
    assert stored.identity == Identity(str(Instance.objects.get().instance_id), "Commerce Admin", "")


@pytest.mark.django_db
def test_a_data_space_that_cannot_be_called_after_the_save_does_not_spoil_it(outside: Outside, connected: None) -> None:
    outside.accept(SANDBOX)
    address = f"{GATEWAY_URLS[SANDBOX]}{REGISTRY}/environments/{LIVE_ID}"
    outside.mocked.get(address, status=500)  # With two answers for one address, the first is given once.
    stored = connection.load()
    plan = SavePlan(stored, data_space_id=LIVE_ID)
    assert saving.save(plan, None).findings[SANDBOX].is_verified
    assert outside.calls.count(f"GET {address}") == 2
    assert connection.load().data_space_id == LIVE_ID
