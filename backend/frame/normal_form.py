"""Unicode normal forms of text that somebody sent, in a time that grows with its length."""

import unicodedata
from typing import Literal

# More characters than a name has, or a password in any form. Python sorts the accents of a letter by comparing each
# with every other, so a long run of them, all in one piece, would take minutes.
PIECE = 512


def normal_form(form: Literal["NFC", "NFD", "NFKC", "NFKD"], text: str) -> str:
    """Return `text` in the normal form `form`. Between two pieces, a letter and its accent stay apart."""
    if text.isascii():
        return text
    pieces = (text[begin : begin + PIECE] for begin in range(0, len(text), PIECE))
    return "".join(unicodedata.normalize(form, piece) for piece in pieces)  # noqa: TID251  (each piece is short)
