"""The texts that the source marks for translation and those in the catalogues, read without the gettext programs."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.template import engines
from jinja2 import nodes

BASE_DIR: Path = settings.BASE_DIR
FOLDERS = ("backend", "config", "connector", "dashboard", "payments", "saas")
# How many texts each function takes: context, singular, plural.
SHAPES = {"_": "s", "gettext": "s", "ngettext": "sp", "pgettext": "cs", "npgettext": "csp"}
_KEYWORD = re.compile(r'(msgctxt|msgid_plural|msgid|msgstr(?:\[\d\])?) (".*")')
_FIELDS = {"c": "context", "s": "singular", "p": "plural"}


class Message(NamedTuple):
    """A text to translate."""

    context: str = ""
    singular: str = ""
    plural: str = ""


class Entry(NamedTuple):
    """A message in a catalogue, with its translations."""

    message: Message
    texts: tuple[str, ...]
    is_fuzzy: bool


def _message(function: str, texts: list[str]) -> Message:
    return Message(**{_FIELDS[part]: text for part, text in zip(SHAPES[function], texts, strict=False)})


def of_template(source: str) -> Iterator[Message]:
    """Yield the messages of a template.

    Raises:
        nodes.Impossible: A marked text is not written out, so no catalogue can hold it.
    """
    env = engines["jinja2"].env  # type: ignore[attr-defined]  # the stubs know the common base only
    for node in env.parse(source).find_all(nodes.Call):
        name = getattr(node.node, "name", "")
        if name in SHAPES:
            yield _message(name, [str(text.as_const()) for text in node.args[: len(SHAPES[name])]])


def of_code(source: str) -> Iterator[Message]:
    """Yield the messages of a Python module.

    Raises:
        ValueError: A marked text is not written out, so no catalogue can hold it.
    """
    for node in ast.walk(ast.parse(source)):
        name = getattr(node.func, "id", "").removesuffix("_lazy") if isinstance(node, ast.Call) else ""
        if isinstance(node, ast.Call) and name in SHAPES:
            yield _message(name, [str(ast.literal_eval(text)) for text in node.args[: len(SHAPES[name])]])


def of_source() -> set[Message]:
    """Return every message of the project."""
    found: set[Message] = set()
    for path in (BASE_DIR / "templates").rglob("*.*"):
        found.update(of_template(path.read_text(encoding="utf-8")))
    for folder in FOLDERS:
        for path in (BASE_DIR / folder).rglob("*.py"):
            found.update(of_code(path.read_text(encoding="utf-8")))
    return found


def entries(catalogue: Path) -> list[Entry]:
    """Return what a `.po` file holds, without its header and unused texts."""
    blocks = catalogue.read_text(encoding="utf-8").split("\n\n")
    return [entry for entry in map(_entry, blocks) if entry.message.singular]


def _entry(block: str) -> Entry:
    texts: dict[str, str] = {}
    keyword = ""
    for line in block.splitlines():
        if match := _KEYWORD.fullmatch(line):
            keyword = match[1]
            texts[keyword] = ast.literal_eval(match[2])
        elif line.startswith('"'):
            texts[keyword] += ast.literal_eval(line)
    message = Message(texts.get("msgctxt", ""), texts.get("msgid", ""), texts.get("msgid_plural", ""))
    forms = tuple(text for name, text in texts.items() if name.startswith("msgstr"))
    is_fuzzy = any(line.startswith("#,") and "fuzzy" in line for line in block.splitlines())
    return Entry(message, forms, is_fuzzy)
