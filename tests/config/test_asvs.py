"""docs/asvs.md has every requirement of levels 1 and 2 once, and the tests that it names exist."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

BASE_DIR: Path = settings.BASE_DIR
TEXT = (BASE_DIR / "docs" / "asvs.md").read_text(encoding="utf-8")
STATES = ["met", "in part", "not met", "does not apply"]
# How many requirements of levels 1 and 2 each section has. They come first in every section.
# Source: OWASP_Application_Security_Verification_Standard_5.0.0_en.csv
SECTIONS = """
    1.1:2 1.2:9 1.3:11 1.4:3 1.5:2   2.1:3 2.2:3 2.3:4 2.4:1   3.2:2 3.3:4 3.4:6 3.5:5 3.7:2   4.1:3 4.2:1 4.3:2 4.4:4
    5.1:1 5.2:3 5.3:2 5.4:3   6.1:3 6.2:12 6.3:4 6.4:4 6.5:5 6.6:3 6.8:4   7.1:3 7.2:4 7.3:2 7.4:5 7.5:2 7.6:2
    8.1:2 8.2:3 8.3:1 8.4:1   9.1:3 9.2:4   10.1:2 10.2:2 10.3:4 10.4:11 10.5:5 10.6:2 10.7:3
    11.1:2 11.2:3 11.3:3 11.4:4 11.5:1 11.6:1   12.1:3 12.2:2 12.3:4   13.1:1 13.2:5 13.3:2 13.4:5
    14.1:2 14.2:4 14.3:3   15.1:3 15.2:3 15.3:7   16.1:1 16.2:5 16.3:4 16.4:3 16.5:3   17.1:1 17.2:4 17.3:2
"""
# Requirements, state, how, tests.
ROW = re.compile(r"^\| (\d[^|]*) \| ([^|]+) \| ([^|]+) \| ([^|]*)\|$", re.MULTILINE)
ROWS = ROW.findall(TEXT)


def numbers(cell: str) -> Iterator[str]:
    """Yield the requirements of a cell such as `1.2.6–1.2.8, 1.3.1`."""
    for part in cell.split(", "):
        first, _, last = part.partition("–")
        section, _, begin = first.rpartition(".")
        end = last.rpartition(".")[2] or begin
        yield from (f"{section}.{number}" for number in range(int(begin), int(end) + 1))


def chapters() -> dict[str, str]:
    """Return each chapter by its title."""
    _lead, *parts = TEXT.split("\n## ")
    return {title: text for title, _, text in (part.partition("\n") for part in parts) if re.match(r"V\d", title)}


STATE_OF = {number: state for cell, state, _how, _tests in ROWS for number in numbers(cell)}


def test_every_requirement_has_one_row() -> None:
    sections = dict(entry.split(":") for entry in SECTIONS.split())
    wanted = Counter(
        number for section, last in sections.items() for number in numbers(f"{section}.1–{section}.{last}")
    )
    assert wanted.total() == 253
    assert Counter(number for cell, *_ in ROWS for number in numbers(cell)) == wanted


def test_the_17_chapters_have_their_own_rows() -> None:
    assert [title.split()[0] for title in chapters()] == [f"V{chapter}" for chapter in range(1, 18)]
    found = [(title, cell) for title, text in chapters().items() for cell, *_ in ROW.findall(text)]
    assert [(title, cell) for title, cell in found if f"V{cell.partition('.')[0]}" != title.split()[0]] == []


def test_the_sums_are_right() -> None:
    assert set(STATE_OF.values()) <= set(STATES)
    counted = Counter((f"V{number.partition('.')[0]}", state) for number, state in STATE_OF.items())
    for title in chapters():
        sums = " | ".join(str(counted[title.split()[0], state]) for state in STATES)
        assert f"| [{title}](#{title.lower().replace(' ', '-')}) | {sums} |\n" in TEXT
    whole = Counter(STATE_OF.values())
    assert f"| all | {' | '.join(str(whole[state]) for state in STATES)} |\n" in TEXT


def test_what_is_missing_is_in_one_place() -> None:
    cells = re.findall(r"\d+\.\d+\.\d+", TEXT.partition("\n## What is missing")[2])
    assert sorted(cells) == sorted(number for number, state in STATE_OF.items() if state in {"in part", "not met"})


def test_the_named_tests_exist() -> None:
    named = {name for *_, cell in ROWS for name in re.findall(r"`([^`]+)`", cell)}
    assert len(named) > 100
    assert [name for name in sorted(named) if not exists(name)] == []


def exists(name: str) -> bool:
    """Return whether there is the test `folder/test_file.py::test_name`, or any in `folder/test_file.py`."""
    path, _, function = name.partition("::")
    file = BASE_DIR / "tests" / path
    if not file.is_file():
        return False
    nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    tests = {node.name for node in nodes if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}
    return function in tests if function else bool(tests)


def test_it_knows_a_test_when_it_sees_one() -> None:
    assert exists("config/test_asvs.py")
    assert exists("config/test_asvs.py::test_the_named_tests_exist")
    assert not exists("config/test_asvs.py::exists")
    assert not exists("config/test_nothing.py")
