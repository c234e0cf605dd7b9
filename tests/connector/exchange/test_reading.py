"""What an import makes of a file, as programs write it and as people paste it."""

import json
import re
import sys
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.exchange import reading
from connector.exchange.reading import UnusableFileError
from connector.gateway.client import Credentials
from tests.gateways import PROJECT_ID

PROJECT, SPACE = "services_connector/services_id/project_id", "services_connector/services_id/environment_id"
NAME = "services_connector/services_id/project_name"
PRIVATE_KEY = "services_connector/services_connector_integration/production_private_key"
LINES = f"{PROJECT} - {PROJECT_ID}\n{SPACE} - testing-1\n{NAME} - Fabrikam EU - Shop\n"
VALUES = {PROJECT: PROJECT_ID, SPACE: "testing-1", NAME: "Fabrikam EU - Shop"}


def values(text: str) -> dict[str, str]:
    return reading.read(text.encode()).values


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(LINES.encode(), id="as it is"),
        pytest.param(json.dumps(VALUES).encode(), id="JSON"),
        pytest.param(LINES.encode("utf-8-sig"), id="byte order mark"),
        pytest.param(LINES.encode("utf-16"), id="UTF-16 of PowerShell"),
        pytest.param(LINES.replace("\n", "\r\n").encode(), id="CRLF"),
        pytest.param(LINES.replace("\n", "  \n\n").encode(), id="blanks and empty lines"),
        pytest.param(LINES.replace(f"- {PROJECT_ID}", f"\x1b[32m- {PROJECT_ID}\x1b[39m").encode(), id="colours"),
        pytest.param(f"\x1b]0;title\x07{LINES}".encode(), id="title of a terminal"),
        pytest.param(LINES.replace(PROJECT_ID, f'"{PROJECT_ID}"').encode(), id="quotation marks"),
        pytest.param("".join(f"> {line}\n" for line in LINES.splitlines()).encode(), id="quoted mail"),
        pytest.param(LINES.replace("project_id -", "project_id –").encode(), id="dash of a word processor"),
        pytest.param(LINES.replace(f"- {PROJECT_ID}", f"-\u00a0{PROJECT_ID}\u200b").encode(), id="blanks of a page"),
        pytest.param(f"$ bin/magento config:show services_connector\n{LINES}$ ".encode(), id="prompts"),
        pytest.param(f"www@shop:/var/www# php bin/magento config:show\n{LINES}www@shop:/var/www#".encode(), id="root"),
        pytest.param(f"$ manage.py connector export\n{json.dumps(VALUES, indent=2)}\n$ ".encode(), id="JSON, prompts"),
    ],
)
def test_the_same_is_read_whatever_is_around_it(data: bytes) -> None:
    file = reading.read(data)
    assert file.values == VALUES
    assert not file.unread


def test_a_value_that_a_terminal_broke_is_one() -> None:
    line = f"{PROJECT} - {PROJECT_ID}"
    assert values(f"{line[:70]}\n{line[70:]}\n{SPACE} -\ntesting-1\n") == {PROJECT: PROJECT_ID, SPACE: "testing-1"}


@pytest.mark.parametrize("width", [60, 71, 72, 73])
def test_a_path_that_a_terminal_broke_is_one(width: int) -> None:
    line = f"{PRIVATE_KEY} - ******"
    assert values(f"{line[:width]}\n{line[width:]}\n{LINES}") == {PRIVATE_KEY: "******"} | VALUES


def test_text_below_a_short_value_is_no_part_of_it() -> None:
    file = reading.read(f"magento_saas/environment - sandbox\nThat is all.\n{LINES}".encode())
    assert file.values == {"magento_saas/environment": "sandbox"} | VALUES
    assert file.unread == 1


def test_a_private_key_keeps_its_lines(pair: Credentials) -> None:
    pem = pair.private_key.pem.strip()
    assert values(f"{PRIVATE_KEY} - {pem}\n{LINES}") == {PRIVATE_KEY: pem} | VALUES
    assert values(json.dumps({PRIVATE_KEY: pem})) == {PRIVATE_KEY: pem}


def test_the_value_alone_is_read_below_its_command() -> None:
    assert values(f"$ bin/magento config:show {PROJECT}\n{PROJECT_ID}\n$ exit\n") == {PROJECT: PROJECT_ID}


def test_a_command_without_an_answer_gives_nothing() -> None:
    assert values(f"$ bin/magento config:show {PROJECT}\n$ exit\n") == {}


@pytest.mark.parametrize("option", ["--scope=websites --scope-code=base", "--scope stores --scope-code en"])
def test_values_of_a_website_are_kept_apart(option: str) -> None:
    shown = f"$ bin/magento config:show {option}\n{SPACE} - other\n$ bin/magento config:show --scope=default\n{LINES}"
    file = reading.read(shown.encode())
    assert (file.values, file.scoped) == (VALUES, (SPACE,))


