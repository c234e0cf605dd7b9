"""What can be done to the connection besides saving the form; each is one call of one view."""

import logging
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from http import HTTPStatus

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backend.audit.action_log import facts
from backend.audit.actor import acting_for
from connector import address
from connector import connection as read_model
from connector.action_log import Action
from connector.configuration import log
from connector.configuration.log import Entry
from connector.configuration.names import Names
from connector.configuration.save import changing
from connector.connection import Connection
from connector.environment import Environment
from connector.errors import (
    GatewayError,
    IdentifierError,
    LockedError,
    NotDoneError,
    PairInTheWayError,
    PairMissingError,
    ProjectLimitError,
    StaleRevisionError,
    TooManyAddressesError,
)
from connector.gateway.client import Client, Credentials, DataSpace, Deadline, connect
from connector.identifier import Identifier
from connector.models import Instance, KeyPair, Verification
from connector.slot import Slot
from connector.turns import Turn
from connector.verification import examine
from connector.verification.advice import clock_time
from connector.verification.causes import Cause
from connector.verification.failed_call import cause_of
from connector.verification.finding import Finding

logger = logging.getLogger(__name__)


def verify(
    connection: Connection, environments: Iterable[Environment], deadline: Deadline | None = None
) -> dict[Environment, Finding]:
    """Ask the gateway about the pairs of `environments` now, store what it says, and return it.

    Pass the `deadline` of the action that this is a part of; without one it has the whole time.
    Environments without a usable pair are left out, since their cause is known without asking. So are those that are
    being verified at this moment: a second request would get the same answer, and would hold a thread of the server
    while it waits. A pause that the gateway asked for does not count here: a person may ask once.
    """
    askable = (one for one in environments if connection.slots[one].credentials)
    with _asking(askable, timezone.now()) as mine:
        return _verify({one: connection.slots[one] for one in mine}, connection, deadline)


@contextmanager
def _asking(environments: Iterable[Environment], now: datetime) -> Iterator[list[Environment]]:
    """Keep others from asking about those of `environments` that nobody is asking about, and yield these."""
    begun = {one: until for one in environments if (until := Turn.objects.begin(one, now))}
    try:
        yield list(begun)
    finally:
        for one, until in begun.items():
            Turn.objects.end(one, until)


def _verify(
    slots: Mapping[Environment, Slot], connection: Connection, deadline: Deadline | None
) -> dict[Environment, Finding]:
    if not slots:
        return {}
    findings = examine.verify(
        {one: slot.credentials for one, slot in slots.items() if slot.credentials},
        data_space_id=connection.data_space_id,
        accounts=connection.accounts,
        identity=connection.identity,
        deadline=deadline,
    )
    with transaction.atomic():
        instance = Instance.objects.select_for_update().current()
        if instance.data_space_id != connection.instance.data_space_id and "data_space_id" not in connection.variables:
            # Another data space was chosen meanwhile: what was found of the former one says nothing of it.
            return findings
        if instance.renames != connection.instance.renames:
            # Something was renamed meanwhile, and these names may be the old ones. They are soon read again.
            return findings
        for one, finding in findings.items():
            Verification.objects.record(finding, slots[one].digest, slots[one].stored_digest)
        Names.of(findings.values()).store()
    if not connection.instance.served_at:
        address.note(read_model.load())
    return findings


def refresh(connection: Connection, environments: Iterable[Environment], now: datetime) -> Connection | None:
    """Verify again what is due of `connection`; return the connection afterwards, or None when nothing was asked.

    Of several requests at once only one asks the gateway.
    """
    due = [one for one in environments if connection.slots[one].is_due(now)]
    claimed = [one for one in due if Verification.objects.claim(one, now)]
    if not claimed:
        return None
    # Nobody asked for it: the page did.
    with acting_for(None):
        if not verify(connection, claimed):
            return None
    refreshed = read_model.load()
    address.note(refreshed)
    return refreshed


def remove_keys(environment: Environment, connection: Connection, now: datetime, *, erase: bool) -> None:
    """Make the stored pair of `environment` the former one; or `erase` both. Raises StaleRevisionError."""
    pair = connection.slots[environment].pair
    with transaction.atomic(durable=True):
        if not Instance.objects.advance(connection.instance.revision):
            raise StaleRevisionError
        if pair and pair.is_stored:
            log.removing(environment, pair).record()
        if erase:
            KeyPair.objects.lock()
            KeyPair.objects.filter(environment=environment).delete()
        else:
            KeyPair.objects.retire(environment, now)
    logger.info("Keys removed: %s", environment)


