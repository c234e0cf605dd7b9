"""What mail, browsers, programs and stores do to a key on its way, undone layer by layer and named.

No layer can turn one key into another: what comes out is validated as a whole. None makes a text longer, and each looks
at it a bounded number of times. Another layer is another function in `LAYERS`.
"""

import base64
import html
import re
from collections.abc import Callable
from urllib.parse import unquote

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from connector.keys.markers import Block

QUOTATION_MARKS = _("quotation marks")
ASSIGNMENT = _("a setting’s name around the key")
OTHER_TEXT = _("other text around the key")
FURNITURE = _("signs, numbers or code in and around the lines of the key")
MARKERS = _("dashes or words of the first and last line")
PKCS1 = _("PKCS#1 format (“BEGIN RSA PRIVATE KEY”)")
LINE_BREAKS = _("line breaks and indentation")

# A text of a program in a text of a program, and so on: each of them puts a backslash before those of the others.
_ROUNDS = 12
BLANKS = " \t\n\v\f"
# Straight and typographic ones, and the sign before each line of a quoted mail.
QUOTES = "\"'`>\u00ab\u00b4\u00bb\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u2039\u203a"
# What colours a terminal, control characters (UTF-16 brings a NUL with each letter), soft hyphen, joiners, zero-width
# blanks, marks of direction, variation selectors, byte order mark, what an editor puts in the place of a picture.
_INVISIBLE = re.compile(
    "\x1b\\[[0-9;?]{0,16}[A-Za-z]|[\x00-\x08\x0e-\x1f\x7f\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffd]"
)
_UNUSUAL_BLANKS: dict[int, str] = {
    **dict.fromkeys([0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000], " "),
    **dict.fromkeys([0x85, 0x2028, 0x2029], "\n"),
}
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|([nrt0\\\"'/]))")
_ESCAPED = dict.fromkeys("nr0", "\n") | {"t": "\t"}
_FIRST_SURROGATE, _LAST_SURROGATE = 0xD800, 0xDFFF
# PowerShell's backslash is a grave accent, which quotes elsewhere: only behind a BEGIN line it can be nothing else.
_AFTER_BEGIN_IN_POWERSHELL = re.compile(r"-`(?:r`)?n")
_POWERSHELL_LINE_BREAK = re.compile(r"`[rn]")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.ASCII | re.IGNORECASE)
# The elements that lay text out. Those of somebody's own XML may be the name of a setting.
_TAG = re.compile(
    r"</?(?:a|b|blockquote|body|br|code|div|em|font|h[1-6]|head|hr|html|i|li|mark|o:p|ol|p|pre|s|samp|small|span"
    r"|strong|table|tbody|td|th|thead|tr|tt|u|ul|wbr)\b[^<>]{0,300}>",
    re.ASCII | re.IGNORECASE,
)
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
# An API key in capital letters behind an equals sign is not what mail made.
_QUOTED_PRINTABLE = re.compile(
    r"=(?![0-9A-Fa-f]{32}(?![0-9A-Fa-f]))(?:3D|0D|0A|(?:20|09)(?![0-9]))|(?:=[89A-F][0-9A-F]){2,}", re.ASCII
)
# A line that goes on in the next. Once, it may be the end of a key.
_SOFT_BREAK = re.compile(r"=\r?\n")
_LONG_LINE = re.compile(r"=(?<=[^\n]{72}=)\r?\n")
_BASE64 = "[A-Za-z0-9+/_-]"
# What is between two lines: an end, perhaps a number, a beginning.
_BETWEEN = r"[^\w+/=.;-]{1,16}+(?:[0-9]{1,6}+[^\w+/=.;-]{1,8}+)?"
BASE64_RUN = re.compile(
    rf"(?<![\w.+/-]){_BASE64}{{40,}}+(?:{_BETWEEN}{_BASE64}{{40,}}+)*+"
    rf"(?:{_BETWEEN}{_BASE64}{{1,39}}+(?![\w:.]))?={{0,2}}+",
    re.ASCII,
)
_NUMBER = re.compile(r"(?<![\w+/=-])[0-9]{1,6}(?![\w+/=-])", re.ASCII)
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]+")
_HEXADECIMAL = re.compile(r"(?:[0-9A-Fa-f]{2})+")
# How the text before a key ends when the key is the value of a name: JSON, shell, YAML, PHP.
_NAMED = re.compile(rf"[\w\"'\])] {{0,8}}(?:=>|:=|[:=])[ \t]*(?:[|>][-+]?\s*|[$(]{{0,2}}[{QUOTES}]+\s*)?\Z")
_LONGEST_NAME = 200
_LETTER = re.compile(r"[^\W\d_]")
_NOISE = re.compile(r"[^A-Za-z0-9+/=\s]+")
# The name of the kind of key, which PKCS#8 puts before the numbers.
_RSA = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"
_HEADER_BYTES = 40
_NO_TEXT = re.compile("[\x00-\x08\x0e-\x1f\x7f\ufffd]")
_FEWEST_CHARACTERS = 20
_CHARACTERS_LOOKED_AT = 40


