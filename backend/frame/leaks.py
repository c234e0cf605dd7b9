"""Finds what may be part of a private key: in a field, an address or a line of the server log."""

import re
from urllib.parse import unquote

from backend.frame.fields import visible

# Shorter parts pass. API keys and ids of this length use one case, and names consist of words.
LENGTH = 24
# This many characters outside words, within `LENGTH`, make a part: base64 has a dozen, an abbreviation three.
STRANGE = 4
# In this order: a fingerprint, which is no secret; the first or last line of a key; base64, as it is or in an address.
_RUN = re.compile(
    r"SHA256(?::|%3A)(?:[A-Za-z0-9+/]|%2[BF]){43}(?![A-Za-z0-9+/%])"
    r"|-+(?:BEGIN|END) [A-Z ]{0,20}PRIVATE KEY-*|PRIVATE KEY-+"
    r"|(?:[A-Za-z0-9+/_-]++|%2[BFbf])++"
)
# A piece in one case or of up to three characters; in other pieces, each word.
_WORD = re.compile(
    r"(?<![A-Za-z0-9+])(?:[A-Z0-9]++|[a-z0-9]++|[A-Za-z0-9]{1,3})(?![A-Za-z0-9+])"
    r"|[A-Z][a-z]{2,}|[a-z]{4,}|[A-Z]{5,}|[0-9]{4,}"
)
_CHARACTER = re.compile(r"[A-Za-z0-9+]")


def holds_key(text: str) -> bool:
    """Return whether `text` holds the first or last line of a private key, or what may be a part of a key."""
    if not text.isascii():
        text = visible(text)
    if len(text) < LENGTH and "PRIVATE KEY" not in text:
        return False
    return any(_is_part(run[0]) for run in _RUN.finditer(text))


def without_keys(text: str) -> str:
    """Return `text` with an ellipsis instead of each possible part of a private key."""
    return _RUN.sub(lambda run: "…" if _is_part(run[0]) else run[0], text)


def _is_part(run: str) -> bool:
    if "PRIVATE KEY" in run:
        return True
    if len(run) < LENGTH or run.startswith(("SHA256:", "SHA256%")) or run in {run.lower(), run.upper()}:
        return False
    without_words = _WORD.sub(lambda word: " " * len(word[0]), unquote(run))
    strange = [match.start() for match in _CHARACTER.finditer(without_words)]
    return any(last - first < LENGTH for first, last in zip(strange, strange[STRANGE - 1 :], strict=False))