def switch_environment(environment: Environment, connection: Connection) -> None:
    """Make the pair of `environment` the active one. Raises PairMissingError, IdentifierError, StaleRevisionError."""
    entry = log.switching(environment, connection)
    with log.refusals_of(entry), transaction.atomic(durable=True):
        _require_unlocked("active_environment", connection)
        if not connection.slots[environment].is_whole:
            raise PairMissingError
        if not Instance.objects.advance(connection.instance.revision, active_environment=environment):
            raise StaleRevisionError
        entry.record()
    logger.info("Active environment switched: %s", environment)


def move_pair(source: Environment, connection: Connection, user_id: int | None, now: datetime) -> None:
    """Put the pair of `source`, which the other gateway accepts, into the other section and make that one active.

    A pair that stands there and does not work takes the place that was left, so that none is lost.
    Raises PairMissingError, PairInTheWayError where that is not so, IdentifierError, StaleRevisionError.
    """
    target = source.other
    moving, standing = connection.slots[source], connection.slots[target]
    entries = [log.moving(moving, standing)]
    if connection.instance.active_environment != target:
        entries.append(log.switching(target, connection))
    with log.refusals_of(*entries), transaction.atomic(durable=True):
        _require_unlocked("active_environment", connection)
        if moving.credentials is None:
            raise PairMissingError
        if not moving.may_move:
            raise PairInTheWayError
        if not Instance.objects.advance(connection.instance.revision, active_environment=target):
            raise StaleRevisionError
        _exchange(moving, standing, user_id, now)
        for entry in entries:
            entry.record()
    logger.info("Pair moved from %s to %s", source, target)


def _is_production(place: tuple[Slot, Credentials | None]) -> bool:
    return place[0].environment is Environment.PRODUCTION


def _exchange(moving: Slot, standing: Slot, user_id: int | None, now: datetime) -> None:
    """Store each pair in the other's place. What changes its place only, becomes nobody's former pair."""
    KeyPair.objects.lock()
    # The sandbox pair first: whoever keeps what verification found locks the rows in this order.
    places = sorted(((moving, standing.credentials), (standing, moving.credentials)), key=_is_production)
    for slot, pair in places:
        if slot.credentials:
            KeyPair.objects.current().filter(environment=slot.environment).delete()
        if pair:
            KeyPair.objects.store(slot.environment, pair, user_id, now)


def create_project(name: str, connection: Connection) -> bool:
    """Create a project with the active pair, and choose it unless the instance is configured: then it stays as it is.

    Returns whether it was chosen.
    The revision is claimed before the gateway is asked, so that a form sent twice makes one project. The log tells that
    it begins: should the process end meanwhile, nobody else knows that there may be a project.
    Raises PairMissingError, IdentifierError, NotDoneError, ProjectLimitError, StaleRevisionError.
    """
    deadline = Deadline()
    with log.refusals_of(Entry(Action.PROJECT_CREATED, name)):
        _require_unlocked("project_id", connection)
        with _gateway(connection, deadline) as client, changing(connection.instance, timezone.now()):
            with transaction.atomic(durable=True):
                if not Instance.objects.advance(connection.instance.revision):
                    raise StaleRevisionError
                Entry(Action.PROJECT_BEGUN, name).record()
            try:
                new = client.create_project(name)
            except GatewayError as error:
                if error.status != HTTPStatus.CONFLICT:
                    raise
                # Another instance may have created the project that is in the way: list it.
                verify(read_model.load(), [connection.active_environment], deadline)
                listed = {space.project_id for space in read_model.load().data_spaces}
                raise ProjectLimitError(max(1, len(listed))) from error
            is_chosen = _keep(new[0], connection)
    verify(read_model.load(), [connection.active_environment], deadline)
    return is_chosen


def _keep(space: DataSpace, connection: Connection) -> bool:
    """Log the project of `space`, and choose it where that takes nothing away; return whether it was."""
    new = Identifier(space.project_id, space.project_name)
    entries = [Entry(Action.PROJECT_CREATED, new.project_name, after=log.named(new.project_id, new.project_name))]
    with transaction.atomic(durable=True):
        is_chosen = not connection.is_configured and Instance.objects.advance(
            connection.instance.revision + 1, **connection.instance.choosing(new, timezone.now())
        )
        if is_chosen:
            entries += log.choosing(connection.instance, new)
        for entry in entries:
            entry.record()
    logger.info("Project created: %s", space.project_id)
    return is_chosen


def rename_project(name: str, connection: Connection) -> None:
    """Give the project in use another name; no id changes.

    Raises PairMissingError, IdentifierError, NotDoneError, StaleRevisionError.
    """
    project_id = connection.project_id
    entry = _rename_entry(Action.PROJECT_RENAMED, project_id, connection.project_name, name)
    with _renaming("project_id", entry, Names(projects={project_id: name}), connection) as client:
        client.rename_project(project_id, name)


