"""Turns what the gateway says of a key pair into one `Cause`. Uses no database, so that it can run in threads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from threading import Thread
from types import MappingProxyType

from django.utils import timezone

from connector.environment import Environment
from connector.errors import GatewayError, Reason
from connector.gateway.client import Client, Credentials, DataSpace, Deadline, Identity, Listed, connect
from connector.verification.causes import Cause, Kind

MAX_CLOCK_SKEW = timedelta(minutes=4)
# How long after an unknown answer pages ask again by themselves.
RETRY = timedelta(seconds=60)
# The longest pause that counts, unless it was for too many requests.
MAX_PAUSE_S = 300

PAYMENT_FEATURES: Mapping[Environment, tuple[str, ...]] = {
    Environment.SANDBOX: ("Commerce Payments Sandbox",),
    Environment.PRODUCTION: ("Commerce Payments", "Commerce Payments Production"),
}

# Whatever is not listed is an answer that cannot be used.
_CAUSES_BY_REASON: Mapping[Reason, Cause] = {
    Reason.UNREACHABLE: Cause.UNREACHABLE,
    Reason.TIMEOUT: Cause.TIMEOUT,
    Reason.TLS_FAILED: Cause.TLS_FAILED,
    Reason.RATE_LIMITED: Cause.RATE_LIMITED,
    Reason.JWT_INVALID: Cause.PAIR_MISMATCH,
    Reason.CLIENT_ID_INVALID: Cause.API_KEY_UNKNOWN,
    Reason.API_KEY_INVALID: Cause.API_KEY_UNKNOWN,
}
# The details that may refine each of the two refusals; the real gateway sends none.
_CAUSES_BY_DETAIL: Mapping[Reason, frozenset[Cause]] = {
    Reason.JWT_INVALID: frozenset({Cause.CLOCK_SKEW, Cause.PAIR_MISMATCH}),
    Reason.CLIENT_ID_INVALID: frozenset({Cause.WRONG_ENVIRONMENT, Cause.KEY_REVOKED, Cause.API_KEY_UNKNOWN}),
}


@dataclass(frozen=True)
class Account:
    """The Commerce account that a pair belongs to; `is_entitled` to payments is None where it is not known."""

    mage_id: str
    organization_name: str
    is_entitled: bool | None


@dataclass(frozen=True)
class Finding:
    """What was found of one environment's pair; a `cause` of None means that it is verified.

    `status` is the gateway's, None without an answer; `retry_after_s` is in seconds; `left_out` counts the data spaces
    that cannot be listed; `lacks_data_space` tells that a data space is chosen and the account has no such; `features`
    are those of the chosen one, None where they were not told.
    """

    environment: Environment
    cause: Cause | None
    host: str
    checked_at: datetime
    status: int | None = None
    request_id: str = ""
    retry_after_s: int | None = None
    data_spaces: tuple[DataSpace, ...] = ()
    left_out: int = 0
    lacks_data_space: bool = False
    features: tuple[str, ...] | None = None
    onboarding_status: str = ""

    @property
    def is_verified(self) -> bool:
        """Whether the gateway accepts the pair and nothing else is wrong with it."""
        return self.cause is None

    @property
    def kind(self) -> Kind | None:
        """The cause's kind, None when there is no cause."""
        return self.cause.kind if self.cause else None

    @property
    def is_pair_accepted(self) -> bool:
        """Whether the gateway accepts the pair, so that its account was read, whatever else is wrong."""
        return self.cause is None or self.cause.is_of_working_pair

    @property
    def explanation(self) -> str:
        """What was found, in a merchant's words; empty when nothing is wrong."""
        if self.cause is None:
            return ""
        mage_id = self.account.mage_id if self.account else ""
        return self.cause.explain(self.environment, self.host, mage_id, status=self.status, request_id=self.request_id)

    @property
    def next_step(self) -> str:
        """What to do now, as one sentence; empty when nothing is wrong."""
        pause = timedelta(seconds=self.retry_after_s or 0)
        return self.cause.advise(self.checked_at + max(RETRY, pause)) if self.cause else ""

    @property
    def account(self) -> Account | None:
        """The account that its data spaces name; None when none does."""
        space = next((one for one in self.data_spaces if one.mage_id), None)
        if space is None:
            return None
        entitled = None if self.features is None else is_entitled(self.environment, self.features)
        return Account(space.mage_id, space.organization_name or space.mage_id, entitled)


