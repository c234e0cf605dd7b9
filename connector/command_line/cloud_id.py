"""`connector cloud-id`: the cloud project that the data space belongs to."""

from argparse import ArgumentParser
from typing import Any

from connector import connection
from connector.command_line import saving
from connector.command_line.console import Console, ExitCode
from connector.configuration import data_space
from connector.configuration.dialog_forms import CloudIdForm

HELP = "print the id of the cloud project that the data space belongs to, or set it"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("cloud_id", nargs="?", metavar="VALUE", help="the new id; left out, the present one is printed")


def run(console: Console, options: dict[str, Any]) -> ExitCode:
    """Print or set it. Raises as `read_cloud_id` and `set_cloud_id`."""
    stored = connection.load()
    if options["cloud_id"] is None:
        with console.waiting():
            cloud_id = data_space.read_cloud_id(stored)
        if cloud_id:
            console.print(cloud_id)
        else:
            console.warn(f"The data space {stored.data_space_name} has no cloud id.")
        return ExitCode.DONE
    form = CloudIdForm({"cloud_id": options["cloud_id"]})
    saving.require_valid(form)
    with console.waiting():
        data_space.set_cloud_id(form.cleaned_data["cloud_id"], stored)
    console.print(f"The cloud id of the data space {stored.data_space_name} was set.")
    return ExitCode.DONE
