"""Everything that the configuration page does, from a shell or a scheduler; docs/command-line.md describes it."""

import logging
import os
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from io import TextIOWrapper
from types import ModuleType
from typing import Any

from django.core.management import BaseCommand
from django.db import Error

from backend.audit.actor import acting_from_shell
from backend.frame.database_errors import explanation
from backend.frame.leaks import holds_key
from connector import connection
from connector.command_line import (
    clean_up,
    cloud_id,
    data_space,
    doctor,
    export,
    import_,
    instance,
    keys,
    project,
    projects,
    stand_in,
    status,
    switch,
    verify,
)
from connector.command_line.console import Console, ExitCode
from connector.errors import ConnectorError, PairRejectedError
from connector.verification.causes import Cause
from connector.verification.row import Kind

SUBCOMMANDS: Mapping[str, ModuleType] = {
    "status": status,
    "verify": verify,
    "keys": keys,
    "projects": projects,
    "project": project,
    "data-space": data_space,
    "instance": instance,
    "switch": switch,
    "cloud-id": cloud_id,
    "clean-up": clean_up,
    "export": export,
    "import": import_,
    "doctor": doctor,
}
# What a page has a field or a list for, by the code of the refusal.
HINTS: Mapping[str, str] = {
    PairRejectedError.code: "--insist replaces the working key pair all the same.",
}
# A shorter argument that looks like a part of a private key may be the path of a file.
MAX_PATH = 300
KEY_AS_ARGUMENT = (
    "Nothing was done: a private key was given as an argument, which the history of the shell keeps and everybody on "
    "this host can read. Delete it in the API Portal, make a new pair, and give its file: --private-key-file FILE.\n"
)


class Ended(SystemExit):
    """The end of a subcommand. `argparse` ends with 2 where an argument is wrong, and this is not that."""


class Command(BaseCommand):
    """Runs a subcommand, and exits with its code. What it refuses is said in the words of the page."""

    help = (
        "Read and change the connection to Commerce Services. Exits with 0 done, 1 refused or not verified, 2 unknown, "
        "64 wrong arguments."
    )

    def run_from_argv(self, argv: list[str]) -> None:
        """Run it for a shell: wrong arguments have a code of their own, and no traceback is printed."""
        # The command says itself what it did, and the action log keeps it.
        logging.disable(logging.INFO)
        accept_any_letter()
        if any(map(is_private_key, argv)):
            sys.stderr.write(KEY_AS_ARGUMENT)
            raise SystemExit(ExitCode.USAGE)
        try:
            super().run_from_argv(argv)
        except SystemExit as ended:
            is_usage = ended.code == ExitCode.UNKNOWN and not isinstance(ended, Ended)
            raise SystemExit(ExitCode.USAGE if is_usage else ended.code) from None
        except Error as error:
            if "--traceback" in argv or not (text := explanation(error)):
                raise
            sys.stderr.write(f"error: {text}\n")
            # 1 would mean that a pair is not verified.
            raise SystemExit(ExitCode.UNKNOWN) from None
        except KeyboardInterrupt:
            newline = "\n" if sys.stderr.isatty() else ""
            sys.stderr.write(f"{newline}Interrupted. What is stored now: manage.py connector status\n")
            sys.stderr.flush()
            # At once: threads that still wait for an answer would keep the process for seconds.
            os._exit(ExitCode.INTERRUPTED)

    def add_arguments(self, parser: ArgumentParser) -> None:
        subparsers = parser.add_subparsers(dest="subcommand", required=True)
        for name, module in SUBCOMMANDS.items():
            about = {"help": module.HELP, "description": module.HELP}
            module.add_arguments(subparsers.add_parser(name, **about, allow_abbrev=False))

    def handle(self, *_args: Any, subcommand: str, **options: Any) -> None:
        console = Console(self.stdout, self.stderr, options.get("confirm") or ())
        try:
            with acting_from_shell():
                # Where a subcommand has actions of its own, its arguments name the one that was chosen.
                run = options.get("act") or SUBCOMMANDS[subcommand].run
                code = run(console, options)
        except ConnectorError as error:
            if not error.text:
                raise
            console.warn(f"{error.text} {HINTS.get(error.code, '')}")
            causes = {Cause(code) for code in (*error.causes.values(), error.code) if code in Cause}
            for hint in {stand_in.hint_for(cause, connection.load().active) for cause in causes} - {""}:
                console.warn(hint)
            is_unknown = causes and all(cause.kind is Kind.UNKNOWN for cause in causes)
            code = ExitCode.UNKNOWN if is_unknown else ExitCode.REFUSED
        self.stdout.flush()
        raise Ended(code)


def accept_any_letter() -> None:
    """Let what is typed in another code be no error."""
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")


def is_private_key(argument: str) -> bool:
    return "PRIVATE KEY" in argument or (len(argument) > MAX_PATH and holds_key(argument))
