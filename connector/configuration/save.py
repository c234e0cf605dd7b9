"""Saving the configuration form: verify first, then store everything or nothing."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from connector import address
from connector.configuration import history, protection
from connector.configuration.change import Change
from connector.configuration.names import Names
from connector.connection import Connection, Slot, load, locked
from connector.environment import Environment
from connector.errors import BusyError, GatewayError, IdentifierError, PairRejectedError, StaleRevisionError
from connector.gateway import client
from connector.gateway.client import Credentials, DataSpace, Deadline
from connector.identifier import Identifier
from connector.models import Instance, KeyPair, Verification, pair_digest
from connector.turns import CHANGE, Turn
from connector.verification import examine
from connector.verification.causes import Cause, Kind
from connector.verification.finding import Finding

logger = logging.getLogger(__name__)

# One deadline covers a save with all its verifications.
DEADLINE_S = 9.0


@dataclass(frozen=True)
class Saved:
    """What a save did: the active environment afterwards and what was found of each new pair.

    `is_activated` tells that another environment is active now, or that its first pair made this one active.
    `former_keys` are the API keys that this instance worked with before and works with no more.
    """

    active_environment: Environment
    is_activated: bool
    findings: Mapping[Environment, Finding]
    identifier: Identifier | None
    former_keys: Mapping[Environment, str]


def save(change: Change, connection: Connection, user_id: int | None, now: datetime) -> Saved:
    """Verify the new pairs, look the identifier up, and store it all in one transaction.

    Raises:
        StaleRevisionError: somebody saved since the form was rendered; as BusyError, somebody is saving.
        OneAtATimeError: keys would be replaced and the chosen data space left in one save.
        NotConfirmedError: something would be lost, and the data space's name was not typed.
        SwitchNotConfirmedError: another environment would become active, and that was not confirmed.
        PairRejectedError: a verified pair would be replaced by one that is not verified.
        OccupiedError: another instance uses the data space, and sharing it was not confirmed.
        IdentifierError: the project or data space does not belong to the account, or could not be looked up.
    """
    active = _active_after(change, connection)
    deadline = Deadline(DEADLINE_S)
    with history.refusals_of(*history.of_save(change, connection, active, _asked(change, connection))):
        if change.revision != connection.instance.revision:
            raise StaleRevisionError
        protection.require_one_at_a_time(change, connection)
        protection.require_confirmed(change, connection)
        protection.require_switch_confirmed(active, change, connection)
        with changing(connection.instance, now):
            saved = _save(change, connection, active, user_id, now)
            if saved.identifier or not connection.instance.served_at:
                after = load()
                # What is noted gives the instance its name.
                _move_in(connection, load() if address.note(after) else after, saved, deadline)
    return saved


@contextmanager
def changing(instance: Instance, now: datetime) -> Iterator[None]:
    """Let no other change ask a gateway during this one, which builds on `instance` as it was read.

    Raises StaleRevisionError if somebody has changed it since, BusyError if somebody is changing it.
    """
    until = Turn.objects.begin(CHANGE, now)
    try:
        if not Instance.objects.filter(revision=instance.revision, renames=instance.renames).exists():
            raise StaleRevisionError
        if until is None:
            raise BusyError
        yield
    finally:
        if until:
            Turn.objects.end(CHANGE, until)


def _save(change: Change, connection: Connection, active: Environment, user_id: int | None, now: datetime) -> Saved:
    findings = _verify(change, connection, active)
    identifier = _identifier(change, connection, findings.get(active), now)
    # What the process's environment sets is not stored: without it the stored value counts again.
    values: dict[str, object] = {} if locked("active_environment") else {"active_environment": active}
    if identifier:
        values |= connection.instance.choosing(identifier, now)
    # Durable: nothing may undo a save that was reported as done.
    with transaction.atomic(durable=True):
        if not Instance.objects.advance(change.revision, **values):
            raise StaleRevisionError
        for entry in history.of_save(change, connection, active, identifier or connection.instance.identifier):
            entry.record()
        for environment, credentials in change.pairs.items():
            KeyPair.objects.store(environment, credentials, user_id, now)
        for environment, finding in findings.items():
            _record(finding, change.pairs.get(environment), connection.slots[environment])
        Names.of(findings.values()).store()
    logger.info("Configuration saved by user %s: pairs %s, active %s", user_id, list(change.pairs), active)
    is_first = _has_no_keys(connection) and active in change.pairs
    is_activated = is_first or active != connection.active_environment
    return Saved(active, is_activated, findings, identifier, _former_keys(change, connection))


def _former_keys(change: Change, connection: Connection) -> dict[Environment, str]:
    kept = {change.pairs[one].api_key if one in change.pairs else connection.slots[one].api_key for one in Environment}
    # Nobody can delete a key that Commerce Services does not know.
    gone = {Cause.KEY_REVOKED, Cause.API_KEY_UNKNOWN}
    former = {one: slot.api_key for one in change.pairs if (slot := connection.slots[one]).cause not in gone}
    return {one: api_key for one, api_key in former.items() if api_key and api_key not in kept}


def _move_in(before: Connection, after: Connection, saved: Saved, deadline: Deadline) -> None:
    """Show Commerce Services that this instance works in another data space now, so that others are warned at once.

    What it answers changes nothing: the configuration is saved.
    """
    space_id, credentials = after.data_space_id, after.active.credentials
    found = saved.findings.get(after.active_environment)
    is_accepted = found is not None and bool(found.data_spaces)
    if not space_id or space_id == before.data_space_id or credentials is None or not is_accepted:
        return
    with suppress(GatewayError):
        client.connect(after.active_environment, credentials, deadline, after.identity).data_space(space_id)


def _asked(change: Change, connection: Connection) -> Identifier:
    """Return the identifier that is asked for, as far as it is known before it is looked up."""
    if not change.changes_identifier:
        return connection.instance.identifier
    project_id, data_space_id = _wanted(change, connection)
    spaces = connection.active.data_spaces
    project = next((one.project_name for one in spaces if one.project_id == project_id), "")
    for space in spaces:
        if space.id == data_space_id:
            return Identifier(project_id, project, data_space_id, space.name, space.type)
    return Identifier(project_id, project, data_space_id)


def _active_after(change: Change, connection: Connection) -> Environment:
    """The first pair saved becomes active, whatever the field said, unless an environment variable sets it.

    A restored pair switches nothing.
    """
    if locked("active_environment"):
        return connection.active_environment
    asked = change.active_environment or connection.active_environment
    if _has_no_keys(connection) and len(change.pairs) == 1 and not change.is_restored:
        return next(iter(change.pairs))
    return asked


def _has_no_keys(connection: Connection) -> bool:
    return not any(slot.has_any_half for slot in connection.slots.values())


def _record(finding: Finding, new: Credentials | None, slot: Slot) -> None:
    if new:
        digest = pair_digest(new.api_key, new.private_key.fingerprint)
        Verification.objects.record(finding, digest, digest)
    else:
        Verification.objects.record(finding, slot.digest, slot.stored_digest)


def _verify(change: Change, connection: Connection, active: Environment) -> dict[Environment, Finding]:
    """Verify every new pair, and the active one where another identifier is chosen: it tells what that gives."""
    pairs = dict(change.pairs)
    stored = connection.slots[active].credentials
    if stored and change.changes_identifier:
        pairs.setdefault(active, stored)
    if not pairs:
        return {}
    findings = examine.verify(
        pairs,
        data_space_id=_wanted(change, connection)[1],
        accounts={one: slot.account for one, slot in connection.slots.items() if slot.account},
        identity=connection.identity,
        deadline_s=DEADLINE_S,
    )
    refused = {
        one: finding
        for one, finding in findings.items()
        if one in change.pairs and not finding.is_verified and connection.slots[one].is_verified
    }
    if refused and not change.insist:
        explanations = {one: f"{finding.explanation} {_kept(one, finding)}" for one, finding in refused.items()}
        raise PairRejectedError(explanations, {one: str(finding.cause) for one, finding in refused.items()})
    return findings


def _kept(environment: Environment, finding: Finding) -> str:
    """Return why the stored pair stays, and what to do if the new one could not be checked."""
    if finding.kind is Kind.UNKNOWN:
        return _(
            "So nothing was saved: the pair in use worked when it was last checked, and it stays. "
            "Try again later, or tick the box to replace it unchecked."
        )
    kept = _("The pair that is stored works and was kept; nothing was saved.")
    if finding.cause is Cause.WRONG_ENVIRONMENT:
        where = _("Enter them under %(environment)s Keys.") % {"environment": environment.other.label}
        return f"{where} {kept}"
    return kept


def _wanted(change: Change, connection: Connection) -> tuple[str, str]:
    """Return the project and data space that are asked for.

    Choosing another project clears the data space, unless one of that project is chosen with it.
    """
    project_id = connection.project_id if change.project_id is None else change.project_id
    data_space_id = change.data_space_id
    if data_space_id is None:
        data_space_id = connection.data_space_id if project_id == connection.project_id else ""
    return project_id, data_space_id


def _identifier(change: Change, connection: Connection, finding: Finding | None, now: datetime) -> Identifier | None:
    """Return the identifier to store, or None where it stays as it is; `finding` is of the pair that will be active."""
    if not change.changes_identifier:
        return None
    project_id, data_space_id = _wanted(change, connection)
    if not project_id and data_space_id:
        raise IdentifierError(_("Choose the project of this data space as well."), field="project_id")
    if not project_id:
        return Identifier()
    if finding is None:
        raise IdentifierError(
            _("Projects are read with the active key pair. Save the %(environment)s keys first.")
            % {"environment": _active_after(change, connection).label},
            field="project_id",
        )
    # A pair that is refused at the door lists nothing: that says nothing of whose the project is.
    is_looked_up = finding.is_pair_accepted
    spaces = finding.data_spaces if is_looked_up else connection.slots[finding.environment].data_spaces
    identifier = _chosen(project_id, data_space_id, _in_project(project_id, spaces), is_looked_up=is_looked_up)
    protection.require_free(identifier, spaces, change, connection, now)
    return identifier


def _chosen(project_id: str, data_space_id: str, spaces: list[DataSpace], *, is_looked_up: bool) -> Identifier:
    """Return the identifier with its names. `is_looked_up` tells fresh data spaces from those that were known."""
    if not spaces:
        raise IdentifierError(_not_found(is_looked_up=is_looked_up), field="project_id")
    name = spaces[0].project_name
    if not data_space_id:
        return Identifier(project_id, name)
    for space in spaces:
        if space.id == data_space_id:
            return Identifier(project_id, name, space.id, space.name, space.type)
    raise IdentifierError(
        _("This data space does not belong to the project “%(project)s”. Choose one of that project.")
        % {"project": name},
        field="data_space_id",
    )


def _not_found(*, is_looked_up: bool) -> str:
    if is_looked_up:
        return _("This project does not belong to the account of the active key pair. Choose one from the list.")
    return _("The project could not be looked up, so nothing was changed. Verify the keys, then try again.")


def _in_project(project_id: str, spaces: tuple[DataSpace, ...]) -> list[DataSpace]:
    return [space for space in spaces if space.project_id == project_id]
