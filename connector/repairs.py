"""What mail, spreadsheets and programs do to a key on its way, undone and named.

No repair can turn one key into another: what comes out is validated as a whole. Every repair looks at the text a
bounded number of times. Another repair is another function in `REPAIRS`.
"""

import re
from collections.abc import Callable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

__all__ = ["OTHER_TEXT", "REPAIRS", "apply", "name_of_surroundings", "unquoted", "without_ornaments"]

QUOTATION_MARKS = _("quotation marks")
ASSIGNMENT = _("a setting’s name around the key")
OTHER_TEXT = _("other text around the key")

# A text of a program in a text of a program, and so on: each of them puts a backslash before those of the others.
_ROUNDS = 8
_BLANKS = " \t\n\v\f"
# Soft hyphen, joiners, zero-width blanks, marks of direction, byte order mark.
_INVISIBLE = dict.fromkeys(
    [0xAD, 0x34F, 0x61C, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF]
)
_UNUSUAL_BLANKS: dict[int, str] = {
    **dict.fromkeys([0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000], " "),
    **dict.fromkeys([0x85, 0x2028, 0x2029], "\n"),
}
# Straight and typographic ones, and the sign before each line of a quoted mail.
_QUOTES = "\"'`>\u00ab\u00b4\u00bb\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u2039\u203a"
_WITHOUT_QUOTES = dict.fromkeys(map(ord, _QUOTES))
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|([nrt\\\"'/]))")
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}
_FIRST_SURROGATE, _LAST_SURROGATE = 0xD800, 0xDFFF
# How the text before a key ends when the key is the value of a name: JSON, shell, YAML, PHP.
_NAMED = re.compile(rf"[\w\"'\])] {{0,8}}(?:=>|:=|[:=])[ \t]*(?:[|>][-+]?\s*|[$(]{{0,2}}[{_QUOTES}]+\s*)?\Z")
_LONGEST_NAME = 200


def apply(text: str) -> tuple[str, list[Promise]]:
    """Return `text` repaired, and the names of the repairs that changed it."""
    used = set()
    for _round in range(_ROUNDS):
        before = text
        for number, (_name, repair) in enumerate(REPAIRS):
            repaired = repair(text)
            if repaired != text:
                used.add(number)
            text = repaired
        if text == before:
            break
    return text, [name for number, (name, _repair) in enumerate(REPAIRS) if number in used]


def name_of_surroundings(before: str, after: str) -> Promise | None:
    """Return the name of what stands around a key, or None where nothing does."""
    if not before.strip() and not after.strip():
        return None
    if not before.strip(_BLANKS + _QUOTES) and not after.strip(_BLANKS + _QUOTES + ",;"):
        return QUOTATION_MARKS
    return ASSIGNMENT if _NAMED.search(before[-_LONGEST_NAME:]) else OTHER_TEXT


def unquoted(text: str) -> str:
    """Return `text` without any quotation mark."""
    return text.translate(_WITHOUT_QUOTES)


def without_ornaments(text: str) -> str:
    """Return one word without what a copy may bring along: invisible characters, blanks and quotation marks."""
    return _with_usual_blanks(_without_invisible(text)).strip(_BLANKS + "\r" + _QUOTES)


def _without_invisible(text: str) -> str:
    return text.translate(_INVISIBLE)


def _unescaped(text: str) -> str:
    # One backslash of each sequence only: those of an inner text are the next round's.
    return _ESCAPE.sub(_character, text)


def _character(escape: re.Match[str]) -> str:
    if escape[1] is None:
        return _ESCAPED.get(escape[2], escape[2])
    code = int(escape[1], 16)
    return escape[0] if _FIRST_SURROGATE <= code <= _LAST_SURROGATE else chr(code)


def _with_usual_blanks(text: str) -> str:
    return text.translate(_UNUSUAL_BLANKS)


def _unix_line_endings(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _without_surrounding_blanks(text: str) -> str:
    # One line feed at the end is how a PEM file ends. A text that lacks it has lost nothing: no repair either.
    ending = "\n" if text.endswith("\n") else ""
    return text.strip(_BLANKS) + ending


REPAIRS: tuple[tuple[Promise, Callable[[str], str]], ...] = (
    (_("invisible characters"), _without_invisible),
    (_("line breaks or signs written with a backslash (“\\n”)"), _unescaped),
    (_("non-breaking blanks"), _with_usual_blanks),
    (_("Windows line endings"), _unix_line_endings),
    (_("blanks around the key"), _without_surrounding_blanks),
)