def peel(text: str) -> tuple[str, list[Promise]]:
    """Return `text` without the layers around it, and the names of those that were there."""
    names = set()
    for _round in range(_ROUNDS):
        before = text
        for number, (_name, layer) in enumerate(LAYERS):
            # Base64 in a text of a program is in pieces until that is peeled.
            peeled = text if layer is _without_base64 and text != before else layer(text)
            if peeled != text:
                names.add(number)
            text = peeled
        if text == before:
            break
    return text, [name for number, (name, _layer) in enumerate(LAYERS) if number in names]


def names_of(block: Block, text: str) -> list[Promise]:
    """Return the names of what has to be repaired at the lines of `block`, and of what is around it in `text`."""
    before, after = text[: block.begin.start], text[block.stop :]
    noise = set("".join(_NOISE.findall(block.body)))
    is_furnished = block.letters != block.raw
    if is_furnished:
        before = before.removesuffix(block.before)
    has_words = bool(_LETTER.search(before) or _LETTER.search(after))
    if not has_words:
        noise |= set(before + after) - set(BLANKS + ",;")
    is_named = bool(_NAMED.search(before[-_LONGEST_NAME:]))
    found = (
        (QUOTATION_MARKS, noise & set(QUOTES)),
        (ASSIGNMENT, has_words and is_named),
        (OTHER_TEXT, has_words and not is_named),
        (FURNITURE, is_furnished or noise - set(QUOTES)),
        (MARKERS, not block.has_usual_markers),
        (PKCS1, _RSA not in (block.der or b"")[:_HEADER_BYTES]),
        (LINE_BREAKS, not is_furnished and _NOISE.sub("", block.body) != block.usual_body),
    )
    return [name for name, applies in found if applies]


def _without_invisible(text: str) -> str:
    return _INVISIBLE.sub("", text)


def _unescaped(text: str) -> str:
    if _AFTER_BEGIN_IN_POWERSHELL.search(text):
        text = _POWERSHELL_LINE_BREAK.sub("\n", text)
    # One backslash of each sequence only: those of an inner text are the next round's.
    return _ESCAPE.sub(_character, text)


def _character(escape: re.Match[str]) -> str:
    if escape[3] is not None:
        return _ESCAPED.get(escape[3], escape[3])
    code = int(escape[1] or escape[2], 16)
    return escape[0] if _FIRST_SURROGATE <= code <= _LAST_SURROGATE else chr(code)


def _with_usual_blanks(text: str) -> str:
    return text.translate(_UNUSUAL_BLANKS)


def _unix_line_endings(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _without_html(text: str) -> str:
    return _ENTITY.sub(lambda entity: html.unescape(entity[0]), _TAG.sub("\n", text))


def _without_percent(text: str) -> str:
    return _PERCENT.sub(lambda run: unquote(run[0]), text)


def _without_quoted_printable(text: str) -> str:
    if _QUOTED_PRINTABLE.search(text) or len(_LONG_LINE.findall(text)) > 1:
        text = _SOFT_BREAK.sub("", text)
    return _QUOTED_PRINTABLE.sub(lambda run: unquote(run[0].replace("=", "%")), text)


def _without_base64(text: str) -> str:
    return BASE64_RUN.sub(lambda run: _text_within(run) or run[0], text)


def _text_within(found: re.Match[str]) -> str:
    """Return the text that base64 or hexadecimal digits hold, or nothing where they hold anything else."""
    run = found[0]
    if found.string.startswith(".", found.end()):  # A part of a token (JWT), which is named as a whole.
        return ""
    letters = _NOT_BASE64.sub("", _NUMBER.sub("", run).replace("-", "+").replace("_", "/"))
    # A plus sign is before every line of a diff, and hardly ever in the base64 of a text.
    for spelling in (letters, letters.replace("+", "")):
        if _HEXADECIMAL.fullmatch(spelling):
            data = bytes.fromhex(spelling)
        else:
            data = base64.b64decode(spelling[: len(spelling) - (len(spelling) % 4 == 1)] + "==")
        text = data.removeprefix(b"\xff\xfe").decode("utf-8", "replace").replace("\0", "")
        if len(text) >= _FEWEST_CHARACTERS and not _NO_TEXT.search(text, 0, _CHARACTERS_LOOKED_AT):
            return text
    return ""


def _without_surrounding_blanks(text: str) -> str:
    # One line feed at the end is how a PEM file ends. A text that lacks it has lost nothing: no repair either.
    ending = "\n" if text.endswith("\n") else ""
    return text.strip(BLANKS) + ending


LAYERS: tuple[tuple[Promise, Callable[[str], str]], ...] = (
    (_("quoted-printable of a mail (“=3D”)"), _without_quoted_printable),
    (_("invisible characters"), _without_invisible),
    (_("line breaks or signs written with a backslash (“\\n”)"), _unescaped),
    (_("non-breaking blanks"), _with_usual_blanks),
    (_("Windows line endings"), _unix_line_endings),
    (_("HTML of a page or mail"), _without_html),
    (_("percent-encoding of an address (“%0A”)"), _without_percent),
    (_("blanks around the key"), _without_surrounding_blanks),
    (_("base64 or hexadecimal digits of the whole text"), _without_base64),
)
