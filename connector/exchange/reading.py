"""Reads what an import gets: our JSON, or the lines that `bin/magento config:show` prints, as people paste them."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import dropwhile
from types import MappingProxyType
from typing import Any

from backend.frame.fields import visible
from connector.errors import ConnectorError
from connector.exchange import paths
from connector.keys.repairs import BLANKS, QUOTES

MAX_BYTES = 1_000_000
# A terminal that breaks its lines has at least so many columns.
_NARROWEST = 60

_MARKS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
# Colours and titles of a terminal.
_TERMINAL = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])")
_NAME = r"[A-Za-z0-9_]+(?:/[A-Za-z0-9_]+)+"
# In a mail or a list, signs may precede the path.
_LINE = re.compile(rf"[\s>|*•{re.escape(QUOTES)}-]*({_NAME})\s+[-–—](?:\s+(.*))?")
_PIECE = re.compile(r"[A-Za-z0-9_]+(?:/[A-Za-z0-9_]*)+")
_PROMPT = re.compile(r"[^$#%>]{0,100}[$#%>](?:\s.*)?")
_COMMAND = re.compile(rf"\bconfig:show\b(?P<arguments>(?:.*?\s(?P<path>{_NAME}))?.*)")
_SCOPE = re.compile(r"--scope[=\s]+[\"']?(?!default\b)\w")
_PHP = re.compile(r"^[ \t]*(?:<\?php|'\w+' {0,9}=> {0,9}(?:\[|array))", re.MULTILINE)
# A path in the form that app/etc/env.php and config.php have it, above the sections.
_ABOVE = re.compile(r"\A(?:system/)?default/")


class UnusableFileError(ConnectorError):
    """A file cannot be imported. No text has a value of it; `texts` give the reason by the path of a line."""

    code = "unusable_file"

    def __init__(self, text: str, texts: Mapping[str, str] = MappingProxyType({})) -> None:
        super().__init__(text)
        self.text, self.texts = text, texts


@dataclass(frozen=True)
class File:
    """What a file holds: the values by path, the last one of each.

    `repeated` are known paths that it has more than once, `scoped` those of a website or store view, `unread` counts
    what has no path.
    """

    values: dict[str, str]
    repeated: tuple[str, ...] = ()
    scoped: tuple[str, ...] = ()
    unread: int = 0


def read(data: bytes) -> File:
    """Return what a file of up to `MAX_BYTES` holds. Raises UnusableFileError."""
    text = _text(data)
    if _PHP.search(text):
        message = (
            "Nothing was imported: this is PHP, such as app/etc/env.php, which holds other secrets too. Import what "
            "“bin/magento config:show services_connector” prints."
        )
        raise UnusableFileError(message)
    lines = text.split("\n")
    without_end = dropwhile(_is_around, reversed(lines))
    framed = list(dropwhile(_is_around, reversed([*without_end])))
    if framed and framed[0].lstrip().startswith(("{", "[")):
        return _json("\n".join(framed))
    return _lines(lines)


def _text(data: bytes) -> str:
    """Return `data` as text with line feeds only, without colours and without characters that nobody sees."""
    if len(data) > MAX_BYTES:
        message = (
            "Nothing was imported: the file is longer than 1 MB. Import only what “bin/magento config:show "
            "services_connector” prints."
        )
        raise UnusableFileError(message)
    # PowerShell writes UTF-16 into a file.
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8-sig")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        message = "Nothing was imported: the file is not UTF-8 text. Save it as UTF-8."
        raise UnusableFileError(message) from None
    return re.sub(r"\r\n?", "\n", _TERMINAL.sub("", text))


def _json(text: str) -> File:
    """Read an object of paths, or the same with an object for each part of a path."""
    counted = Counter[str]()

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        counted.update(name for name, times in Counter(name for name, _value in found).items() if times > 1)
        return dict(found)

    try:
        content = json.loads(text, object_pairs_hook=pairs)
        # Writing a value needs a little more of the stack than reading it.
        entries = [*_flat(content)] if isinstance(content, dict) else None
    except json.JSONDecodeError as error:
        message = f"Nothing was imported: the JSON cannot be read from line {error.lineno} on. Export it again."
        raise UnusableFileError(message) from None
    except (ValueError, RecursionError):
        entries = None
    if entries is None:
        message = "Nothing was imported: the JSON is no object of paths and values, as “connector export” writes it."
        raise UnusableFileError(message)
    everything = {_ABOVE.sub("", path): value for path, value in entries}
    values = {path: value for path, value in everything.items() if re.fullmatch(_NAME, path)}
    repeated = (path for path in paths.known() if path in values and {path, path.rpartition("/")[2]} & counted.keys())
    return File(values, tuple(repeated), unread=len(everything) - len(values))


def _flat(content: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield path and value of everything in nested objects."""
    open_objects = [("", content)]
    while open_objects:
        above, current = open_objects.pop()
        for name, value in current.items():
            path = f"{above}/{name}" if above else name.strip("/")
            if isinstance(value, dict):
                open_objects.append((path, value))
            elif isinstance(value, str):
                yield path, _value(path, value)
            else:
                # PHP writes true as 1, and nothing for null.
                yield path, "" if value is None else str(int(value)) if isinstance(value, bool) else json.dumps(value)


