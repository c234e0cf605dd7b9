"""The steps that make an instance configured, in the order they are done."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from connector.environment import Environment
from connector.verification.causes import Cause

if TYPE_CHECKING:
    from connector.connection import Connection


@dataclass(frozen=True)
class Step:
    """One step of setting the instance up. `anchor` is the id of the section where it is done.

    A step that is done can still have a problem: keys that were entered and do not work.
    """

    title: str
    anchor: str
    is_done: bool
    problem: Cause | None = None


def steps(connection: "Connection") -> list[Step]:
    """Return the steps of `connection`."""
    environment = connection.active_environment
    keys = _("Enter the key pair for %(environment)s") % {"environment": environment.label}
    if not any(slot.has_any_half for slot in connection.slots.values()):
        # The first pair becomes the active one, so either section will do.
        environment, keys = Environment.SANDBOX, _("Enter a key pair, for Sandbox or for Production")
    problem = connection.active.cause if connection.has_bad_keys else None
    of_space = problem if problem is Cause.DATA_SPACE_UNKNOWN else None
    has_space = bool(connection.project_id and connection.data_space_id)
    project = _("Create a project") if connection.has_no_project else _("Choose the project")
    return [
        Step(keys, f"{environment}-keys", connection.has_keys, None if of_space else problem),
        Step(project, "saas-identifier", bool(connection.project_id)),
        Step(_("Choose the data space"), "saas-identifier", has_space, of_space),
    ]
