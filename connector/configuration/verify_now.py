"""Verifying stored pairs: when a person asks for it, and when a page finds that it is time."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from backend.audit.actor import acting_for
from connector import address, connection
from connector.connection import Connection
from connector.environment import Environment
from connector.gateway.client import Credentials, Deadline
from connector.models import Instance, Turn, Verification
from connector.models.names import Names
from connector.models.verifications import RETRY
from connector.verification import examine


def verify(
    stored: Connection, environments: Iterable[Environment], deadline: Deadline | None = None
) -> dict[Environment, Verification]:
    """Ask the gateway about the pairs of `environments` now, store what it says, and return it.

    Pass the `deadline` of the action that this is a part of; without it there is the whole time.
    Environments without a usable pair are left out, since their cause is known without asking. So are those that are
    being verified at this moment: a second request would get the same answer, and would hold a thread of the server
    while it waits. A pause that the gateway asked for does not count here: a person may ask once.
    """
    pairs, turns = dict[Environment, Credentials](), dict[Environment, datetime]()
    for environment in environments:
        credentials = stored.slots[environment].credentials
        if credentials and (until := Turn.objects.begin(environment, stored.now)):
            pairs[environment], turns[environment] = credentials, until
    if not turns:
        return {}
    try:
        findings = ask(stored, pairs, stored.data_space_id, deadline or Deadline())
        with transaction.atomic():
            _store(stored, findings)
    finally:
        for environment, until in turns.items():
            Turn.objects.end(environment, until)
    if not stored.instance.served_at:
        address.note(connection.load(stored.now))
    return findings


def ask(
    stored: Connection, pairs: Mapping[Environment, Credentials], data_space_id: str, deadline: Deadline
) -> dict[Environment, Verification]:
    """Ask the gateways about `pairs` in the name of this instance."""
    if not pairs:
        return {}
    accounts = {environment: slot.account for environment, slot in stored.slots.items() if slot.account}
    return examine.verify(
        pairs, data_space_id=data_space_id, accounts=accounts, identity=stored.identity, deadline=deadline
    )


def _store(stored: Connection, findings: Mapping[Environment, Verification]) -> None:
    """Store `findings`, unless they are about another data space than the one that is chosen now, or hold old names."""
    instance = Instance.objects.select_for_update().current()
    is_of_another = instance.data_space_id != stored.instance.data_space_id and "data_space_id" not in stored.variables
    # The next verification reads the new names.
    if is_of_another or instance.renames != stored.instance.renames:
        return
    for environment, finding in findings.items():
        slot = stored.slots[environment]
        Verification.objects.record(environment, finding, slot.digest, slot.pair.digest)
    Names.of(findings.values()).store()


def refresh(
    stored: Connection, environments: Iterable[Environment], deadline: Deadline | None = None
) -> Connection | None:
    """Verify again what is due; return the connection afterwards, or None when nothing was asked.

    `deadline` is that of `verify`. Of all requests in 60 seconds only the first asks the gateway.
    """
    due = [
        environment
        for environment in environments
        if stored.slots[environment].is_due and Turn.objects.begin(f"refresh-{environment}", stored.now, RETRY)
    ]
    if not due:
        return None
    # Nobody asked for it: the page did.
    with acting_for(None):
        if not verify(stored, due, deadline):
            return None
    refreshed = connection.load(stored.now)
    address.note(refreshed)
    return refreshed
