"""`connector keys`: set, remove, restore, erase and move the key pair of an environment."""

from argparse import ArgumentParser
from typing import Any

from backend.frame import command_input
from connector import connection
from connector.command_line import saving
from connector.command_line.arguments import action_of, add_confirm, environment
from connector.command_line.console import Console, ExitCode
from connector.configuration import outcome, pairs, protection, verify_now
from connector.configuration.forms import ConfigurationForm
from connector.environment import Environment
from connector.errors import PairMissingError, RefusedError
from connector.keys.repairs import MAX_BYTES

HELP = "set, remove, restore, erase or move the key pair of an environment"


def add_arguments(parser: ArgumentParser) -> None:
    actions = parser.add_subparsers(required=True)
    setting = action_of(actions, "set", "verify a pair and save it, whole or one half")
    setting.set_defaults(act=set_keys)
    setting.add_argument("--api-key", metavar="KEY", help="the public half; left out, the stored one stays")
    setting.add_argument(
        "--private-key-file",
        metavar="FILE|-",
        help="the file with the private half, - for standard input; left out, the stored one stays",
    )
    setting.add_argument("--insist", action="store_true", help="replace a verified pair even by one that is not")
    removing = action_of(actions, "remove", "stop using the stored pair")
    removing.set_defaults(act=remove_keys)
    removing.add_argument("--erase", action="store_true", help="erase it at once, and the former pair too")
    restoring = action_of(actions, "restore", "verify the former pair and put it back")
    restoring.set_defaults(act=restore_keys)
    restoring.add_argument("--insist", action="store_true", help="put it in place of a verified pair even unverified")
    erasing = action_of(actions, "erase", "erase the former pair before its time")
    erasing.set_defaults(act=erase_keys)
    moving = action_of(actions, "move", "move a pair that belongs to the other environment")
    moving.set_defaults(act=move_keys)
    for action in (setting, removing, restoring, erasing, moving):
        action.add_argument("environment", type=environment, metavar="sandbox|production")
        add_confirm(action)


def set_keys(console: Console, options: dict[str, Any]) -> ExitCode:
    """Save the halves that were given, as the page does. Raises RefusedError for an unreadable file, and as a save."""
    halves = [options["api_key"], options["private_key_file"]]
    # A variable of the shell that is not set would be an empty argument.
    if "" in halves or not any(halves):
        console.warn("Nothing was changed: give --api-key, --private-key-file or both, and neither of them empty.")
        return ExitCode.USAGE
    stored, chosen = connection.load(), options["environment"]
    sent: dict[str, Any] = {"insist": options["insist"]}
    if options["api_key"] is not None:
        sent[f"{chosen}_api_key"] = options["api_key"]
    if options["private_key_file"] is not None:
        sent[f"{chosen}_private_key"] = _read(options["private_key_file"])
    form = ConfigurationForm(stored, sent)
    saving.require_unlocked(form, sent)
    saving.require_valid(form)
    return saving.save_plan(console, form.plan())


def _read(name: str) -> str:
    """Return the text of the file `name`, or what standard input gives. Raises RefusedError."""
    if name == "-" and command_input.is_person_there():
        message = "A terminal would show the private key: name its file, or send it through a pipe."
        raise RefusedError(saving.INVALID, message)
    try:
        content = command_input.read(name, MAX_BYTES + 1)
    except OSError as error:
        message = f"The file of the private key cannot be read: {error.strerror}. Nothing was changed."
        raise RefusedError(saving.INVALID, message) from None
    if not content.strip():
        message = "The file of the private key is empty. Nothing was changed."
        raise RefusedError(saving.INVALID, message)
    # PowerShell writes UTF-16. The paste doctor says what any other bytes are.
    is_utf_16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    return content.decode("utf-16" if is_utf_16 else "utf-8-sig", errors="replace")


def remove_keys(console: Console, options: dict[str, Any]) -> ExitCode:
    """Ask for confirmation, and remove the stored pair. Raises RefusedError, StaleRevisionError."""
    stored, chosen = connection.load(), options["environment"]
    slot = stored.slots[chosen]
    if not slot.is_stored:
        raise RefusedError(PairMissingError.code, f"No {chosen.label} keys are stored, so none were removed.")
    name = protection.name_to_remove(chosen, stored)
    text = protection.text_of_erasing_at_once() if options["erase"] else protection.text_of_removal(slot)
    cost = f"{text} {protection.cost_of_removal(chosen, stored)}".strip()
    console.confirm(name, cost, *([chosen] if name == str(chosen.label) else []))
    pairs.remove_keys(chosen, stored, erase=options["erase"])
    saving.say(console, outcome.removed(chosen))
    return ExitCode.DONE


def restore_keys(console: Console, options: dict[str, Any]) -> ExitCode:
    """Verify the former pair, and put it back. Raises RefusedError where there is none, and as a save."""
    stored, chosen = connection.load(), options["environment"]
    former = pairs.restorable(chosen, stored)
    if former is None:
        text = f"There is no former {chosen.label} pair that can be restored. Nothing was changed."
        raise RefusedError(PairMissingError.code, text)
    return saving.save_plan(console, pairs.restoring(former, stored, insist=options["insist"]))


def erase_keys(console: Console, options: dict[str, Any]) -> ExitCode:
    """Ask for confirmation, and erase the former pair. Raises RefusedError without one, StaleRevisionError."""
    stored, chosen = connection.load(), options["environment"]
    former = stored.slots[chosen].former
    if former is None:
        raise RefusedError(PairMissingError.code, f"There is no former {chosen.label} pair. Nothing was changed.")
    console.confirm(str(chosen.label), protection.text_of_erasing_former(), chosen)
    pairs.erase(former, stored)
    saving.say(console, outcome.erased(chosen))
    return ExitCode.DONE


def move_keys(console: Console, options: dict[str, Any]) -> ExitCode:
    """Put the pair into the other section, which makes that one active, and verify it there. Raises as `move_pair`."""
    stored, source = connection.load(), Environment(options["environment"])
    target = source.other
    if stored.slots[source].may_move and protection.asks_to_switch(target, stored):
        obstacle = protection.obstacle_to_switch(target, stored)
        console.confirm(str(target.label), protection.cost_of_switch(stored, obstacle), target)
    pairs.move_pair(source, stored, None)
    with console.waiting():
        findings = verify_now.verify(connection.load(stored.now), Environment)
    is_switched = stored.active_environment != target
    return saving.report(console, outcome.moved(target, findings, is_switched=is_switched), findings)
