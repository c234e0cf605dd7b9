"""A terminal, and a way to run a subcommand."""

import io
from collections.abc import Callable
from typing import NamedTuple

import pytest
from django.core.management import call_command


class Screen(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True


class Ran(NamedTuple):
    """How a subcommand ended, and what it printed on both streams."""

    code: int
    out: str
    error: str


def run(*arguments: str, screen: bool = False) -> Ran:
    """Run `manage.py connector` with `arguments`, on a terminal if `screen`."""
    out, error = (Screen(), Screen()) if screen else (io.StringIO(), io.StringIO())
    with pytest.raises(SystemExit) as ended:
        call_command("connector", *arguments, stdout=out, stderr=error)
    return Ran(int(str(ended.value.code)), out.getvalue(), error.getvalue())


@pytest.fixture
def types(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Let somebody at a terminal type a line."""

    def type_line(line: str) -> None:
        monkeypatch.setattr("sys.stdin", Screen(f"{line}\n"))

    return type_line


@pytest.fixture(autouse=True)
def _nobody_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
