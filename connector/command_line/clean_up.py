"""`connector clean-up`: empty the data space in use."""

from argparse import ArgumentParser
from typing import Any

from connector import connection
from connector.command_line.arguments import add_confirm
from connector.command_line.console import Console, ExitCode
from connector.configuration import data_space, projects, protection

HELP = "let Commerce Services delete for good what they have stored of the data space in use"


def add_arguments(parser: ArgumentParser) -> None:
    add_confirm(parser)


def run(console: Console, options: dict[str, Any]) -> ExitCode:  # noqa: ARG001  (like the others)
    """Ask for the data space's name, and empty it. Raises as `clean_up`."""
    stored = connection.load()
    projects.require_chosen("data_space_id", stored)
    typed = console.confirm(stored.data_space_name, protection.cost_of_clean_up(stored))
    with console.waiting():
        data_space.clean_up(typed, stored)
    console.print(f"The data space {stored.data_space_name} was cleaned up.")
    return ExitCode.DONE
