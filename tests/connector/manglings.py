"""What mail, spreadsheets, programs and people do to a key on its way, each by the name of its repair."""

import json
from collections.abc import Callable

from hypothesis import strategies as st

from tests.connector.conftest import API_KEY

Mangling = Callable[[str], str]


def _lines(text: str, change: Callable[[str], str]) -> str:
    return "\n".join(change(line) if line else line for line in text.split("\n"))


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
NAMED = {
    "invisible characters": INVISIBLE,
    "line breaks or signs written with a backslash (“\\n”)": BACKSLASHES,
    "non-breaking blanks": NON_BREAKING,
    "Windows line endings": ENDINGS,
    "blanks around the key": AROUND,
    "quotation marks": QUOTED,
    "a setting’s name around the key": ASSIGNED,
    "line breaks and indentation": LINES,
}
UNNAMED: dict[str, Mangling] = {"without the last line feed": lambda text: text.removesuffix("\n")}
ALL = [mangling for family in (*NAMED.values(), UNNAMED) for mangling in family.values()]

BOTH_HALVES: dict[str, Mangling] = {
    "prose": lambda text: f"API key: {API_KEY}\n{text}",
    "below": lambda text: f"{text}\nAPI key: {API_KEY.upper()}",
    "JSON": lambda text: json.dumps({"apiKey": API_KEY, "privateKey": text}),
    "JSON the other way": lambda text: json.dumps({"private_key": text, "api_key": API_KEY}, indent=2),
    "shell": lambda text: f'API_KEY={API_KEY} PRIVATE_KEY="{text}"',
    "names of files": lambda text: f"sandbox-{API_KEY}.pem:\n{text}",
}


def combinations(most: int = 4) -> st.SearchStrategy[list[Mangling]]:
    """Draw manglings that follow each other."""
    return st.lists(st.sampled_from(ALL), min_size=1, max_size=most)


def mangled(text: str, manglings: list[Mangling]) -> str:
    for mangling in manglings:
        text = mangling(text)
    return text
