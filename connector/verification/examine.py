"""Asks the gateways about key pairs: what is found, and why. Uses no database, so that it can run in threads."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from http import HTTPStatus
from types import MappingProxyType

from django.utils import timezone

from connector.environment import Environment
from connector.errors import GatewayError, Reason
from connector.gateway.client import Client, Credentials, DataSpace, Deadline, Identity, Listed, connect
from connector.verification.advice import Advice
from connector.verification.causes import Cause, Kind
from connector.verification.features import is_entitled

# How long after an unknown answer pages ask again by themselves.
RETRY = timedelta(seconds=60)
# The longest pause that counts, unless the gateway had too many requests.
MAX_PAUSE_S = 300
MAX_CLOCK_SKEW = timedelta(minutes=4)

# Any other reason is an answer that cannot be used.
_CAUSES_BY_REASON: Mapping[Reason, Cause] = {
    Reason.UNREACHABLE: Cause.UNREACHABLE,
    Reason.TIMEOUT: Cause.TIMEOUT,
    Reason.TLS_FAILED: Cause.TLS_FAILED,
    Reason.RATE_LIMITED: Cause.RATE_LIMITED,
    Reason.JWT_INVALID: Cause.PAIR_MISMATCH,
    Reason.CLIENT_ID_INVALID: Cause.API_KEY_UNKNOWN,
    Reason.API_KEY_INVALID: Cause.API_KEY_UNKNOWN,
}
# The causes that our stand-in may name in `detail`. The real gateway sends no detail.
_CAUSES_BY_DETAIL: Mapping[Reason, frozenset[Cause]] = {
    Reason.JWT_INVALID: frozenset({Cause.CLOCK_SKEW, Cause.PAIR_MISMATCH}),
    Reason.CLIENT_ID_INVALID: frozenset({Cause.WRONG_ENVIRONMENT, Cause.KEY_REVOKED, Cause.API_KEY_UNKNOWN}),
}


@dataclass(frozen=True)
class Account:
    """The Commerce account that a pair belongs to. `is_entitled` is None while its entitlement is not known."""

    mage_id: str
    organization_name: str
    is_entitled: bool | None


@dataclass(frozen=True)
class Finding:
    """The result for the pair of one environment. A `cause` of None means that the pair is verified.

    `status` is the HTTP status of the failed call, None without a response. `retry_after_s` is in seconds. `left_out`
    counts the data spaces that cannot be listed. `features` are those of the chosen data space, None where they were
    not read.
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
    features: tuple[str, ...] | None = None
    onboarding_status: str = ""

    @property
    def is_verified(self) -> bool:
        """Whether the gateway accepts the pair and nothing else is wrong with it."""
        return self.cause is None

    @property
    def kind(self) -> Kind | None:
        return self.cause.kind if self.cause else None

    @property
    def again_at(self) -> datetime:
        """When pages ask again by themselves, if the answer is unknown."""
        return self.checked_at + max(RETRY, timedelta(seconds=self.retry_after_s or 0))

    @property
    def advice(self) -> Advice | None:
        """What to say about the cause; None when nothing is wrong."""
        if self.cause is None:
            return None
        return Advice(
            cause=self.cause,
            environment=self.environment,
            host=self.host,
            mage_id=self.account.mage_id if self.account else "",
            status=self.status,
            request_id=self.request_id,
            again_at=self.again_at,
        )

    @property
    def explanation(self) -> str:
        """What was found, in a merchant's words; empty when nothing is wrong."""
        return self.advice.explanation if self.advice else ""

    @cached_property
    def account(self) -> Account | None:
        """The account that its data spaces name; None when none does."""
        space = next((space for space in self.data_spaces if space.mage_id), None)
        if space is None:
            return None
        entitled = None if self.features is None else is_entitled(self.environment, self.features)
        return Account(space.mage_id, space.organization_name or space.mage_id, entitled)


