"""`connector project`: create, choose, restore and rename."""

from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from connector import connection
from connector.action_log import Refusal
from connector.command_line import projects as listing
from connector.command_line import rename, saving
from connector.command_line.arguments import action_of, add_confirm
from connector.command_line.console import Console, ExitCode
from connector.configuration import outcome, pairs, projects, protection
from connector.configuration.dialog_forms import NameForm
from connector.configuration.forms import ConfigurationForm
from connector.configuration.renames import PROJECT
from connector.errors import RefusedError

HELP = "create, choose, restore or rename the project"


def add_arguments(parser: ArgumentParser) -> None:
    actions = parser.add_subparsers(required=True)
    creating = action_of(actions, "create", "create a project, and choose it if none is in use")
    creating.set_defaults(act=create)
    creating.add_argument("name", metavar="NAME")
    selecting = action_of(actions, "select", "choose a project and one of its data spaces")
    selecting.set_defaults(act=select)
    selecting.add_argument("project", metavar="PROJECT", help="its id, or its name if no other has the same")
    selecting.add_argument(
        "data_space", nargs="?", metavar="DATA_SPACE", help="its id or its name; without it, another project has none"
    )
    add_confirm(selecting)
    restoring = action_of(actions, "restore", "put back the former project and data space")
    restoring.set_defaults(act=restore)
    add_confirm(restoring)
    rename.add_action(actions, PROJECT)


def create(console: Console, options: dict[str, Any]) -> ExitCode:
    """Create a project with the active pair. Raises as `create_project`."""
    stored, form = connection.load(), NameForm({"project_name": options["name"]}, "project_name")
    saving.require_valid(form)
    with console.waiting():
        is_chosen = projects.create_project(form.cleaned_data["project_name"], stored)
    saving.say(console, outcome.created(is_chosen=is_chosen))
    return ExitCode.DONE


def select(console: Console, options: dict[str, Any]) -> ExitCode:
    """Choose a project and a data space, by id or by name, as the page does. Raises as `save_plan`."""
    saving.require_no_key(options["project"], options["data_space"])
    stored = listing.read(console)
    names = {space.project_id: space.project_name for space in stored.data_spaces}
    project_id = _id(options["project"], names, "project")
    sent = {"project_id": project_id}
    if options["data_space"]:
        spaces = {space.id: space.name for space in stored.data_spaces if space.project_id == project_id}
        sent["data_space_id"] = _id(options["data_space"], spaces, "data space")
    form = ConfigurationForm(stored, sent)
    saving.require_unlocked(form, sent)
    saving.require_valid(form)
    return saving.save_plan(console, form.plan())


def _id(text: str, names: Mapping[str, str], kind: str) -> str:
    """Return the id that `text` is, or that has this name. Raises RefusedError where several have it, or none."""
    found = [text] if text in names else [key for key, name in names.items() if protection.is_typed(text, name)]
    if len(found) == 1:
        return found[0]
    reason = f"No {kind} is called “{text}”. Nothing was changed: manage.py connector projects lists them all."
    if found:
        ids = ", ".join(found)
        reason = f"Several have the name “{text}”. Nothing was changed: give the id of the {kind} instead: {ids}."
    raise RefusedError(Refusal.IDENTIFIER, reason)


def restore(console: Console, options: dict[str, Any]) -> ExitCode:  # noqa: ARG001  (like the others)
    """Put back the former project and data space. Raises as `save_plan`."""
    stored = connection.load()
    former = pairs.restorable(pairs.IDENTIFIER, stored)
    if former is None:
        text = "There is no former project and data space that can be restored. Nothing was changed."
        raise RefusedError(Refusal.IDENTIFIER, text)
    return saving.save_plan(console, pairs.restoring(former, stored))