def is_entitled(environment: Environment, features: tuple[str, ...]) -> bool:
    """Tell whether `features` of a data space include Payment Services for `environment`."""
    return not set(PAYMENT_FEATURES[environment]).isdisjoint(features)


def verify(
    pairs: Mapping[Environment, Credentials],
    *,
    data_space_id: str = "",
    accounts: Mapping[Environment, Account] = MappingProxyType({}),
    identity: Identity | None = None,
    deadline_s: float = 9.0,
    now: Callable[[], datetime] = timezone.now,
) -> dict[Environment, Finding]:
    """Ask the gateways about `pairs`, all at the same time, and return what was found within `deadline_s` seconds.

    `accounts` are those of environments whose pair is known to work and is not asked about now. `identity` is the
    instance that asks; where it does not work in the data space `data_space_id` yet, it only looks at that.
    """
    deadline = Deadline(deadline_s)
    checks = [
        _Check(
            connect(environment, credentials, deadline, identity),
            connect(environment.other, credentials, deadline, identity),
            environment,
            data_space_id,
            now,
        )
        for environment, credentials in pairs.items()
    ]
    for check in checks:
        check.start()
    for check in checks:
        check.join(deadline.remaining_s())
    findings = {check.environment: check.result() for check in checks}
    # In one order whatever was asked for: whoever keeps them locks the pairs in that order.
    return {
        one: _compared(findings[one], _working_account(one.other, findings, accounts))
        for one in Environment
        if one in findings
    }


class _Check(Thread):
    """Examines one pair; `finding` is what is known of it at any moment, so that a deadline can cut it off."""

    def __init__(
        self,
        client: Client,
        other_client: Client,
        environment: Environment,
        data_space_id: str,
        now: Callable[[], datetime],
    ) -> None:
        super().__init__(daemon=True)
        self.environment = environment
        self._client = client
        self._other_client = other_client
        self._data_space_id = data_space_id
        self._now = now
        self._finding = Finding(environment, Cause.TIMEOUT, self._client.host, now())
        self._bug: Exception | None = None

    def run(self) -> None:
        """Examine the pair. What is not the gateway's doing is raised by `result`, in the thread that asks."""
        try:
            self._examine()
        except Exception as exc:  # noqa: BLE001  (raised again by `result`)
            self._bug = exc

    def result(self) -> Finding:
        """Return what is known by now."""
        if self._bug:
            raise self._bug
        return self._finding

    def _examine(self) -> None:
        try:
            self._client.ping()
        except GatewayError as error:
            self._fail(error, _cause_of_refusal(error, self._now()))
            return
        try:
            listed = self._data_spaces()
            chosen = self._data_space() if self._data_space_id else None
        except GatewayError as error:
            self._fail(error, cause_of(error, self._now()))
            return
        data_spaces = listed.spaces
        is_there = _is_own(chosen, data_spaces) or any(space.id == self._data_space_id for space in data_spaces)
        self._finding = replace(
            self._finding,
            cause=None,
            checked_at=self._now(),
            data_spaces=data_spaces,
            left_out=listed.left_out,
            lacks_data_space=bool(self._data_space_id) and not is_there,
            features=chosen.features if chosen and is_there else None,
        )
        if is_there:
            self._finding = replace(self._finding, onboarding_status=self._onboarding_status())

    def _data_spaces(self) -> Listed:
        try:
            return self._client.data_spaces()
        except GatewayError as error:
            if error.reason == Reason.NOT_FOUND:
                # A new account has no project, and the registry no entry for it.
                return Listed()
            raise

    def _data_space(self) -> DataSpace | None:
        try:
            return self._client.data_space(self._data_space_id)
        except GatewayError as error:
            if error.reason == Reason.NOT_FOUND:
                return None
            raise

    def _onboarding_status(self) -> str:
        try:
            return self._client.onboarding_status(self._data_space_id)
        except GatewayError:
            # The pair is verified already; how far onboarding has come is asked again next time.
            return ""

    def _fail(self, error: GatewayError, cause: Cause) -> None:
        self._finding = replace(
            self._finding,
            cause=cause,
            checked_at=self._now(),
            status=error.status,
            request_id=error.request_id,
            retry_after_s=_pause_s(error, cause),
        )
        # The refusal is kept already, should the deadline end the probe.
        is_unexplained = (
            error.reason == Reason.CLIENT_ID_INVALID and error.detail not in _CAUSES_BY_DETAIL[error.reason]
        )
        if is_unexplained and self._is_accepted_by_other():
            self._finding = replace(self._finding, cause=Cause.WRONG_ENVIRONMENT)

    def _is_accepted_by_other(self) -> bool:
        try:
            self._other_client.ping()
        except GatewayError:
            return False
        return True


