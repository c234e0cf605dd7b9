"""The key ring opens what it encrypted, in the same place, and nothing else."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from connector.errors import KeyringError, UndecryptableError
from connector.keys import keyring
from connector.keys.keyring import ENVELOPE_PREFIX, Keyring, generate_key

PLACE = "connector_keypair.private_key:sandbox"


@pytest.fixture
def ring() -> Keyring:
    return Keyring([generate_key()])


def test_it_opens_what_it_sealed(ring: Keyring) -> None:
    assert ring.decrypt(ring.encrypt("a sécret", associated_data=PLACE), associated_data=PLACE) == "a sécret"


def test_it_seals_the_same_text_differently_each_time(ring: Keyring) -> None:
    assert ring.encrypt("x", associated_data=PLACE) != ring.encrypt("x", associated_data=PLACE)


def test_an_older_key_still_opens() -> None:
    old, new = generate_key(), generate_key()
    stored = Keyring([old]).encrypt("x", associated_data=PLACE)
    assert Keyring([new, old]).decrypt(stored, associated_data=PLACE) == "x"


def test_the_newest_key_seals() -> None:
    old, new = generate_key(), generate_key()
    ring = Keyring([new, old])
    stored = ring.encrypt("x", associated_data=PLACE)
    assert ring.key_id(stored) == ring.newest_key_id == Keyring([new]).newest_key_id


def test_a_value_moved_to_another_row_does_not_open(ring: Keyring) -> None:
    stored = ring.encrypt("x", associated_data=PLACE)
    with pytest.raises(UndecryptableError):
        ring.decrypt(stored, associated_data=PLACE.replace("sandbox", "production"))


def test_another_key_does_not_open(ring: Keyring) -> None:
    stored = ring.encrypt("x", associated_data=PLACE)
    with pytest.raises(UndecryptableError):
        Keyring([generate_key()]).decrypt(stored, associated_data=PLACE)


@pytest.mark.parametrize("stored", ["cs1:", "", "0:3:abc"])
def test_the_key_id_of_no_envelope_is_an_error(ring: Keyring, stored: str) -> None:
    with pytest.raises(UndecryptableError):
        ring.key_id(stored)


@given(position=st.integers(min_value=0, max_value=200), character=st.sampled_from("aB0_:-"))
def test_a_changed_character_does_not_open(position: int, character: str) -> None:
    ring = Keyring([generate_key()])
    stored = ring.encrypt("some text", associated_data=PLACE)
    at = position % len(stored)
    changed = stored[:at] + character + stored[at + 1 :]
    if changed != stored:
        with pytest.raises(UndecryptableError):
            ring.decrypt(changed, associated_data=PLACE)


def test_only_one_spelling_of_the_base64_opens(ring: Keyring) -> None:
    stored = ring.encrypt("1", associated_data=PLACE)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    spellings = [stored[:-1] + character for character in alphabet if character != stored[-1]]
    for spelling in spellings:
        with pytest.raises(UndecryptableError):
            ring.decrypt(spelling, associated_data=PLACE)


@given(st.text())
def test_text_that_is_no_envelope_does_not_open(text: str) -> None:
    with pytest.raises(UndecryptableError):
        Keyring([generate_key()]).decrypt(text, associated_data=PLACE)


def test_the_error_hides_why_and_what(ring: Keyring) -> None:
    with pytest.raises(UndecryptableError) as caught:
        ring.decrypt("cs1:0123456789abcdef:c2VjcmV0", associated_data=PLACE)
    assert "c2VjcmV0" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_it_names_the_position_of_a_malformed_key_and_not_its_value() -> None:
    with pytest.raises(KeyringError, match="key 2 is malformed") as caught:
        Keyring([generate_key(), "not-a-key"])
    assert "not-a-key" not in str(caught.value)


def test_it_refuses_to_be_empty() -> None:
    with pytest.raises(KeyringError, match="ENCRYPTION_KEYS"):
        Keyring([""])


def test_it_refuses_a_key_of_another_length() -> None:
    with pytest.raises(KeyringError, match="32 bytes"):
        Keyring([base64.urlsafe_b64encode(b"x" * 16).decode()])


@pytest.mark.parametrize(
    "raw",
    [b"\0" * 32, b"\xff" * 32, b"\xa5\x5a" * 16, b"correct horse battery staple 123", bytes(range(32))],
    ids=["zeros", "one byte", "pattern", "text", "counted"],
)
def test_it_refuses_a_weak_key_in_every_place(raw: bytes) -> None:
    weak = base64.urlsafe_b64encode(raw).decode()
    with pytest.raises(KeyringError, match="Encryption key 2 is weak: ENCRYPTION_KEYS takes 32 random bytes") as caught:
        Keyring([generate_key(), weak])
    assert weak not in str(caught.value)


def test_its_repr_shows_no_key() -> None:
    key = generate_key()
    assert key not in repr(Keyring([key]))


def test_an_envelope_says_what_it_is(ring: Keyring) -> None:
    assert ring.encrypt("x", associated_data=PLACE).startswith(ENVELOPE_PREFIX)


def test_the_default_ring_follows_the_settings(settings: Settings) -> None:
    settings.ENCRYPTION_KEYS = [generate_key()]
    first = keyring.default()
    assert keyring.default() is first
    settings.ENCRYPTION_KEYS = [generate_key()]
    assert keyring.default() is not first
