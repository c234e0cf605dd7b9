"""Onboarding: how far each environment is, and the calls that read, begin and reset it.

Reading it is not part of a verification: a pair can work while onboarding cannot be read, and the other way round.
"""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from backend.audit.action_log import facts
from backend.audit.actor import acting_for
from backend.frame.rows import rows
from connector.configuration.log import Entry, refusals_of
from connector.configuration.save import changing
from connector.connection import Connection
from connector.environment import Environment
from connector.errors import GatewayError, PairMissingError, Reason, RefusedError
from connector.gateway import payments as gateway
from connector.gateway.client import Client, Deadline, connect
from connector.gateway.payments import Onboarding
from connector.models import Turn
from connector.slot import Slot
from connector.verification import examine
from connector.verification.causes import Cause
from payments import statuses
from payments.action_log import Action, Refusal
from payments.models import Merchant

ADVANCED = "advanced"


@dataclass(frozen=True)
class Stage:
    """How far onboarding of one environment is, as it is stored. `merchant` is an empty row before it was read."""

    slot: Slot
    merchant: Merchant
    data_space_id: str

    @property
    def environment(self) -> Environment:
        return self.slot.environment

    @property
    def is_possible(self) -> bool:
        """Whether there is a working pair and a data space: nothing can be read before that."""
        return self.slot.is_verified and bool(self.data_space_id)

    @property
    def is_offered(self) -> bool:
        """Whether the gateway is one that onboards merchants itself."""
        return self.is_possible and self.slot.offers_onboarding

    @property
    def is_entitled(self) -> bool:
        """Whether advanced payments can be chosen: always in the sandbox, else unless the account lacks them."""
        account = self.slot.account
        return self.environment is Environment.SANDBOX or account is None or account.is_entitled is not False

    @property
    def has_lost_advanced(self) -> bool:
        """Whether advanced payments were chosen that cannot be had any more, so that somebody has to choose again."""
        return self.merchant.experience == ADVANCED and not self.is_entitled and not self.merchant.is_completed

    @cached_property
    def row(self) -> statuses.Row:
        """What the status means."""
        return statuses.row(self.merchant.status)

    @property
    def label(self) -> str:
        """The status in the words of the page."""
        return str(self.row.labels[self.environment])

    @property
    def submit(self) -> str:
        """What the button says that helps; empty without one."""
        return str(self.row.submits[self.environment]) if self.row.submits else ""

    @property
    def failed(self) -> Cause | None:
        """Why the last attempt to read it had no result."""
        return Cause(self.merchant.failed_code) if self.merchant.failed_code else None

    @property
    def is_due(self) -> bool:
        """Whether a page asks about it again by itself."""
        return self.is_possible and self.merchant.is_due(self.slot.now)


def load(stored: Connection) -> dict[Environment, Stage]:
    """Return how far each environment is, in one query."""
    return stages(stored, rows(Merchant))


def stages(stored: Connection, merchants: Iterable[Merchant]) -> dict[Environment, Stage]:
    """Return how far each environment is, with those of `merchants` that belong to the chosen data space."""
    here = {row.environment: row for row in merchants if row.data_space_id == stored.data_space_id}
    return {
        environment: Stage(slot, here.get(environment) or Merchant(environment=environment), stored.data_space_id)
        for environment, slot in stored.slots.items()
    }


def read(
    stored: Connection, wanted: Iterable[Stage], deadline: Deadline | None = None
) -> dict[Environment, Onboarding | Cause]:
    """Ask the gateways about `wanted` now, store what they say, and return it by environment: the cause of a failure.

    An environment that somebody is asking about at this moment, or verifying, is left out: a request that waits holds a
    thread of the server, and no more of them than the verifications may wait.
    """
    deadline = deadline or Deadline()
    turns = dict[Environment, tuple[Stage, datetime]]()
    for stage in wanted:
        if stage.is_possible and (until := Turn.objects.begin(stage.environment, stored.now)):
            turns[stage.environment] = (stage, until)
    if not turns:
        return {}
    try:
        with ThreadPoolExecutor(max_workers=len(Environment)) as threads:
            asked = {place: threads.submit(_ask, stored, stage, deadline) for place, (stage, _until) in turns.items()}
        found = {place: answer.result() for place, answer in asked.items()}
        with transaction.atomic():
            _store([turns[place][0] for place in found], found)
    finally:
        for environment, (_stage, until) in turns.items():
            Turn.objects.end(environment, until)
    return found


