"""What mail, browsers, programs and stores do to a key on its way, undone layer by layer and named.

No layer can turn one key into another: what comes out is validated as a whole. None makes a text longer, and each reads
it a bounded number of times. Another layer is a row in `LAYERS`.
"""

import base64
import html
import re
from collections.abc import Callable
from urllib.parse import unquote

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from connector.keys.der import NOT_BASE64
from connector.keys.encapsulation import Block

MAX_BYTES = 64 * 1024

QUOTATION_MARKS = _("quotation marks")
ASSIGNMENT = _("a setting’s name around the key")
OTHER_TEXT = _("other text around the key")
SIGNS_IN_LINES = _("signs, numbers or code in and around the lines of the key")
BOUNDARIES = _("dashes or words of the first and last line")
PKCS1 = _("PKCS#1 format (“BEGIN RSA PRIVATE KEY”)")
LINE_BREAKS = _("line breaks and indentation")

# A program's text inside another program's text, and so on: each puts a backslash before those of the text inside.
_ROUNDS = 12
BLANKS = " \t\n\v\f"
# Straight and typographic ones, and the sign before each line of a quoted mail.
QUOTES = "\"'`>\u00ab\u00b4\u00bb\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u2039\u203a"
# Colours of a terminal, control characters (UTF-16 adds a NUL to each letter), soft hyphen, joiners, zero-width blanks,
# direction marks, variation selectors, byte order mark, and the character that an editor puts in place of a picture.
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
# PowerShell escapes with a grave accent, which is a quotation mark elsewhere: only after a BEGIN line it is certain.
_AFTER_BEGIN_IN_POWERSHELL = re.compile(r"-`(?:r`)?n")
_POWERSHELL_LINE_BREAK = re.compile(r"`[rn]")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.ASCII | re.IGNORECASE)
# The elements of pages and mails. Other elements may be the name of a setting.
_TAG = re.compile(
    r"</?(?:a|b|blockquote|body|br|code|div|em|font|h[1-6]|head|hr|html|i|li|mark|o:p|ol|p|pre|s|samp|small|span"
    r"|strong|table|tbody|td|th|thead|tr|tt|u|ul|wbr)\b[^<>]{0,300}>",
    re.ASCII | re.IGNORECASE,
)
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
# An API key in capital letters after an equals sign is not quoted-printable.
_QUOTED_PRINTABLE = re.compile(
    r"=(?![0-9A-Fa-f]{32}(?![0-9A-Fa-f]))(?:3D|0D|0A|(?:20|09)(?![0-9]))|(?:=[89A-F][0-9A-F]){2,}", re.ASCII
)
# A line that continues in the next. If there is only one, it may be the end of a key.
_SOFT_BREAK = re.compile(r"=\r?\n")
_LONG_LINE = re.compile(r"=(?<=[^\n]{72}=)\r?\n")
_BASE64 = "[A-Za-z0-9+/_-]"
# Between two lines of base64: the end of the first, perhaps a line number, the beginning of the second.
_BETWEEN = r"[^\w+/=.;-]{1,16}+(?:[0-9]{1,6}+[^\w+/=.;-]{1,8}+)?"
BASE64_RUN = re.compile(
    rf"(?<![\w.+/-]){_BASE64}{{40,}}+(?:{_BETWEEN}{_BASE64}{{40,}}+)*+"
    rf"(?:{_BETWEEN}{_BASE64}{{1,39}}+(?![\w:.]))?={{0,2}}+",
    re.ASCII,
)
_NUMBER = re.compile(r"(?<![\w+/=-])[0-9]{1,6}(?![\w+/=-])", re.ASCII)
_HEXADECIMAL = re.compile(r"(?:[0-9A-Fa-f]{2})+")
# How the text before a key ends when a name is given the key as its value: JSON, shell, YAML, PHP.
_NAMED = re.compile(rf"[\w\"'\])] {{0,8}}(?:=>|:=|[:=])[ \t]*(?:[|>][-+]?\s*|[$(]{{0,2}}[{QUOTES}]+\s*)?\Z")
_LONGEST_NAME = 200
_LETTER = re.compile(r"[^\W\d_]")
_NOISE = re.compile(r"[^A-Za-z0-9+/=\s]+")
# PKCS#8 names the kind of key before the numbers: rsaEncryption.
_RSA = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"
_HEADER_BYTES = 40
_NO_TEXT = re.compile("[\x00-\x08\x0e-\x1f\x7f\ufffd]")
_FEWEST_CHARACTERS = 20
_CHARACTERS_LOOKED_AT = 40


def is_too_long(text: str) -> bool:
    """Return whether `text` has more than 64 kB as UTF-8; nothing else reads such a text."""
    return len(text) > MAX_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES


