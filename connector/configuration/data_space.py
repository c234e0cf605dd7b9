"""What can be done to the data space in use besides renaming it, with the active pair."""

from backend.audit.action_log import facts
from connector.action_log import Action
from connector.configuration import log, protection
from connector.configuration.log import Entry
from connector.configuration.projects import asking, require_chosen
from connector.connection import Connection
from connector.errors import GatewayError, PairMissingError, RefusedError
from connector.gateway.client import Deadline, connect
from connector.verification.examine import cause_of


def read_cloud_id(stored: Connection) -> str:
    """Return the id of the cloud project that the data space belongs to; empty without one.

    Raises PairMissingError, and RefusedError without a data space or where the gateway fails.
    """
    require_chosen("data_space_id", stored)
    if stored.active.credentials is None:
        raise PairMissingError
    client = connect(stored.active_environment, stored.active.credentials, Deadline(), stored.identity)
    try:
        return client.cloud_id(stored.data_space_id)
    except GatewayError as error:
        cause = cause_of(error, stored.now)
        raise RefusedError(cause, f"{cause.label}. {cause.row.next_step}") from error


def set_cloud_id(cloud_id: str, stored: Connection) -> None:
    """Let the data space belong to another cloud project. Raises as `read_cloud_id`, and StaleRevisionError."""
    entry = Entry(Action.CLOUD_ID_SET, stored.data_space_name, after=facts(id=cloud_id))
    with asking(entry, stored, Deadline()) as client:
        require_chosen("data_space_id", stored)
        client.set_cloud_id(stored.data_space_id, cloud_id)
        entry.record()


def clean_up(confirmation: str, stored: Connection) -> None:
    """Let Commerce Services empty the data space; `confirmation` is its name. Raises as `set_cloud_id`."""
    name = stored.data_space_name
    space = log.named(stored.data_space_id, name, stored.data_space_type)
    entry = Entry(Action.DATA_SPACE_CLEANED, name, before=space)
    with asking(entry, stored, Deadline()) as client:
        require_chosen("data_space_id", stored)
        protection.require_typed(confirmation, name)
        client.clean_up(stored.data_space_id, name)
        entry.record()
