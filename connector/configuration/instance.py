"""What can be done to the instance: give it a name or an address, or make a copy an instance of its own."""

import uuid

from django.db import transaction
from django.utils.translation import gettext as _

from backend.audit.action_log import facts
from connector import address, connection
from connector.action_log import Action, Refusal
from connector.configuration import log
from connector.configuration.log import Entry
from connector.configuration.verify_now import verify
from connector.connection import Connection
from connector.errors import RefusedError, StaleRevisionError
from connector.models import Identifier, Instance


def rename_instance(name: str, stored: Connection) -> None:
    """Give this instance another name, which Commerce Services reads with the next call. No id changes.

    Raises StaleRevisionError.
    """
    entry = Entry(Action.INSTANCE_RENAMED, name, facts(name=stored.instance.shown_name), facts(name=name))
    with log.refusals_of(entry), transaction.atomic(durable=True):
        if not Instance.objects.filter(revision=stored.instance.revision).update(name=name):
            raise StaleRevisionError
        entry.record()


def move(stored: Connection, here: str) -> None:
    """Note that the installation is served at the address `here` from now on, and no more where it was.

    Nothing else changes. The former addresses are forgotten, so that a copy that turns up there is noticed.
    Raises StaleRevisionError.
    """
    _serve(Action.INSTANCE_MOVED, stored, here, [here])


def add_address(stored: Connection, here: str) -> None:
    """Note that the same installation is served at the address `here` as well. Raises as `move`, or RefusedError."""
    _serve(Action.ADDRESS_ADDED, stored, here, [*stored.instance.served_at, here])


def _serve(action: Action, stored: Connection, here: str, addresses: list[str]) -> None:
    instance_id = stored.instance.instance_id
    entry = Entry(action, here, _place(instance_id, stored.instance.served_at), _place(instance_id, addresses))
    with log.refusals_of(entry), transaction.atomic(durable=True):
        if len(addresses) > address.MAX_KNOWN:
            text = _(
                "Nothing was changed: this Admin has as many addresses as are remembered. Open it at one of them, or "
                "say that it has moved where they are no longer used: that forgets them."
            )
            raise RefusedError(Refusal.TOO_MANY_ADDRESSES, text)
        log.advance(stored, entry, served_at=addresses)


def become_copy(stored: Connection, here: str) -> None:
    """Make this installation, at the address `here`, one of its own: a new instance id, no project, no data space.

    The key pairs stay. Its name goes with the id: two instances of one name could not be told apart.
    Raises StaleRevisionError.
    """
    instance, new_id = stored.instance, uuid.uuid4()
    before, after = _place(instance.instance_id, instance.served_at), _place(new_id, [here])
    entries = [Entry(Action.INSTANCE_COPIED, here, before, after), *log.choosing(instance, Identifier())]
    own = {"instance_id": new_id, "name": "", "served_at": [here], **instance.choosing(Identifier(), stored.now)}
    with log.refusals_of(*entries), transaction.atomic(durable=True):
        log.advance(stored, *entries, **own)
    # The services that were read are those of the former data space.
    verify(connection.load(stored.now), [stored.active_environment])


def _place(instance_id: uuid.UUID, addresses: list[str]) -> str:
    return facts(instance_id=instance_id, addresses=", ".join(addresses))
