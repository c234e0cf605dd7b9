"""The bytes of a private key (DER), read from base64 in whatever state its lines are.

A line may have a prefix or suffix (its number, the sign of a diff, a quotation mark, a name), and its letters may be in
quotes that a program joins. None of these is known by name. The same lines are read in several ways, and the right
reading is as long as its own first bytes say.
"""

import base64
import re
from collections.abc import Iterator
from itertools import chain

NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]+")
_WORD = re.compile(r"[A-Za-z0-9+/]+")
_URL_ALPHABET = str.maketrans("-_", "+/")
_PREFIX_PART = re.compile(r"(\d+)|(\s+)|[^\d\s]+")
# Text before a BEGIN line that is longer than this is before no other line.
_LONGEST_PREFIX = 80
_SEQUENCE = 0x30
_LONG_FORM = 0x80
_HEADER_LETTERS = 8


def letters_of(body: str, *prefixes: str, suffix: str = "") -> str:
    """Return the base64 letters of `body` without padding; its lines may carry one of `prefixes`, and `suffix`.

    That is the first reading that is a whole key, else the first that begins like a key, else every letter there is.
    """
    # An address has - and _ for + and /, and its plus signs became blanks. These readings come first: if the header
    # loses such a letter, it announces another length, which the letters that are left may happen to have.
    of_address = [NOT_BASE64.sub("", text) for text in (body.translate(_URL_ALPHABET), body.replace(" ", "+"))]
    for letters in chain(of_address, _readings(body, prefixes, suffix.strip())):
        if decode(letters):
            return letters
    for letters in chain(_readings(body, prefixes, suffix.strip()), of_address):
        if expected_letters(letters):
            return letters
    return NOT_BASE64.sub("", body)


def decode(letters: str) -> bytes | None:
    """Return the bytes of `letters` where they are as many as they say, None otherwise or for another spelling."""
    if expected_letters(letters) != len(letters):
        return None
    der = base64.b64decode(letters + "=" * (-len(letters) % 4))
    return der if base64.b64encode(der).decode("ascii").rstrip("=") == letters else None


def expected_letters(letters: str) -> int | None:
    """Return how many letters the first of `letters` announce, None where they begin no sequence.

    Source: ITU-T X.690, 8.1.3.
    """
    der = base64.b64decode(letters[:_HEADER_LETTERS]) if len(letters) >= _HEADER_LETTERS else b""
    if not der or der[0] != _SEQUENCE:
        return None
    octets = max(der[1] - _LONG_FORM, 0)
    length = int.from_bytes(der[2 : 2 + octets], "big") if octets else der[1]
    return -(-(2 + octets + length) * 4 // 3)


def _readings(body: str, prefixes: tuple[str, ...], suffix: str) -> Iterator[str]:
    """Yield the letters of `body` in every way they can be read, the plainest first."""
    yield from _all_and_unique(body)
    lines = [line.rstrip().removesuffix(suffix) for line in body.split("\n")]
    for prefix in dict.fromkeys(prefixes):
        pattern = _like(prefix)
        yield from _all_and_unique("\n".join(pattern.sub("", line, count=1) for line in lines))


def _all_and_unique(body: str) -> Iterator[str]:
    """Yield all letters of `body`, then those of the words that occur once and are no number."""
    yield NOT_BASE64.sub("", body)
    words = _WORD.findall(body)
    count = dict.fromkeys(words, 0)
    for word in words:
        count[word] += 1
    yield "".join(word for word in words if count[word] == 1 and not word.isdecimal())


def _like(prefix: str) -> re.Pattern[str]:
    """Return a pattern for `prefix` at the start of a line, with any number for a number and any blanks for blanks."""
    if len(prefix) > _LONGEST_PREFIX:
        prefix = ""
    parts = (
        r"\d++" if part[1] else r"\s*+" if part[2] else re.escape(part[0]) for part in _PREFIX_PART.finditer(prefix)
    )
    return re.compile(r"\A\s*+" + "".join(parts), re.ASCII)
