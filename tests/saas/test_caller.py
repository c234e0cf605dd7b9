"""What a request says of its instance is cut and cleaned before anybody sees it."""

import uuid
from urllib.parse import quote

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from saas.caller import NOBODY, Caller, decoded_name
from tests.saas.conftest import INSTANCE_ID, instance_headers


def caller(**headers: str) -> Caller:
    return Caller.of(RequestFactory().get("/", headers=headers))


def test_it_reads_who_calls() -> None:
    assert caller(**instance_headers("Été 50 %")) == Caller(uuid.UUID(INSTANCE_ID), "Été 50 %")


@pytest.mark.parametrize("instance_id", ["", "x", "5f0c7a52", "5f0c7a52-9b0e-4a5e-8a3a-0d2f6c1b7e90" * 2, "\u00e9"])
def test_without_an_id_nobody_calls(instance_id: str) -> None:
    assert caller(**instance_headers("Luma", instance_id)) == NOBODY


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("Luma%20Admin", "Luma Admin"),
        ("plain", "plain"),
        ("50% off", "50% off"),
        ("a%0D%0Ab%00%1Bc", "abc"),
        ("%E2%80%AEnimdA%E2%80%A8", "nimdA"),
        ("%20%20a%C2%A0%20b%20", "a b"),
        ("%FF%ED%A0%80", "\ufffd\ufffd\ufffd\ufffd"),
        ("%3Cscript%3E", "<script>"),
        ("x" * 9000, "x" * 255),
        (quote("\U0001f6d2" * 300), "\U0001f6d2" * 255),
    ],
)
def test_a_name_is_one_printable_line(value: str, name: str) -> None:
    assert decoded_name(value) == name


@given(st.text(alphabet=st.characters(max_codepoint=255)))
def test_no_header_is_an_error_of_ours(value: str) -> None:
    name = decoded_name(value)
    assert len(name) <= 255
    assert name == decoded_name(quote(name))
    name.encode()


@given(st.text(max_size=255))
def test_whatever_is_printable_arrives_as_it_was_sent(name: str) -> None:
    clean = decoded_name(quote(name, errors="replace"))
    assert decoded_name(quote(clean)) == clean


def test_it_is_called_by_name_and_the_beginning_of_its_id() -> None:
    assert str(Caller(uuid.UUID(INSTANCE_ID), "Luma")) == "Luma (5f0c7a52)"
    assert str(Caller(uuid.UUID(INSTANCE_ID))) == "5f0c7a52"
    assert str(Caller(uuid.UUID(INSTANCE_ID), "x" * 255)) == f"{'x' * 59}… (5f0c7a52)"
    assert str(NOBODY) == ""
