"""What can be given another name, from a dialog or a command."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from connector.configuration import instance, projects
from connector.connection import Connection


@dataclass(frozen=True)
class Rename:
    """A rename: the form field of the new name, the function that stores it, and what to say afterwards."""

    field: str
    store: Callable[[str, Connection], None]
    done: Promise


PROJECT = Rename("project_name", projects.rename_project, _("Project renamed."))
DATA_SPACE = Rename("data_space_name", projects.rename_data_space, _("Data space renamed."))
INSTANCE = Rename("instance_name", instance.rename_instance, _("Instance renamed."))

# By the name of the dialog.
RENAMES: Mapping[str, Rename] = {
    "rename-project": PROJECT,
    "rename-data-space": DATA_SPACE,
    "rename-instance": INSTANCE,
}
