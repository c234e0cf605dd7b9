"""What mail, spreadsheets, programs and people do to a key on its way, by the names of the repairs."""

import base64
import json
import quopri
from collections.abc import Callable
from itertools import count
from urllib.parse import quote

from hypothesis import strategies as st

from connector.keys import repairs
from tests.connector.conftest import API_KEY

Mangling = Callable[[str], str]


def _lines(text: str, change: Callable[[str], str]) -> str:
    return "\n".join(change(line) if line else line for line in text.split("\n"))


def _numbered(text: str, form: str) -> str:
    numbers = count(1)
    return _lines(text, lambda line: form.format(next(numbers), line))


def _with(text: str, character: str, every: int) -> str:
    return character.join(text[start : start + every] for start in range(0, len(text), every))


def shell(text: str) -> str:
    return f"export COMMERCE_PRIVATE_KEY='{text}'\n"


BACKSLASHES: dict[str, Mangling] = {
    "literal": lambda text: text.replace("\n", "\\n"),
    "literal CRLF": lambda text: text.replace("\n", "\\r\\n"),
}
INVISIBLE: dict[str, Mangling] = {
    "byte order mark": lambda text: f"\ufeff{text}",
    "byte order mark inside": lambda text: text.replace("\n", "\n\ufeff"),
    "zero-width blank": lambda text: _with(text, "\u200b", 7),
    "zero-width joiner": lambda text: _with(text, "\u200d", 64),
    "word joiner": lambda text: _with(text, "\u2060", 1),
    "soft hyphen": lambda text: _with(text, "\u00ad", 50),
    "picture": lambda text: _lines(text, lambda line: f"{line}\ufffc"),
}
NON_BREAKING: dict[str, Mangling] = {
    "inside": lambda text: text.replace(" ", "\u00a0"),
    "narrow around lines": lambda text: _lines(text, lambda line: f"\u202f{line}\u00a0"),
}
QUOTED: dict[str, Mangling] = {
    "double": lambda text: f'"{text}"',
    "single": lambda text: f"'{text}'",
    "backticks": lambda text: f"```\n{text}```",
    "typographic": lambda text: f"\u201c{text}\u201d",
    "French": lambda text: f"\u00ab\u202f{text}\u202f\u00bb",
    "every line": lambda text: _lines(text, lambda line: f'"{line}"'),
    "mail": lambda text: _lines(text, lambda line: f"> {line}"),
}
LINES: dict[str, Mangling] = {
    "indented": lambda text: _lines(text, lambda line: f"    {line}"),
    "tabs": lambda text: _lines(text, lambda line: f"\t{line}\t"),
    "one line": lambda text: text.replace("\n", ""),
    "one line with blanks": lambda text: text.strip().replace("\n", " "),
    "empty lines between": lambda text: text.strip().replace("\n", "\n\n"),
}
ASSIGNED: dict[str, Mangling] = {
    "JSON": lambda text: json.dumps({"privateKey": text}),
    "JSON in lines": lambda text: json.dumps({"name": "shop", "key": {"pem": text}}, indent=2),
    "JSON of PHP": lambda text: json.dumps({"private_key": text}).replace("/", "\\/"),
    "JSON of .NET": lambda text: json.dumps({"PrivateKey": text}).replace("+", "\\u002B"),
    "shell": shell,
    "shell with backslashes": lambda text: f"KEY=$'{text}'; export KEY",
    ".env": lambda text: f'PRIVATE_KEY="{text}"',
    "YAML": lambda text: f"private_key: |\n{text}",
    "PHP": lambda text: f"'private_key' => '{text}',",
}
ENDINGS: dict[str, Mangling] = {
    "Windows": lambda text: text.replace("\n", "\r\n"),
    "old Macintosh": lambda text: text.replace("\n", "\r"),
}
AROUND: dict[str, Mangling] = {
    "before": lambda text: f" \n\t{text}",
    "after": lambda text: f"{text}\n \n",
}
HTML: dict[str, Mangling] = {
    "line feeds": lambda text: text.replace("\n", "&#10;"),
    "break per line": lambda text: text.replace("\n", "<br>"),
    "paragraph per line": lambda text: _lines(text, lambda line: f'<p class="code">{line}</p>'),
    "signs": lambda text: text.replace("+", "&#43;").replace("/", "&#x2F;").replace("=", "&equals;"),
}
PERCENT: dict[str, Mangling] = {
    "all": lambda text: quote(text, safe=""),
    "some": lambda text: quote(text, safe="+/="),
}
QUOTED_PRINTABLE: dict[str, Mangling] = {
    "mail": lambda text: quopri.encodestring(text.encode() + b"=\n").decode(),
}
BASE64: dict[str, Mangling] = {
    "in one line": lambda text: base64.b64encode(text.encode()).decode(),
    "in lines": lambda text: base64.encodebytes(text.encode()).decode(),
    "for addresses": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "hexadecimal": lambda text: text.encode().hex(),
}
MARKERS: dict[str, Mangling] = {
    "em dashes": lambda text: text.replace("-----", "\u2014\u2014-"),
    "en dashes": lambda text: text.replace("-----", "\u2013" * 5),
    "wide dashes": lambda text: text.replace("-----", "\uff0d" * 5),
    "four dashes": lambda text: text.replace("-----", "----"),
    "one dash lost": lambda text: text.rstrip()[:-1],
    "no dashes": lambda text: text.replace("-----", ""),
    "small letters": lambda text: text.replace("BEGIN", "begin").replace("PRIVATE KEY", "private key"),
    "other END": lambda text: text.replace("END PRIVATE", "END ANY PRIVATE").replace("END RSA", "END EC"),
}
# These put signs or words on each line, so no mangling of the line breaks may follow them.
FURNITURE: dict[str, Mangling] = {
    "numbers": lambda text: _numbered(text, "{:6}\t{}"),
    "grep": lambda text: _numbered(text, "key.pem:{}:{}"),
    "clock": lambda text: _numbered(text, "[2025-01-01T12:{:02}:07.5Z] {}"),
    "diff": lambda text: _lines(text, lambda line: f"+{line}"),
    "shell comment": lambda text: _lines(text, lambda line: f"# {line}"),
    "program comment": lambda text: _lines(text, lambda line: f"//{line}"),
    "end of line": lambda text: _lines(text, lambda line: f"{line}^M$"),
    "backslash": lambda text: text.strip().replace("\n", "\\\n"),
    "properties": lambda text: "key=" + text.strip().replace("\n", "\\n\\\n"),
    "Java": lambda text: " +\n".join(json.dumps(f"{line}\n") for line in text.strip().split("\n")) + ";",
    "JavaScript": lambda text: " + ".join(f"'{line}\\n'" for line in text.strip().split("\n")) + ";",
    "Visual Basic": lambda text: " & vbCrLf & ".join(f'"{line}"' for line in text.strip().split("\n")),
    "array": lambda text: json.dumps({"key": text.strip().split("\n")}),
    "shell": lambda text: _lines(text, lambda line: f'echo "{line}" >> key.pem'),
    "XML": lambda text: _lines(text, lambda line: f"  <item>{line}</item>"),
    "border": lambda text: _lines(text, lambda line: f"\u2502{line:<66}\u2502"),
    "container": lambda text: _lines(text, lambda line: f"web_1  | {line}"),
    "alphabet of addresses": lambda text: _lines(
        text, lambda line: line if "-" in line else line.replace("+", "-").replace("/", "_")
    ),
}
WRAPPINGS = {
    "invisible characters": INVISIBLE,
    "line breaks or signs written with a backslash (“\\n”)": BACKSLASHES,
    "non-breaking blanks": NON_BREAKING,
    "Windows line endings": ENDINGS,
    "HTML of a page or mail": HTML,
    "percent-encoding of an address (“%0A”)": PERCENT,
    "quoted-printable of a mail (“=3D”)": QUOTED_PRINTABLE,
    "base64 or hexadecimal digits of the whole text": BASE64,
    "blanks around the key": AROUND,
    "quotation marks": QUOTED,
    "a setting’s name around the key": ASSIGNED,
}
NAMED = {
    **WRAPPINGS,
    "line breaks and indentation": LINES,
    "dashes or words of the first and last line": MARKERS,
    "signs, numbers or code in and around the lines of the key": FURNITURE,
}
UNNAMED: dict[str, Mangling] = {"without the last line feed": lambda text: text.removesuffix("\n")}
_ANYWHERE = [family for family in WRAPPINGS.values() if family is not QUOTED_PRINTABLE]
ALL = [mangling for family in (*_ANYWHERE, LINES, UNNAMED) for mangling in family.values()]