def peel(text: str) -> tuple[str, list[Promise]]:
    """Return `text` without the layers around it, and the names of those layers."""
    found = set()
    for _round in range(_ROUNDS):
        before = text
        for _name, layer in LAYERS:
            # Base64 in a program's text is in pieces until that text is peeled.
            peeled = text if layer is _without_base64 and text != before else layer(text)
            if peeled != text:
                found.add(layer)
            text = peeled
        if text == before:
            break
    return text, [name for name, layer in LAYERS if layer in found]


def names_of(block: Block, text: str) -> list[Promise]:
    """Return the names of what has to be repaired in the lines of `block`, and of what is around it in `text`."""
    before, after = text[: block.begin.start], text[block.stop :]
    noise = set("".join(_NOISE.findall(block.body)))
    has_signs = block.letters != block.raw
    if has_signs:
        before = before.removesuffix(block.prefix)
    has_words = bool(_LETTER.search(before) or _LETTER.search(after))
    if not has_words:
        noise |= set(before + after) - set(BLANKS + ",;")
    is_named = bool(_NAMED.search(before[-_LONGEST_NAME:]))
    found = (
        (QUOTATION_MARKS, noise & set(QUOTES)),
        (ASSIGNMENT, has_words and is_named),
        (OTHER_TEXT, has_words and not is_named),
        (SIGNS_IN_LINES, has_signs or noise - set(QUOTES)),
        (BOUNDARIES, not block.has_usual_boundaries),
        (PKCS1, _RSA not in (block.der or b"")[:_HEADER_BYTES]),
        (LINE_BREAKS, not has_signs and _NOISE.sub("", block.body) != block.usual_body),
    )
    return [name for name, applies in found if applies]


def _without_quoted_printable(text: str) -> str:
    if _QUOTED_PRINTABLE.search(text) or len(_LONG_LINE.findall(text)) > 1:
        text = _SOFT_BREAK.sub("", text)
    return _QUOTED_PRINTABLE.sub(lambda run: unquote(run[0].replace("=", "%")), text)


def _unescaped(text: str) -> str:
    if _AFTER_BEGIN_IN_POWERSHELL.search(text):
        text = _POWERSHELL_LINE_BREAK.sub("\n", text)
    # One backslash of each sequence: the next round takes those of a text inside.
    return _ESCAPE.sub(_character, text)


def _character(escape: re.Match[str]) -> str:
    if escape[3] is not None:
        return _ESCAPED.get(escape[3], escape[3])
    code = int(escape[1] or escape[2], 16)
    return escape[0] if _FIRST_SURROGATE <= code <= _LAST_SURROGATE else chr(code)


def _without_surrounding_blanks(text: str) -> str:
    # A PEM file ends with one line feed. A text without it has lost nothing, so that is no repair either.
    ending = "\n" if text.endswith("\n") else ""
    return text.strip(BLANKS) + ending


def _without_base64(text: str) -> str:
    return BASE64_RUN.sub(lambda run: _text_within(run) or run[0], text)


def _text_within(run: re.Match[str]) -> str:
    """Return the text that base64 or hexadecimal digits hold, or nothing where they hold anything else."""
    # A part of a token (JWT) stays, so that `diagnosis` can name the whole.
    if run.string.startswith(".", run.end()):
        return ""
    letters = NOT_BASE64.sub("", _NUMBER.sub("", run[0]).replace("-", "+").replace("_", "/"))
    # A diff has a plus sign before every line. In the base64 of a text it is rare.
    for spelling in (letters, letters.replace("+", "")):
        if _HEXADECIMAL.fullmatch(spelling):
            data = bytes.fromhex(spelling)
        else:
            data = base64.b64decode(spelling[: len(spelling) - (len(spelling) % 4 == 1)] + "==")
        text = data.removeprefix(b"\xff\xfe").decode("utf-8", "replace").replace("\0", "")
        if len(text) >= _FEWEST_CHARACTERS and not _NO_TEXT.search(text, 0, _CHARACTERS_LOOKED_AT):
            return text
    return ""


LAYERS: tuple[tuple[Promise, Callable[[str], str]], ...] = (
    (_("quoted-printable of a mail (“=3D”)"), _without_quoted_printable),
    (_("invisible characters"), lambda text: _INVISIBLE.sub("", text)),
    (_("line breaks or signs written with a backslash (“\\n”)"), _unescaped),
    (_("non-breaking blanks"), lambda text: text.translate(_UNUSUAL_BLANKS)),
    (_("Windows line endings"), lambda text: text.replace("\r\n", "\n").replace("\r", "\n")),
    (
        _("HTML of a page or mail"),
        lambda text: _ENTITY.sub(lambda entity: html.unescape(entity[0]), _TAG.sub("\n", text)),
    ),
    (_("percent-encoding of an address (“%0A”)"), lambda text: _PERCENT.sub(lambda run: unquote(run[0]), text)),
    (_("blanks around the key"), _without_surrounding_blanks),
    (_("base64 or hexadecimal digits of the whole text"), _without_base64),
)