def _is_own(space: DataSpace | None, listed: tuple[DataSpace, ...]) -> bool:
    """Tell whether `space`, which the list of the account may not have yet, is one of that account."""
    others = {one.mage_id for one in listed} - {""}
    return space is not None and (not space.mage_id or others <= {space.mage_id})


def cause_of(error: GatewayError, now: datetime) -> Cause:
    """Return the cause that a failed call stands for; `now` is compared with the answer's `Date`."""
    is_refused_token = error.reason == Reason.JWT_INVALID
    if is_refused_token and error.server_date and abs(error.server_date - now) > MAX_CLOCK_SKEW:
        return Cause.CLOCK_SKEW
    if error.detail in _CAUSES_BY_DETAIL.get(error.reason, frozenset()):
        return Cause(error.detail)
    return _CAUSES_BY_REASON.get(error.reason, Cause.GATEWAY_ERROR)


def _cause_of_refusal(error: GatewayError, now: datetime) -> Cause:
    """Return the cause of a failed ping, which asks about nothing but the keys."""
    is_refusal = error.reason == Reason.REFUSED and error.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
    return Cause.REFUSED if is_refusal else cause_of(error, now)


def _pause_s(error: GatewayError, cause: Cause) -> int | None:
    """Return how many seconds the gateway wants to be left alone; one with a problem may recover sooner."""
    if error.retry_after_s is None or cause is Cause.RATE_LIMITED:
        return error.retry_after_s
    return min(error.retry_after_s, MAX_PAUSE_S)


def _working_account(
    environment: Environment, findings: Mapping[Environment, Finding], accounts: Mapping[Environment, Account]
) -> Account | None:
    """Return the account of the pair of `environment` if that pair works, as far as is known."""
    finding = findings.get(environment)
    if finding is None or finding.kind is Kind.UNKNOWN:
        return accounts.get(environment)
    return finding.account if finding.is_verified else None


def _compared(finding: Finding, other: Account | None) -> Finding:
    """Return `finding` with what a working pair can still lack: the other's account, the data space."""
    if not finding.is_verified:
        return finding
    if finding.account and other and _is_wrong_account(finding.account, other):
        return replace(finding, cause=Cause.ACCOUNT_MISMATCH)
    if finding.lacks_data_space:
        return replace(finding, cause=Cause.DATA_SPACE_UNKNOWN)
    return finding


def _is_wrong_account(account: Account, other: Account) -> bool:
    # Of two accounts the one that is known to be entitled to payments is right, unless the other one is as well.
    is_the_entitled_one = account.is_entitled and not other.is_entitled
    return account.mage_id != other.mage_id and not is_the_entitled_one
