"""Where a private key begins and ends in a text, and the letters between, whatever each line has around it.

A line of a key may have a number before it, a sign of a diff, a quotation mark or a name; the letters may be in quotes
that a program joins. None of it is known by name here: several readings of the same lines are tried, and the one that
is as long as its own first bytes say is the key. Each reading looks at the text a bounded number of times.
"""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest

_DASHES = "-\u02d7\u2010-\u2015\u2043\u2212\u2500\u2501\u2e3a\u2e3b\ufe58\ufe63\uff0d"
_GAP = rf"[^A-Za-z0-9{_DASHES}]{{0,8}}?"
_BEGIN, _END, _PRIVATE_KEY, _BLOCK = (_GAP.join(word) for word in ("BEGIN", "END", "PRIVATEKEY", "BLOCK"))
# Blanks anywhere or none, any number of dashes of any kind: a key went through one line, or through a text processor.
_MARKER = re.compile(
    rf"([{_DASHES}]{{0,20}}[ \t]?)(?<![A-Za-z0-9])({_BEGIN}|{_END})"
    rf"((?:(?!BEGIN|END)[^{_DASHES}]){{0,30}}?{_PRIVATE_KEY}(?:{_GAP}{_BLOCK})?)([ \t]?[{_DASHES}]{{0,20}})",
    re.IGNORECASE,
)
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]+")
_TOKEN = re.compile(r"[A-Za-z0-9+/]+")
_URL_ALPHABET = str.maketrans("-_", "+/")
_FURNITURE = re.compile(r"(\d+)|(\s+)|[^\d\s]+")
# A longer text before a BEGIN line is before no other line.
_LONGEST_FURNITURE = 80
# The shortest of all private keys has 64 letters. What is shorter only holds the place of one.
_FEWEST_LETTERS = 60
_NOT_A_LETTER = re.compile(r"[^A-Z0-9]+")
_USUAL_MARKERS = {f"-----{side} {kind}PRIVATE KEY-----" for side in ("BEGIN", "END") for kind in ("", "RSA ")}
_WIDTH = 64
_DER_SEQUENCE = 0x30
_DER_LONG_FORM = 0x80
_HEADER_LETTERS = 8


@dataclass(frozen=True)
class Marker:
    """A BEGIN or END line of a private key of any kind, from `start` to `end`."""

    is_begin: bool
    label: str
    is_usual: bool
    start: int
    end: int


@dataclass(frozen=True)
class Block:
    """What is between a BEGIN line and its END line, or else the next BEGIN line, up to `stop` of the text.

    `before` is what the BEGIN line has before its dashes.
    """

    begin: Marker
    end: Marker | None
    body: str
    before: str
    stop: int

    @cached_property
    def raw(self) -> str:
        """Every letter of the body."""
        return _NOT_BASE64.sub("", self.body)

    @cached_property
    def letters(self) -> str:
        """The letters of the body, read in the likeliest way."""
        first, last = self.body.partition("\n")[0], self.body.rpartition("\n")[2]
        return likeliest(readings(self.body, self.before, last, behind=first))

    @cached_property
    def der(self) -> bytes | None:
        """The bytes of the body, where they are as many as they say."""
        return exact(self.letters)

    @property
    def usual_body(self) -> str:
        """The body as a PEM file has it (RFC 7468, section 2)."""
        text = self.letters + "=" * (-len(self.letters) % 4)
        return "".join(f"\n{text[start : start + _WIDTH]}" for start in range(0, len(text), _WIDTH)) + "\n"

    @property
    def has_usual_markers(self) -> bool:
        """Whether both marker lines are as a PEM file has them."""
        return self.end is not None and self.begin.is_usual and self.end.is_usual and self.begin.label == self.end.label

    @property
    def is_empty(self) -> bool:
        """Whether it only holds the place of a key, as in an example."""
        return len(self.raw) < _FEWEST_LETTERS


