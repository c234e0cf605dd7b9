"""Text comes into a normal form piece by piece, because a long run of accents takes too long."""

import tracemalloc
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.frame.leaks import holds_key
from backend.frame.normal_form import PIECE, normal_form
from backend.people.passwords.length import LONGEST, has_good_length


@given(st.text(max_size=PIECE))
def test_a_name_comes_into_the_usual_form(text: str) -> None:
    assert normal_form("NFKC", text) == unicodedata.normalize("NFKC", text)  # noqa: TID251  (it compares)


def test_a_longer_text_comes_into_it_piece_by_piece() -> None:
    whole = "e\u0301" * PIECE
    assert normal_form("NFC", whole) == "é" * PIECE
    assert normal_form("NFC", f"a{whole}") == "a" + ("é" * (PIECE // 2 - 1) + "e\u0301") * 2


@pytest.mark.parametrize("letter", ["ᾦ", "각"])
def test_the_longest_password_is_one_piece_in_any_form(letter: str) -> None:
    typed = normal_form("NFD", letter) * LONGEST
    assert len(typed) <= PIECE
    assert has_good_length(typed)


def test_a_key_beside_accents_is_found() -> None:
    assert holds_key("\u0301\u0316" * 5000 + "\uff2dIIEvQIBADANBgkqhkiG9w0BAQEFAASC")


def test_a_character_that_is_short_for_many_takes_little_memory() -> None:
    # One of these is 18 characters in the usual form.
    sent = "\ufdfa" * 20_000
    tracemalloc.start()
    try:
        assert not holds_key(sent)
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 10 * 1024 * 1024
