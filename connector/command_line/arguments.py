"""Arguments that several subcommands have."""

from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from connector.environment import Environment


def environment(text: str) -> Environment:
    """Return the environment that an argument names."""
    try:
        return Environment(text.lower())
    except ValueError:
        message = f"no environment is called {text!r}: sandbox, production"
        raise ArgumentTypeError(message) from None


def add_json(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def add_confirm(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--confirm",
        action="append",
        metavar="NAME",
        help="answer what is asked, where nobody can; give it again for another name",
    )


def action_of(actions: Any, name: str, text: str) -> ArgumentParser:
    """Return the parser of an action of a subcommand, which `--help` describes in both places."""
    parser: ArgumentParser = actions.add_parser(name, help=text, description=text, allow_abbrev=False)
    return parser
