"""`connector instance`: rename this instance."""

from argparse import ArgumentParser

from connector.command_line import rename
from connector.configuration.renames import INSTANCE

HELP = "rename this instance"


def add_arguments(parser: ArgumentParser) -> None:
    rename.add_action(parser.add_subparsers(required=True), INSTANCE)
