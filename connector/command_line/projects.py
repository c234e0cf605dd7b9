"""`connector projects`: the projects and data spaces of the account."""

from argparse import ArgumentParser
from typing import Any

from connector import connection
from connector.command_line import state
from connector.command_line.arguments import add_json
from connector.command_line.console import Console, ExitCode
from connector.configuration import verify_now
from connector.connection import Connection

HELP = "list the projects and data spaces of the account, read with the active pair, and who uses them"
# Headings of the table, and the keys of the JSON object.
COLUMNS = {
    "Project": "project_name",
    "Data space": "data_space_name",
    "Type": "type",
    "Used by": "used_by",
    "Project id": "project_id",
    "Data space id": "data_space_id",
    "Chosen": "is_chosen",
}
THIS_INSTANCE = "this instance"


def add_arguments(parser: ArgumentParser) -> None:
    add_json(parser)


def run(console: Console, options: dict[str, Any]) -> ExitCode:
    """Print what the active pair lists now, or else what was last known."""
    stored = read(console)
    rows = [
        {
            "project_name": space.project_name,
            "data_space_name": space.name,
            "type": space.type,
            "used_by": other.title if (other := space.occupant(stored.identity.instance_id, stored.now)) else None,
            "project_id": space.project_id,
            "data_space_id": space.id,
            "is_chosen": space.id == stored.data_space_id,
        }
        for space in stored.data_spaces
    ]
    if options["json"]:
        known = stored.active.verification
        console.json({"read_at": state.moment(known.answered_at), "left_out": known.left_out, "data_spaces": rows})
        return state.exit_code(stored.active)
    cells = [[_cell(row, key) for key in COLUMNS.values()] for row in rows]
    console.table([*COLUMNS], cells, details=("Project id", "Data space id", "Chosen"))
    if not rows and stored.active.is_verified:
        console.warn("The account has no project. Create one with manage.py connector project create NAME.")
    return state.exit_code(stored.active)


def _cell(row: dict[str, Any], key: str) -> str:
    if key == "is_chosen":
        return "yes" if row[key] else ""
    if key == "used_by" and row["is_chosen"]:
        return ", ".join(filter(None, [THIS_INSTANCE, row[key]]))
    return row[key] or ""


def read(console: Console) -> Connection:
    """Verify the active pair, which reads the projects, and return the connection afterwards.

    Where that has no result, warn that the list is the last known one.
    """
    stored = connection.load()
    with console.waiting():
        asked = verify_now.verify(stored, [stored.active_environment])
    after = connection.load(stored.now)
    slot = after.active
    if slot.credentials and not asked:
        console.warn("Somebody else is reading the projects now. This is the last known list.")
    elif text := state.advice(slot):
        console.warn(text)
    return after
