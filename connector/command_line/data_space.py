"""`connector data-space`: rename the data space in use."""

from argparse import ArgumentParser

from connector.command_line import rename
from connector.configuration.renames import DATA_SPACE

HELP = "rename the data space in use"


def add_arguments(parser: ArgumentParser) -> None:
    rename.add_action(parser.add_subparsers(required=True), DATA_SPACE)