def verify(
    pairs: Mapping[Environment, Credentials],
    *,
    data_space_id: str = "",
    accounts: Mapping[Environment, Account] = MappingProxyType({}),
    identity: Identity | None = None,
    deadline: Deadline | None = None,
    now: Callable[[], datetime] = timezone.now,
) -> dict[Environment, Finding]:
    """Ask the gateways about `pairs`, all at the same time, and return what was found by `deadline`.

    `accounts` are those of environments whose pair is known to work and is not asked about now. `identity` is the
    instance that asks; where it does not work in the data space `data_space_id` yet, it only looks at that.
    """
    deadline = deadline or Deadline()

    def ask(environment: Environment) -> Finding:
        here = connect(environment, pairs[environment], deadline, identity)
        elsewhere = connect(environment.other, pairs[environment], deadline, identity)
        return examine(environment, here, elsewhere, data_space_id, now)

    # Always in this order: the caller locks the pairs in the order of the findings.
    asked = [environment for environment in Environment if environment in pairs]
    with ThreadPoolExecutor(max_workers=len(Environment)) as threads:
        findings = dict(zip(asked, threads.map(ask, asked), strict=True))
    # A pair without an answer still has the account that it had.
    known: dict[Environment, Account | None] = dict(accounts)
    known |= {found.environment: found.account for found in findings.values() if found.kind is not Kind.UNKNOWN}
    for environment, finding in findings.items():
        own, other = finding.account, known.get(environment.other)
        # If only one account is entitled to payments, that is the right one.
        if own and other and own.mage_id != other.mage_id and (other.is_entitled or not own.is_entitled):
            findings[environment] = replace(finding, cause=Cause.ACCOUNT_MISMATCH)
    return findings


def examine(
    environment: Environment, here: Client, elsewhere: Client, data_space_id: str, now: Callable[[], datetime]
) -> Finding:
    """Ask the gateway `here` about the pair of `environment`, and the gateway `elsewhere` if `here` does not know it.

    Every call ends by the clients' deadline, so this does too. A call that is cut off costs only what it asked for.
    """
    is_accepted = False
    try:
        here.ping()
        is_accepted = True
        return _read_account(environment, here, data_space_id, now)
    except GatewayError as error:
        failed = error
    cause, pause_s = cause_of(failed, now(), is_of_ping=not is_accepted), failed.retry_after_s
    if failed.reason == Reason.CLIENT_ID_INVALID and not _has_detail(failed):
        with suppress(GatewayError):
            elsewhere.ping()
            cause = Cause.WRONG_ENVIRONMENT
    # A gateway that has a problem may recover sooner than it says.
    if pause_s is not None and cause is not Cause.RATE_LIMITED:
        pause_s = min(pause_s, MAX_PAUSE_S)
    return Finding(
        environment, cause, here.host, now(), status=failed.status, request_id=failed.request_id, retry_after_s=pause_s
    )


def _read_account(environment: Environment, client: Client, data_space_id: str, now: Callable[[], datetime]) -> Finding:
    """Return the finding for a pair that the gateway accepts. Raises GatewayError."""
    listed, chosen = Listed(), None
    # A new account has no project, and the registry no entry for it.
    with _allow_not_found():
        listed = client.data_spaces()
    if data_space_id:
        with _allow_not_found():
            chosen = client.data_space(data_space_id)
    # The list of the account may not have its newest data space yet.
    others = {space.mage_id for space in listed.spaces} - {""}
    is_own = chosen is not None and (not chosen.mage_id or others <= {chosen.mage_id})
    is_there = is_own or any(space.id == data_space_id for space in listed.spaces)
    onboarding_status = ""
    if is_there:
        # Without it the pair is verified all the same, and the next verification asks again.
        with suppress(GatewayError):
            onboarding_status = client.onboarding_status(data_space_id)
    return Finding(
        environment,
        Cause.DATA_SPACE_UNKNOWN if data_space_id and not is_there else None,
        client.host,
        now(),
        data_spaces=listed.spaces,
        left_out=listed.left_out,
        features=chosen.features if chosen and is_there else None,
        onboarding_status=onboarding_status,
    )


@contextmanager
def _allow_not_found() -> Iterator[None]:
    try:
        yield
    except GatewayError as error:
        if error.reason != Reason.NOT_FOUND:
            raise


def cause_of(error: GatewayError, now: datetime, *, is_of_ping: bool = False) -> Cause:
    """Return the cause of a failed call; `now` is compared with the `Date` of the response.

    A ping asks about the keys only, so any refusal is about them.
    """
    if (
        is_of_ping
        and error.reason == Reason.REFUSED
        and error.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
    ):
        return Cause.REFUSED
    is_refused_token = error.reason == Reason.JWT_INVALID
    if is_refused_token and error.server_date and abs(error.server_date - now) > MAX_CLOCK_SKEW:
        return Cause.CLOCK_SKEW
    if _has_detail(error):
        return Cause(error.detail)
    return _CAUSES_BY_REASON.get(error.reason, Cause.GATEWAY_ERROR)


def _has_detail(error: GatewayError) -> bool:
    """Return whether the response names the cause itself."""
    return error.detail in _CAUSES_BY_DETAIL.get(error.reason, frozenset())