def rename_data_space(name: str, connection: Connection) -> None:
    """Give the data space in use another name; no id changes. Raises as `rename_project`."""
    data_space_id = connection.data_space_id
    entry = _rename_entry(Action.DATA_SPACE_RENAMED, data_space_id, connection.data_space_name, name)
    with _renaming("data_space_id", entry, Names(data_spaces={data_space_id: name}), connection) as client:
        client.rename_data_space(data_space_id, name)


@contextmanager
def _renaming(field: str, entry: Entry, names: Names, connection: Connection) -> Iterator[Client]:
    """Yield the client to rename with; afterwards store and log the new name, and verify again."""
    deadline = Deadline()
    with log.refusals_of(entry), changing(connection.instance, timezone.now()):
        if not getattr(connection, field):
            text = _("There is no project or data space to change. Choose one and save first.")
            raise IdentifierError(text, field=field)
        with _gateway(connection, deadline) as client:
            yield client
        with transaction.atomic(durable=True):
            names.store()
            entry.record()
    verify(read_model.load(), [connection.active_environment], deadline)


def rename_instance(name: str, connection: Connection) -> None:
    """Give this instance another name, which Commerce Services reads with the next call. No id changes."""
    entry = Entry(Action.INSTANCE_RENAMED, name, facts(name=connection.instance.shown_name), facts(name=name))
    with transaction.atomic(durable=True):
        Instance.objects.filter(pk=1).update(name=name)
        entry.record()


def move(connection: Connection, here: str) -> None:
    """Note that the installation is served at the address `here` from now on, and no more where it was.

    Nothing else changes. The former addresses are forgotten, so that a copy that turns up there is noticed.
    Raises StaleRevisionError.
    """
    _serve(Action.INSTANCE_MOVED, connection, here, [here])


def add_address(connection: Connection, here: str) -> None:
    """Note that the same installation is served at the address `here` as well.

    Raises TooManyAddressesError, StaleRevisionError.
    """
    _serve(Action.ADDRESS_ADDED, connection, here, [*connection.instance.served_at, here])


def _serve(action: Action, connection: Connection, here: str, addresses: list[str]) -> None:
    entry = log.serving(action, connection.instance, here, addresses)
    with log.refusals_of(entry), transaction.atomic(durable=True):
        if len(addresses) > address.MAX_KNOWN:
            raise TooManyAddressesError
        if not Instance.objects.advance(connection.instance.revision, served_at=addresses):
            raise StaleRevisionError
        entry.record()
    logger.info("%s: %s", action, here)


def become_copy(connection: Connection, here: str) -> None:
    """Make this installation, at the address `here`, one of its own: a new instance id, no project, no data space.

    The key pairs stay. Its name goes with the id: two instances of one name could not be told apart.
    Raises StaleRevisionError.
    """
    instance, new_id = connection.instance, uuid.uuid4()
    entries = log.copying(instance, new_id, here)
    own = {"instance_id": new_id, "name": "", "served_at": [here], **instance.choosing(Identifier(), timezone.now())}
    with log.refusals_of(*entries), transaction.atomic(durable=True):
        if not Instance.objects.advance(instance.revision, **own):
            raise StaleRevisionError
        for entry in entries:
            entry.record()
    logger.info("Instance %s became a copy: %s at %s", instance.instance_id, new_id, here)
    # What was found says what the former data space gives access to.
    verify(read_model.load(), [connection.active_environment])


def _require_unlocked(name: str, connection: Connection) -> None:
    """Raise IdentifierError where an environment variable sets `name`: what is stored would not be used."""
    if name in connection.variables:
        raise LockedError(name)


def _rename_entry(action: Action, public_id: str, before: str, after: str) -> Entry:
    return Entry(action, after, log.named(public_id, before), log.named(public_id, after))


@contextmanager
def _gateway(connection: Connection, deadline: Deadline) -> Iterator[Client]:
    """Yield a client with the active pair. Raises PairMissingError, and NotDoneError where the gateway fails."""
    credentials = connection.active.credentials
    if credentials is None:
        raise PairMissingError
    try:
        yield connect(connection.active_environment, credentials, deadline, connection.identity)
    except GatewayError as error:
        raise _not_done(error, connection.now) from error


def _not_done(error: GatewayError, now: datetime) -> NotDoneError:
    cause = cause_of(error, now)
    if cause is Cause.RATE_LIMITED:
        text = _("Nothing was changed: %(cause)s. Try again at %(time)s or later.")
        again_at = now + timedelta(seconds=error.retry_after_s or 0)
        return NotDoneError(cause, text % {"cause": cause.label, "time": clock_time(again_at)})
    text = _("Nothing was changed: %(cause)s. %(next_step)s")
    if cause in {Cause.TIMEOUT, Cause.GATEWAY_ERROR}:
        text = _("%(cause)s, so it is not known whether it was done. Look at the list before you repeat it.")
    return NotDoneError(cause, text % {"cause": cause.label, "next_step": cause.row.next_step})