def find(text: str) -> list[Marker]:
    """Return the BEGIN and END lines of private keys. One without any dash is in capital letters."""
    found = _MARKER.finditer(text)
    return [_marker(one) for one in found if one[1].strip() or one[4].strip() or (one[2] + one[3]).isupper()]


def blocks(text: str, markers: list[Marker]) -> list[Block]:
    """Return the block of each BEGIN line."""
    found = []
    for begin, after in zip_longest(markers, markers[1:]):
        if not begin.is_begin:
            continue
        body = text[begin.end : after.start if after else len(text)]
        before = text[text.rfind("\n", 0, begin.start) + 1 : begin.start]
        end = None if after and after.is_begin else after
        found.append(Block(begin, end, body, before, end.end if end else begin.end + len(body)))
    return found


def readings(body: str, *before: str, behind: str = "") -> tuple[str, ...]:
    """Return the letters of `body`, read in every way; each line may have one of `before`, and `behind`, around it."""
    return tuple(dict.fromkeys(_readings(body, before, behind.strip())))


def likeliest(ways: tuple[str, ...]) -> str:
    """Return the letters that are as many as they say, else the first of `ways` that begins as a key."""
    whole = next((letters for letters in ways if exact(letters)), None)
    return whole or next((letters for letters in ways if expected_letters(letters)), ways[0])


def exact(letters: str) -> bytes | None:
    """Return the bytes of base64 `letters`, where they are as many as the bytes say; no second spelling is taken."""
    expected = expected_letters(letters)
    if expected is None or expected != len(letters):
        return None
    der = base64.b64decode(letters + "=" * (-len(letters) % 4))
    return der if base64.b64encode(der).decode("ascii").rstrip("=") == letters else None


def expected_letters(letters: str) -> int | None:
    """Return how many letters the first of `letters` announce, without padding; None where no sequence begins.

    Source: ITU-T X.690, 8.1.3.
    """
    der = base64.b64decode(letters[:_HEADER_LETTERS]) if len(letters) >= _HEADER_LETTERS else b""
    if not der or der[0] != _DER_SEQUENCE:
        return None
    octets = max(der[1] - _DER_LONG_FORM, 0)
    length = int.from_bytes(der[2 : 2 + octets], "big") if octets else der[1]
    return -(-(2 + octets + length) * 4 // 3)


def _marker(found: re.Match[str]) -> Marker:
    side, label = (_NOT_A_LETTER.sub("", part.upper()) for part in (found[2], found[3]))
    return Marker(side == "BEGIN", label, found[0] in _USUAL_MARKERS, found.start(), found.end())


def _readings(body: str, before: tuple[str, ...], behind: str) -> Iterator[str]:
    yield from _letters(body)
    lines = [line.rstrip().removesuffix(behind) for line in body.split("\n")]
    for furniture in dict.fromkeys(before):
        pattern = _pattern(furniture)
        yield from _letters("\n".join(pattern.sub("", line, count=1) for line in lines))
    yield _NOT_BASE64.sub("", body.translate(_URL_ALPHABET))
    # The blanks of an address were plus signs.
    yield _NOT_BASE64.sub("", body.replace(" ", "+"))


def _letters(body: str) -> Iterator[str]:
    """Yield the letters of `body`: all of them, and those of words that are no number and there only once."""
    yield _NOT_BASE64.sub("", body)
    words = _TOKEN.findall(body)
    count = dict.fromkeys(words, 0)
    for word in words:
        count[word] += 1
    yield "".join(word for word in words if count[word] == 1 and not word.isdecimal())


def _pattern(furniture: str) -> re.Pattern[str]:
    """Return what finds the like of `furniture` at the beginning of a line: any number for a number, any blanks."""
    if len(furniture) > _LONGEST_FURNITURE:
        furniture = ""
    parts = (
        r"\d++" if part[1] else r"\s*+" if part[2] else re.escape(part[0]) for part in _FURNITURE.finditer(furniture)
    )
    return re.compile(r"\A\s*+" + "".join(parts), re.ASCII)
