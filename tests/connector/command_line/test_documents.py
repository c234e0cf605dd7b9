"""docs/command-line.md says what the commands take, print and end with."""

import json
import re
from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User

from connector.command_line.console import ExitCode
from connector.gateway.client import Credentials
from connector.management.commands.connector import Command
from tests.connector.command_line.conftest import run
from tests.factories import connect, store
from tests.gateways import SANDBOX

PAGE = (settings.BASE_DIR / "docs" / "command-line.md").read_text()


def section(title: str) -> str:
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def keys(value: Any) -> Iterator[str]:
    """Yield every key of a JSON value."""
    if isinstance(value, dict):
        yield from value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from keys(part)


@pytest.mark.django_db
def test_every_key_of_the_json_is_documented_and_no_other(
    accepted: None, pair: Credentials, other_pair: Credentials, alice: User
) -> None:
    connect(other_pair, user=alice)
    store(SANDBOX, pair, alice)
    printed = [json.loads(run(name, "--json").out) for name in ("verify", "status", "projects")]
    rows = re.findall(r"^\| (`.*)$", section("JSON"), re.MULTILINE)
    documented = {name for row in rows for name in re.findall("`([a-z_]+)`", row)}
    values = {"connected", "not_verified", "check_failed", "not_set_up", "sandbox", "production"}
    values |= {"local", "input", "unknown", "rejected"}
    assert documented - values == {*keys(printed)}


def test_every_exit_code_is_documented_and_no_other() -> None:
    documented = re.findall(r"^\| (\d+) \|", section("Exit codes"), re.MULTILINE)
    assert [int(code) for code in documented] == sorted(ExitCode)


def actions(parser: ArgumentParser, path: str = "") -> Iterator[tuple[str, set[str]]]:
    """Yield each subcommand that does something, and its options."""
    inner = [action for action in parser._actions if isinstance(action, _SubParsersAction)]
    if not inner:
        options = {option for action in parser._actions for option in action.option_strings}
        # Every subcommand has the first, and the second is described for all at once.
        yield path.strip(), options - {"-h", "--help", "--confirm"}
    for action in inner:
        for name, subparser in action.choices.items():
            yield from actions(subparser, f"{path} {name}")


def test_every_subcommand_is_documented_with_its_options_and_no_other() -> None:
    cells = re.findall(r"^\| (`.*?`) \|", PAGE.split("\n## ")[0], re.MULTILINE)
    usages = [usage for cell in cells for usage in re.findall("`(.*?)`", cell)]
    documented = {re.split(r" \[| [A-Z]", usage)[0]: {*re.findall("--[a-z-]+", usage)} for usage in usages}
    assert documented == dict(actions(Command().create_parser("manage.py", "connector")))
