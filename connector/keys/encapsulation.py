"""Private keys in a text: their BEGIN and END lines, and the blocks between them.

RFC 7468 calls these lines encapsulation boundaries. Here they may have blanks anywhere or none, any number of dashes of
any kind, and other text in the same line.
"""

import re
from dataclasses import dataclass
from itertools import zip_longest

from django.utils.functional import cached_property

from connector.keys.der import NOT_BASE64, decode, letters_of

_DASHES = "-\u02d7\u2010-\u2015\u2043\u2212\u2500\u2501\u2e3a\u2e3b\ufe58\ufe63\uff0d"
_GAP = rf"[^A-Za-z0-9{_DASHES}]{{0,8}}?"
_BEGIN, _END, _PRIVATE_KEY, _BLOCK = (_GAP.join(word) for word in ("BEGIN", "END", "PRIVATEKEY", "BLOCK"))
_BOUNDARY = re.compile(
    rf"([{_DASHES}]{{0,20}}[ \t]?)(?<![A-Za-z0-9])({_BEGIN}|{_END})"
    rf"((?:(?!BEGIN|END)[^{_DASHES}]){{0,30}}?{_PRIVATE_KEY}(?:{_GAP}{_BLOCK})?)([ \t]?[{_DASHES}]{{0,20}})",
    re.IGNORECASE,
)
_NOT_A_LETTER = re.compile(r"[^A-Z0-9]+")
_USUAL = {f"-----{side} {kind}PRIVATE KEY-----" for side in ("BEGIN", "END") for kind in ("", "RSA ")}
_WIDTH = 64
# The shortest of all private keys has 64 letters.
_FEWEST_LETTERS = 60


@dataclass(frozen=True)
class Boundary:
    """A BEGIN or END line of a private key of any kind, from `start` to `end` of the text.

    `label` has capital letters and digits only: `RSAPRIVATEKEY`.
    """

    is_begin: bool
    label: str
    is_usual: bool
    start: int
    end: int


@dataclass(frozen=True)
class Block:
    """A BEGIN line and the `body` behind it, up to `stop` of `text`: to its END line, else to the next BEGIN line."""

    begin: Boundary
    end: Boundary | None
    body: str
    stop: int
    text: str

    @property
    def prefix(self) -> str:
        """What is before the BEGIN line in its line of the text. All of them may be in one line, so none is kept."""
        return self.text[self.text.rfind("\n", 0, self.begin.start) + 1 : self.begin.start]

    @cached_property
    def raw(self) -> str:
        """Every base64 letter of the body."""
        return NOT_BASE64.sub("", self.body)

    @cached_property
    def letters(self) -> str:
        """The base64 letters of the key, in the likeliest reading."""
        suffix, prefix_of_end = self.body.partition("\n")[0], self.body.rpartition("\n")[2]
        return letters_of(self.body, self.prefix, prefix_of_end, suffix=suffix)

    @cached_property
    def der(self) -> bytes | None:
        """The bytes of the key, None where they are not as many as they say."""
        return decode(self.letters)

    @property
    def usual_body(self) -> str:
        """The body as a PEM file has it (RFC 7468, section 2)."""
        text = self.letters + "=" * (-len(self.letters) % 4)
        return "".join(f"\n{text[start : start + _WIDTH]}" for start in range(0, len(text), _WIDTH)) + "\n"

    @property
    def has_usual_boundaries(self) -> bool:
        """Whether both boundaries are written as in a PEM file."""
        return self.end is not None and self.begin.is_usual and self.end.is_usual and self.begin.label == self.end.label

    @property
    def is_placeholder(self) -> bool:
        """Whether it is too short for a key, as in an example."""
        return len(self.raw) < _FEWEST_LETTERS


def find(text: str) -> list[Boundary]:
    """Return every boundary of a private key. One without any dash has capital letters only."""
    boundaries = []
    for found in _BOUNDARY.finditer(text):
        dashes_before, side, label, dashes_after = found.groups()
        if dashes_before.strip() or dashes_after.strip() or (side + label).isupper():
            side, label = (_NOT_A_LETTER.sub("", part.upper()) for part in (side, label))
            boundaries.append(Boundary(side == "BEGIN", label, found[0] in _USUAL, found.start(), found.end()))
    return boundaries


def blocks(text: str, boundaries: list[Boundary]) -> list[Block]:
    """Return the block of each BEGIN line."""
    found = []
    for begin, after in zip_longest(boundaries, boundaries[1:]):
        if begin.is_begin:
            body = text[begin.end : after.start if after else len(text)]
            end = None if after and after.is_begin else after
            found.append(Block(begin, end, body, end.end if end else begin.end + len(body), text))
    return found