BOTH_HALVES: dict[str, Mangling] = {
    "prose": lambda text: f"API key: {API_KEY}\n{text}",
    "below": lambda text: f"{text}\nAPI key: {API_KEY.upper()}",
    "JSON": lambda text: json.dumps({"apiKey": API_KEY, "privateKey": text}),
    "JSON the other way": lambda text: json.dumps({"private_key": text, "api_key": API_KEY}, indent=2),
    "shell": lambda text: f'API_KEY={API_KEY} PRIVATE_KEY="{text}"',
    "names of files": lambda text: f"sandbox-{API_KEY}.pem:\n{text}",
}


def combinations(most: int = 4) -> st.SearchStrategy[list[Mangling]]:
    """Draw several manglings. That of a mail comes last, as nothing may change its lines."""
    mail = st.sampled_from([UNNAMED["without the last line feed"], QUOTED_PRINTABLE["mail"]])
    return st.tuples(st.lists(st.sampled_from(ALL), max_size=most), mail).map(lambda drawn: [*drawn[0], drawn[1]])


def furnished() -> st.SearchStrategy[list[Mangling]]:
    """Draw a mangling of the first and last line, one of each line, then one of the whole text."""
    wrappings = [mangling for family in WRAPPINGS.values() for mangling in family.values()]
    return st.tuples(
        st.sampled_from([*MARKERS.values()]), st.sampled_from([*FURNITURE.values()]), st.sampled_from(wrappings)
    ).map(list)


def mangled(text: str, manglings: list[Mangling]) -> str:
    """Return `text` after every mangling that leaves it short enough to be read."""
    for mangling in manglings:
        longer = mangling(text)
        text = text if repairs.is_too_long(longer) else longer
    return text
