"""`connector verify`: ask Commerce Services about the key pairs now."""

from argparse import ArgumentParser
from itertools import starmap
from typing import Any

from connector import connection
from connector.command_line import stand_in, state
from connector.command_line.arguments import add_json, environment
from connector.command_line.console import Console, ExitCode
from connector.configuration import verify_now

HELP = "verify key pairs now; exits with 0 if all are verified, 1 if one is not, 2 if it could not be found out"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "environments",
        nargs="*",
        type=environment,
        metavar="sandbox|production",
        help="default: the active one",
    )
    add_json(parser)


def run(console: Console, options: dict[str, Any]) -> ExitCode:
    """Verify, and print a line or a JSON object per environment."""
    stored = connection.load()
    chosen = options["environments"] or [stored.active_environment]
    with console.waiting():
        asked = verify_now.verify(stored, chosen)
    found = connection.load(stored.now)
    slots = [found.slots[name] for name in chosen]
    rows = [state.result(slot, is_active=slot is found.active) for slot in slots]
    if options["json"]:
        console.json({"environments": rows})
    else:
        for row in rows:
            words = (f"{row['environment']}: {row['cause'] or 'verified'}.", row["explanation"], row["next_step"])
            console.print(" ".join(filter(None, words)))
    for slot in slots:
        if slot.environment not in asked and slot.credentials:
            console.warn(f"Somebody else is verifying {slot.environment} now. This is the last known state.")
    failed = [(slot.failed_check.cause, slot) for slot in slots if slot.failed_check]
    for hint in filter(None, dict.fromkeys(starmap(stand_in.hint_for, failed))):
        console.warn(hint)
    return max(map(state.exit_code, slots))
