"""The letters of a key are read right, in whatever alphabet they come."""

import base64

from connector.keys.der import decode, letters_of


def test_a_key_from_an_address_is_read_whole_although_a_part_of_it_is_as_long_as_it_says() -> None:
    # The header of a key of 3072 bits has a slash. Without its 84 slashes, the rest announces just its own length.
    content = b"\x02\x01\x00\x00\x00" + b"\xfc\x00\x00" * 83
    key = b"\x30\x82\x06\xff" + content.ljust(0x6FF, b"\0")
    letters = base64.b64encode(key).decode().rstrip("=")
    assert decode(letters.replace("/", "")) is not None
    assert letters_of(letters.replace("/", "_")) == letters
