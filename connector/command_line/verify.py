"""`connector verify`: ask Commerce Services about the key pairs now."""

from argparse import ArgumentParser
from typing import Any

from connector import connection
from connector.command_line import stand_in, state
from connector.command_line.arguments import add_json, environment
from connector.command_line.console import Console, ExitCode
from connector.configuration import verify_now
from connector.slot import Slot

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
            console.print(f"{row['environment']}: {row['cause'] or 'verified'}. {row['explanation']}".strip())
    for slot in slots:
        if slot.environment not in asked and slot.credentials:
            console.warn(f"Somebody else is verifying {slot.environment} now. This is the last known state.")
    # Where the stand-in does not run, no network is at fault. Programs have the next step in the object.
    ours = [row["next_step"] if not options["json"] else "" for row in rows]
    steps = [_hint(slot) or step for slot, step in zip(slots, ours, strict=True)]
    for step in filter(None, dict.fromkeys(steps)):
        console.warn(step)
    return max(map(state.exit_code, slots))


def _hint(slot: Slot) -> str:
    return stand_in.hint_for(slot.failed_check.cause, slot) if slot.failed_check else ""