def test_the_last_of_several_values_counts() -> None:
    file = reading.read(f"{SPACE} - first\n{LINES}".encode())
    assert (file.values[SPACE], file.repeated) == ("testing-1", (SPACE,))
    file = reading.read(f'{{"{SPACE}": "first", "{SPACE}": "testing-1"}}'.encode())
    assert (file.values, file.repeated) == ({SPACE: "testing-1"}, (SPACE,))


@pytest.mark.parametrize("above", ["", "default/", "system/default/"])
def test_nested_objects_are_read_as_paths(above: str) -> None:
    nested: object = {"project_id": PROJECT_ID, "environment_id": None}
    for name in reversed(f"{above}services_connector/services_id".split("/")):
        nested = {name: nested}
    assert values(json.dumps(nested)) == {PROJECT: PROJECT_ID, SPACE: ""}


def test_numbers_and_flags_are_read_as_a_store_writes_them() -> None:
    assert values('{"a/b/c": true, "a/b/d": 0, "a/b/e": [1]}') == {"a/b/c": "1", "a/b/d": "0", "a/b/e": "[1]"}


@pytest.mark.parametrize(
    ("data", "text"),
    [
        pytest.param(b"a/b - c\n" * 200_000, "longer than 1 MB", id="huge"),
        pytest.param(b"\xff\xfe\x00\xd8", "not UTF-8 text", id="half a character"),
        pytest.param("services_connector/a/b - é".encode("latin-1"), "not UTF-8 text", id="Latin 1"),
        pytest.param(b'{"a/b/c": "d",\n "a"', "cannot be read from line 2", id="broken JSON"),
        pytest.param(b'["a/b/c"]', "no object of paths", id="list"),
        pytest.param(b'{"a":' * 100_000, "no object of paths", id="deep JSON"),
        pytest.param(b'{"a/b/c": ' + b"1" * 10_000 + b"}", "no object of paths", id="huge number"),
        pytest.param(b"<?php return ['system' => []];", "this is PHP", id="env.php"),
        pytest.param(b"'services_connector' => [\n 'services_id' => [", "this is PHP", id="part of env.php"),
    ],
)
def test_what_cannot_be_read_is_refused_as_a_whole(data: bytes, text: str) -> None:
    with pytest.raises(UnusableFileError) as refused:
        reading.read(data)
    assert text in str(refused.value)


def test_json_of_every_depth_is_read_or_refused() -> None:
    refused = 0
    for depth in range(sys.getrecursionlimit()):
        try:
            reading.read(b'{"a/b": ' + b"[" * depth + b"1" + b"]" * depth + b"}")
        except UnusableFileError:
            refused += 1
    assert refused


def test_names_that_are_no_paths_are_counted_and_not_shown() -> None:
    file = reading.read(json.dumps({"\x1b[2J/a": "b", "a b/c": "d", PROJECT: "e", "one": "f"}).encode())
    assert (file.values, file.unread) == ({PROJECT: "e"}, 3)


PIECES = (PROJECT, PRIVATE_KEY, SPACE, " - ", "\n", "\r\n", "a/b", "******", "$ ", "config:show ", "--scope=websites ")
MARKS = ("{", "}", '"', ":", ",", "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "\x1b[1m", "\ufeff", " ")
PASTED = st.lists(st.sampled_from(PIECES + MARKS), max_size=40).map(lambda pieces: "".join(pieces).encode())


@given(st.one_of(st.binary(), PASTED))
def test_whatever_a_file_holds_it_is_read_or_refused(data: bytes) -> None:
    with suppress(UnusableFileError):
        file = reading.read(data)
        assert all(re.fullmatch(r"\w+(/\w+)+", path) for path in file.values)


@pytest.mark.parametrize(
    ("text", "unread"),
    [
        pytest.param(f"{PRIVATE_KEY} - -----BEGIN PRIVATE KEY-----\n" + "A\n" * 400_000, 0, id="key without an end"),
        pytest.param("a/" * 450_000 + "b", 1, id="endless path"),
        pytest.param("> " * 450_000, 0, id="endless quotation"),
        pytest.param("config:show " * 80_000, 0, id="endless command"),
        pytest.param("\x1b]" * 450_000, 0, id="endless titles"),
        pytest.param("\n" * 900_000, 0, id="endless lines"),
        pytest.param(" \t" * 450_000, 0, id="endless blanks"),
        pytest.param("$\n" * 450_000, 0, id="endless prompts"),
        pytest.param("services_connector/a\n" * 40_000, 40_000, id="broken paths"),
    ],
)
def test_long_hostile_files_come_to_an_end(text: str, unread: int) -> None:
    assert reading.read(text.encode()).unread == unread
