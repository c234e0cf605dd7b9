"""Asks the gateways about key pairs, and turns their answers into findings. No database, so it can run in threads.

A finding is a `Verification` that is not stored yet.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from contextvars import copy_context
from datetime import datetime, timedelta
from http import HTTPStatus
from types import MappingProxyType

from django.utils import timezone

from backend.frame import events
from connector.action_log import VERIFIED
from connector.environment import Environment
from connector.errors import GatewayError, Reason
from connector.gateway.client import Client, Credentials, Deadline, Identity, Listed, connect
from connector.models.verifications import Account, Verification
from connector.verification.causes import Cause
from connector.verification.row import Kind

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


def verify(
    pairs: Mapping[Environment, Credentials],
    *,
    data_space_id: str = "",
    accounts: Mapping[Environment, Account] = MappingProxyType({}),
    identity: Identity | None = None,
    deadline: Deadline | None = None,
    now: Callable[[], datetime] = timezone.now,
) -> dict[Environment, Verification]:
    """Ask the gateways about `pairs`, all at the same time, and return what was found by `deadline`.

    `accounts` are those of environments whose pair is known to work and is not asked about now. `identity` is the
    instance that asks; where it does not work in the data space `data_space_id` yet, it only looks at that.
    """
    deadline = deadline or Deadline()

    def ask(environment: Environment) -> Verification:
        here = connect(environment, pairs[environment], deadline, identity)
        elsewhere = connect(environment.other, pairs[environment], deadline, identity)
        return examine(here, elsewhere, data_space_id, now)

    threads = ThreadPoolExecutor(max_workers=len(Environment))
    try:
        # Always in this order: the caller locks the pairs in the order of the findings. The id of the request goes with
        # each call, and a thread starts without it.
        jobs = {name: threads.submit(copy_context().run, ask, name) for name in Environment if name in pairs}
        findings = {environment: job.result() for environment, job in jobs.items()}
    finally:
        threads.shutdown(wait=False)  # Somebody who interrupts a command does not wait for the answers.
    _compare_accounts(findings, accounts)
    for environment, found in findings.items():
        events.note("verification", environment=environment, cause=found.code or VERIFIED)
    return findings


def _compare_accounts(findings: Mapping[Environment, Verification], accounts: Mapping[Environment, Account]) -> None:
    """Mark a pair that works but belongs to another account than the one of the other environment."""
    # A pair without an answer still has the account that it had.
    known: dict[Environment, Account | None] = dict(accounts)
    answers = {environment: found for environment, found in findings.items() if found.kind is not Kind.UNKNOWN}
    known |= {environment: found.account(environment) for environment, found in answers.items()}
    for environment, found in findings.items():
        own, other = found.account(environment), known.get(environment.other)
        # If only one account is entitled to payments, that is the right one.
        if own and other and own.mage_id != other.mage_id and (other.is_entitled or not own.is_entitled):
            found.code = Cause.ACCOUNT_MISMATCH


def examine(here: Client, elsewhere: Client, data_space_id: str, now: Callable[[], datetime]) -> Verification:
    """Ask the gateway `here` about its pair, and the gateway `elsewhere` if `here` does not know it.

    Every call ends by the clients' deadline, so this does too. A call that is cut off costs only what it asked for.
    """
    abilities: frozenset[str] | None = None
    try:
        abilities = here.ping()
        return _read_account(here, data_space_id, abilities, now)
    except GatewayError as error:
        failed = error
    cause = cause_of(failed, now(), is_of_ping=abilities is None)
    if failed.reason == Reason.CLIENT_ID_INVALID and not _has_detail(failed):
        with suppress(GatewayError):
            elsewhere.ping()
            cause = Cause.WRONG_ENVIRONMENT
    return Verification(
        code=cause,
        host=here.host,
        checked_at=now(),
        http_status=failed.status,
        request_id=failed.request_id[:64],
        retry_after_s=pause_s_of(failed, cause),
    )


def _read_account(
    client: Client, data_space_id: str, abilities: frozenset[str], now: Callable[[], datetime]
) -> Verification:
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
    owner = next((space for space in listed.spaces if space.mage_id), None)
    return Verification(
        code=Cause.DATA_SPACE_UNKNOWN if data_space_id and not is_there else "",
        host=client.host,
        checked_at=now(),
        mage_id=owner.mage_id if owner else "",
        organization_name=(owner.organization_name or owner.mage_id) if owner else "",
        data_spaces=[space.to_json() for space in listed.spaces],
        left_out=listed.left_out,
        features=list(chosen.features) if chosen and chosen.features is not None and is_there else None,
        offers_onboarding="onboarding" in abilities,
        offers_reports="reports" in abilities,
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


def pause_s_of(error: GatewayError, cause: Cause) -> int | None:
    """Return for how many seconds not to ask again after a failed call; None if the gateway did not say."""
    if error.retry_after_s is None or cause is Cause.RATE_LIMITED:
        return error.retry_after_s
    # A gateway that has a problem may recover sooner than it says.
    return min(error.retry_after_s, MAX_PAUSE_S)


def _has_detail(error: GatewayError) -> bool:
    """Return whether the response names the cause itself."""
    return error.detail in _CAUSES_BY_DETAIL.get(error.reason, frozenset())