def _ask(stored: Connection, stage: Stage, deadline: Deadline) -> Onboarding | Cause:
    try:
        return gateway.read(_client(stored, stage.slot, deadline), stage.data_space_id, stage.merchant.merchant_id)
    except GatewayError as error:
        return examine.cause_of(error, timezone.now())


def _store(asked: Iterable[Stage], found: Mapping[Environment, Onboarding | Cause]) -> None:
    """Store what was `found`, unless somebody began or reset onboarding meanwhile: it may be from before that."""
    for stage in asked:
        known, answer = stage.merchant, found[stage.environment]
        here = Merchant.objects.filter(data_space_id=stage.data_space_id, environment=stage.environment)
        row = here.select_for_update().first() or Merchant()
        if (row.pk, row.checked_at) != (known.pk, known.checked_at):
            continue
        if isinstance(answer, Onboarding):
            Merchant.objects.record(stage.data_space_id, stage.environment, answer, timezone.now())
        else:
            Merchant.objects.fail(stage.data_space_id, stage.environment, answer, timezone.now())


def refresh(stored: Connection, deadline: Deadline, returned: str = "") -> bool:
    """Read the environments that are due and the one that somebody just came back from. Return whether any was read."""
    due = [stage for stage in load(stored).values() if stage.is_due or stage.environment == returned]
    # Nobody asked for it: the page did.
    with acting_for(None):
        return bool(read(stored, due, deadline))


def begin(stored: Connection, stage: Stage, country: str, experience: str, return_url: str) -> str:
    """Begin onboarding, or go on with it, and return the address of PayPal's page.

    Raises RefusedError where the gateway or the account does not allow it, or the gateway does not do as asked;
    StaleRevisionError where somebody changes the configuration, or has changed it.
    """
    entry = Entry(Action.ONBOARDING_BEGUN, stage.environment, stage.merchant.status)
    with refusals_of(entry), changing(stored.instance, stored.now):
        if not stage.is_offered:
            text = _("Nothing was begun: this gateway does not onboard merchants. Do it in the Admin of your store.")
            raise RefusedError(Refusal.NOT_OFFERED, text)
        if experience == ADVANCED and not stage.is_entitled:
            raise RefusedError(Refusal.NOT_ENTITLED, _not_entitled(stage))
        client = _client(stored, stage.slot, Deadline())
        try:
            found, address = gateway.begin(client, stage.data_space_id, return_url, country, experience)
        except GatewayError as error:
            if error.detail == Refusal.NOT_ENTITLED:
                raise RefusedError(Refusal.NOT_ENTITLED, _not_entitled(stage)) from error
            raise _failed(error, _("Nothing was begun: %(cause)s. Try again in a minute.")) from error
        with transaction.atomic(durable=True):
            Merchant.objects.record(stored.data_space_id, stage.environment, found, timezone.now())
            entry.record()
    return address


def reset(stored: Connection, merchant: Merchant) -> None:
    """Let Commerce Services forget `merchant`, here and there.

    Raises RefusedError where the gateway does not do it; StaleRevisionError as `begin` does.
    """
    slot = stored.slots[Environment(merchant.environment)]
    before = facts(id=merchant.merchant_id, status=merchant.status)
    entry = Entry(Action.MERCHANT_RESET, merchant.environment, before)
    with refusals_of(entry), changing(stored.instance, stored.now):
        client = _client(stored, slot, Deadline())
        try:
            gateway.reset(client, merchant.data_space_id, merchant.merchant_id)
        except GatewayError as error:
            # Somebody reset it before.
            if error.reason != Reason.NOT_FOUND:
                raise _failed(error, _("Nothing was reset: %(cause)s. Try again in a minute.")) from error
        with transaction.atomic(durable=True):
            # Another one took its place where somebody onboarded again meanwhile.
            if Merchant.objects.filter(pk=merchant.pk, merchant_id=merchant.merchant_id).delete()[0]:
                entry.record()


def _client(stored: Connection, slot: Slot, deadline: Deadline) -> Client:
    if slot.credentials is None:
        raise PairMissingError
    return connect(slot.environment, slot.credentials, deadline, stored.identity)


def _failed(error: GatewayError, text: str) -> RefusedError:
    cause = examine.cause_of(error, timezone.now())
    return RefusedError(cause, text % {"cause": cause.label})


def _not_entitled(stage: Stage) -> str:
    text = _(
        "Nothing was begun: %(organization)s is not entitled to advanced live payments. Choose Standard, or have the "
        "license owner add the entitlement first."
    )
    return text % {"organization": stage.slot.account.organization_name if stage.slot.account else _("The account")}
