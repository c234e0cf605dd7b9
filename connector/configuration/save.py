"""Saving: verify the new pairs first, then store everything or nothing."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from connector import address, connection
from connector.configuration import log, protection
from connector.configuration.plan import SavePlan
from connector.configuration.verify_now import ask
from connector.connection import Connection
from connector.environment import Environment
from connector.errors import BusyError, GatewayError, PairRejectedError, StaleRevisionError
from connector.gateway.client import Deadline, connect
from connector.models import Instance, KeyPair, Turn, Verification
from connector.models.names import Names
from connector.models.turns import CHANGE
from connector.verification.advice import Advice
from connector.verification.causes import Cause
from connector.verification.row import Kind, Place


@dataclass(frozen=True)
class Saved:
    """What a save did: its plan, what was found of each pair that was asked about, and the connection afterwards."""

    plan: SavePlan
    findings: Mapping[Environment, Verification]
    connection: Connection


def save(plan: SavePlan, user_id: int | None) -> Saved:
    """Verify the new pairs, look the identifier up, and store it all in one transaction.

    Raises:
        StaleRevisionError: somebody saved since the form was rendered; as BusyError, somebody is saving.
        RefusedError: see `protection` and `SavePlan.looked_up`.
        PairRejectedError: a verified pair would be replaced by one that is not verified.
    """
    # It covers the save with all its verifications.
    deadline = Deadline()
    with log.refusals_of(*plan.entries):
        if plan.revision not in {None, plan.stored.instance.revision}:
            raise StaleRevisionError
        protection.require_allowed(plan)
        with changing(plan.stored.instance, plan.stored.now):
            findings = _verify(plan, deadline)
            plan = plan.looked_up(findings.get(plan.active_environment))
            protection.require_free(plan)
            _store(plan, findings, user_id)
            after = connection.load(plan.stored.now)
            if address.note(after):
                # The address gives the instance its name.
                after = connection.load(plan.stored.now)
            _move_in(plan, findings.get(after.active_environment), after, deadline)
    return Saved(plan, findings, after)


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


def _verify(plan: SavePlan, deadline: Deadline) -> dict[Environment, Verification]:
    """Ask about the pairs of `plan`. Raises PairRejectedError where a verified pair has to stay."""
    stored = plan.stored
    data_space_id = plan.identifier.data_space_id if plan.changes_identifier else stored.data_space_id
    findings = ask(stored, plan.asked, data_space_id, deadline)
    texts, causes = dict[str, str](), dict[str, str]()
    for environment, finding in findings.items():
        advice = finding.advice(environment)
        if environment in plan.pairs and advice and stored.slots[environment].is_verified:
            is_of_private_key = advice.cause.row.place is Place.PRIVATE_KEY
            field = Place.PRIVATE_KEY.format(environment=environment) if is_of_private_key else f"{environment}_api_key"
            texts[field] = f"{advice.explanation} {_stays(advice)}"
            causes[environment] = advice.cause
    if texts and not plan.insist:
        raise PairRejectedError(texts, causes)
    return findings


def _stays(advice: Advice) -> str:
    """Return why the stored pair stays, and what to do if the new one could not be checked."""
    if advice.cause.kind is Kind.UNKNOWN:
        return _(
            "The pair in use worked when it was last checked, so it stays. "
            "Try again later, or tick the box to replace it unchecked."
        )
    text = _("The pair that is stored works and was kept.")
    if advice.cause is Cause.WRONG_ENVIRONMENT:
        where = _("Enter them under %(environment)s Keys.") % {"environment": advice.environment.other.label}
        return f"{where} {text}"
    return text


def _store(plan: SavePlan, findings: Mapping[Environment, Verification], user_id: int | None) -> None:
    """Store what `plan` says and what was found. Raises StaleRevisionError."""
    stored, values = plan.stored, dict[str, object]()
    if "active_environment" not in stored.variables:
        # What an environment variable sets is not stored: without it the stored value counts again.
        values["active_environment"] = plan.active_environment
    if plan.changes_identifier:
        values |= stored.instance.choosing(plan.identifier, stored.now)
    # Durable: nothing may undo a save that was reported as done.
    with transaction.atomic(durable=True):
        log.advance(stored, *plan.entries, **values)
        for environment, pair in plan.pairs.items():
            KeyPair.objects.store(environment, pair, user_id, stored.now)
        for environment, finding in findings.items():
            slot, new = stored.slots[environment], plan.pairs.get(environment)
            digests = (new.digest, new.digest) if new else (slot.digest, slot.pair.digest)
            Verification.objects.record(environment, finding, *digests)
        Names.of(findings.values()).store()


def _move_in(plan: SavePlan, found: Verification | None, after: Connection, deadline: Deadline) -> None:
    """Show Commerce Services that this instance works in another data space now, so that others are warned at once.

    What it answers changes nothing: the configuration is saved.
    """
    space_id, credentials = after.data_space_id, after.active.credentials
    is_accepted = found is not None and bool(found.data_spaces)
    if space_id and space_id != plan.stored.data_space_id and credentials and is_accepted:
        with suppress(GatewayError):
            connect(after.active_environment, credentials, deadline, after.identity).data_space(space_id)