class _Value:
    """The lines of a value while they are read."""

    def __init__(self, path: str, lines: Iterable[str] = ()) -> None:
        self.path, self.lines, self.is_in_key = path, list[str](), False
        for line in lines:
            self.add(line)

    def add(self, line: str) -> None:
        self.is_in_key = ("BEGIN" in line or self.is_in_key) and "-END" not in line
        self.lines.append(line)

    def takes(self, line: str, before: str) -> bool:
        """Whether `line`, which comes after the line `before`, belongs to the value."""
        is_empty = not any(self.lines)
        return self.is_in_key or bool(line.strip() and (is_empty or len(before) >= _NARROWEST))


def _lines(lines: Iterable[str]) -> File:
    """Read lines of path and value; a value may go on in the lines below."""
    found: list[_Value] = []
    scoped: list[_Value] = []
    unread, kept, before = 0, found, ""
    current: _Value | None = None
    for line in _unbroken(lines):
        if pair := _LINE.fullmatch(line):
            current = _Value(pair[1], [pair[2] or ""])
            kept.append(current)
        elif current and current.takes(line, before) and (current.is_in_key or not _is_command(line)):
            current.add(line)
        elif _is_command(line):
            command = _COMMAND.search(line)
            kept = scoped if command and _SCOPE.search(command["arguments"]) else found
            # Of a single path, the command prints the value alone.
            current = _Value(command["path"]) if command and command["path"] in paths.known() else None
            kept += [current] if current else []
        elif line.strip():
            current, unread = None, unread + 1
        before = line
    given = [value for value in found if value.lines]
    times = Counter(value.path for value in given)
    values = {value.path: _value(value.path, "\n".join(value.lines)) for value in given}
    names_of_scoped = dict.fromkeys(value.path for value in scoped)
    repeated = (path for path in values if times[path] > 1 and path in paths.known())
    return File(values, tuple(repeated), tuple(names_of_scoped), unread)


def _unbroken(lines: Iterable[str]) -> Iterator[str]:
    """Yield `lines`, with a path that a terminal broke put together again."""
    piece = ""
    for line in lines:
        for whole in (piece + line.lstrip(), f"{piece} {line.lstrip()}") if piece else ():
            pair = _LINE.fullmatch(whole)
            if pair and pair[1] in paths.known():
                piece, line = "", whole  # noqa: PLW2901  (it is the whole line now)
                break
        if piece:
            yield piece
        piece = line.strip() if _PIECE.fullmatch(line.strip()) else ""
        if not piece:
            yield line
    if piece:
        yield piece


def _is_around(line: str) -> bool:
    """Whether `line` may come before or after what a command prints."""
    return not line.strip() or _is_command(line)


def _is_command(line: str) -> bool:
    """Whether `line` is a prompt, or a command that somebody typed."""
    return not _LINE.fullmatch(line) and bool(_PROMPT.fullmatch(line) or _COMMAND.search(line))


def _value(path: str, text: str) -> str:
    """Return `text` as the value of `path`: the paste doctor takes care of a key, others are one word or name."""
    known = paths.known().get(path)
    if known and known.is_secret:
        return text.strip()
    # A terminal breaks an id without a blank.
    one_line = text.replace("\n", "") if known and known.field else text
    return visible(one_line).strip(BLANKS + QUOTES)
