"""`connector instance`: rename this instance."""

from argparse import ArgumentParser
from typing import Any

from connector.command_line import rename
from connector.command_line.console import Console, ExitCode
from connector.configuration.renames import INSTANCE

HELP = "rename this instance"


def add_arguments(parser: ArgumentParser) -> None:
    rename.add_action(parser.add_subparsers(required=True), INSTANCE)


def run(console: Console, options: dict[str, Any]) -> ExitCode:
    code: ExitCode = options["act"](console, options)
    return code
