"""`rename` of the subcommands `project`, `data-space` and `instance`."""

from functools import partial
from typing import Any

from connector import connection
from connector.command_line import saving
from connector.command_line.arguments import action_of
from connector.command_line.console import Console, ExitCode
from connector.configuration.dialog_forms import NameForm
from connector.configuration.outcome import Outcome
from connector.configuration.renames import Rename


def add_action(actions: Any, chosen: Rename) -> None:
    """Let a subcommand that has `actions` rename what `chosen` is about."""
    parser = action_of(actions, "rename", "give it another name; its id stays")
    parser.add_argument("name", metavar="NAME")
    parser.set_defaults(act=partial(run, chosen))


def run(chosen: Rename, console: Console, options: dict[str, Any]) -> ExitCode:
    """Give it the name. Raises as the function that stores it."""
    stored, form = connection.load(), NameForm({chosen.field: options["name"]}, chosen.field)
    saving.require_valid(form)
    with console.waiting():
        chosen.store(form.cleaned_data[chosen.field], stored)
    saving.say(console, Outcome((str(chosen.done),)))
    return ExitCode.DONE
