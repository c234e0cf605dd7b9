"""Everything that the configuration page does, from a shell or a scheduler; docs/command-line.md describes it."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand

from connector.command_line import verify
from connector.command_line.console import Console, ExitCode
from connector.errors import ConnectorError
from connector.verification.causes import Cause
from connector.verification.row import Kind

SUBCOMMANDS = {"verify": verify}


class Command(BaseCommand):
    """Runs a subcommand, and exits with its code. What it refuses is said in the words of the page."""

    help = (
        "Read and change the connection to Commerce Services. Exits with 0 done, 1 refused or not verified, 2 unknown."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        subparsers = parser.add_subparsers(dest="subcommand", required=True)
        for name, module in SUBCOMMANDS.items():
            module.add_arguments(subparsers.add_parser(name, help=module.HELP, description=module.HELP))

    def handle(self, *_args: Any, subcommand: str, **options: Any) -> None:
        console = Console(self.stdout, self.stderr, options.get("confirm") or "")
        try:
            code = SUBCOMMANDS[subcommand].run(console, options)
        except ConnectorError as error:
            if not error.text:
                raise
            console.warn(str(error.text))
            is_unknown = error.code in Cause and Cause(error.code).kind is Kind.UNKNOWN
            code = ExitCode.UNKNOWN if is_unknown else ExitCode.REFUSED
        sys.exit(code)
