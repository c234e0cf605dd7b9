"""`connector export`: the configuration in the paths of a store, without secrets."""

from argparse import ArgumentParser
from typing import Any

from connector import connection
from connector.command_line.console import Console, ExitCode
from connector.exchange import paths

HELP = "print the configuration in the configuration paths of a store, without key pairs"
FORMATS = ("json", "config-show")


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="json",
        help="JSON, or lines as bin/magento config:show prints them (default: %(default)s)",
    )


def run(console: Console, options: dict[str, Any]) -> ExitCode:
    stored = connection.load()
    values = paths.export(stored)
    if options["format"] == "json":
        console.json(values)
    else:
        for name, value in values.items():
            console.print(f"{name} - {value}")
    if stored.has_any_key:
        console.warn("Key pairs are not exported. Set them where you import this: manage.py connector keys set")
    return ExitCode.DONE
