"""What subcommands print, on a terminal and elsewhere, and how they ask."""

import io
import json
import re
import shlex
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Callable

import pytest
from django.conf import settings
from django.core.management.base import OutputWrapper

from connector.action_log import Refusal
from connector.command_line.arguments import add_confirm
from connector.command_line.console import Console, ExitCode, answer_for
from connector.errors import RefusedError
from tests.conftest import new_private_key
from tests.connector.command_line.conftest import Screen

HOSTILE = "Shop\x1b[2J\x1b]0;x\x07\tEU\nproduction\u202egnp\u2028[bold]x"
HARMLESS = "Shop[2J]0;x EU productiongnp [bold]x"


def on(stream: io.StringIO, *confirmations: str) -> Console:
    return Console(OutputWrapper(stream), OutputWrapper(io.StringIO()), confirmations)


def plain(out: io.StringIO) -> str:
    """Return what was printed, without the bold type of a terminal."""
    return re.sub(r"\x1b\[[01]m", "", out.getvalue())


def manage(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", "connector", *arguments]
    return subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False)  # noqa: S603


def test_without_a_terminal_a_table_has_a_line_for_each_row() -> None:
    out = io.StringIO()
    on(out).table(["Project", "Id"], [["Fabrikam EU", "1"], [HOSTILE, "2"]], details=["Id"])
    assert out.getvalue() == f"Project\tId\nFabrikam EU\t1\n{HARMLESS}\t2\n"


def test_on_a_terminal_a_table_is_drawn_without_its_details() -> None:
    out = Screen()
    on(out).table(["Project", "Id"], [[HOSTILE, "2"]], details=["Id"])
    assert [line.strip() for line in plain(out).splitlines()] == ["Project", HARMLESS]


@pytest.mark.parametrize("stream", [io.StringIO, Screen])
def test_no_name_commands_a_terminal(stream: type[io.StringIO]) -> None:
    out = stream()
    console = on(out)
    console.print(HOSTILE)
    console.facts(HOSTILE, [("Name", HOSTILE)])
    console.json({"name": HOSTILE})
    assert plain(out).replace("\n", "").replace("\t", "").isprintable()
    assert json.loads("{" + out.getvalue().split("{", 1)[1])["name"] == HOSTILE


def test_a_name_given_with_confirm_is_compared_as_pages_compare_it() -> None:
    assert on(io.StringIO(), "Sandbox", "  lIvE ").confirm("Live", "Payments stop.") == "  lIvE "


def test_where_nobody_can_be_asked_nothing_is_done() -> None:
    with pytest.raises(RefusedError) as refused:
        on(io.StringIO(), "Sandbox").confirm("Shop $1", "Payments stop.")
    assert refused.value.code == Refusal.NOT_CONFIRMED
    assert refused.value.text == "Payments stop. Nothing was changed: confirm it with --confirm 'Shop $1'."


@pytest.mark.parametrize("name", ["Shop", "Shop $(id)", "-Shop", "--yes", "-x; id"])
def test_the_answer_that_is_offered_is_taken_by_a_shell(name: str) -> None:
    parser = ArgumentParser()
    add_confirm(parser)
    assert parser.parse_args(shlex.split(answer_for(name))).confirm == [name]


def test_no_answer_confirms_no_name_that_nobody_sees() -> None:
    with pytest.raises(RefusedError, match="Nothing was changed"):
        on(io.StringIO(), "").confirm("\u200b", "Payments stop.")


def test_at_a_terminal_a_person_is_asked(types: Callable[[str], None]) -> None:
    error = Screen()
    types("live")
    assert Console(OutputWrapper(Screen()), OutputWrapper(error)).confirm("Live", "Payments stop.") == "live"
    assert error.getvalue() == "Payments stop.\nType Live to confirm: "


def test_where_a_scheduler_closed_the_input_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(RefusedError, match=r"^Payments stop\. Nothing was changed"):
        on(Screen()).confirm("Live", "Payments stop.")


def test_the_end_of_the_input_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", Screen())
    with pytest.raises(RefusedError, match=r"^Nothing was changed"):
        on(Screen()).confirm("Live", "Payments stop.")


def test_another_name_changes_nothing(types: Callable[[str], None]) -> None:
    types("Life")
    with pytest.raises(RefusedError, match=r"^This is not the name that was asked for\. Nothing was changed\.$"):
        on(Screen()).confirm("Live", "Payments stop.")


@pytest.mark.parametrize("arguments", [[], ["verify", "staging"], ["verify", "--jsn"], ["fix"]])
def test_a_wrong_argument_has_an_exit_code_of_its_own(arguments: list[str]) -> None:
    ended = manage(*arguments)
    assert (ended.returncode, ended.stdout) == (64, "")
    assert "Traceback" not in ended.stderr


def test_a_private_key_is_no_argument_and_is_not_repeated() -> None:
    key = new_private_key()
    ended = manage("verify", key)
    assert ended.returncode == ExitCode.USAGE
    assert "was given as an argument" in ended.stderr
    assert key[40:80] not in ended.stderr
