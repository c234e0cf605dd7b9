"""Asks the gateways about key pairs. Uses no database, so that it can run in threads."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from django.utils import timezone

from connector.environment import Environment
from connector.errors import GatewayError, Reason
from connector.gateway.client import Client, Credentials, Deadline, Identity, Listed, connect
from connector.verification.causes import Cause, Kind
from connector.verification.failed_call import cause_of, cause_of_failed_ping, has_detail
from connector.verification.finding import Account, Finding

# The longest pause that counts, unless the gateway had too many requests.
MAX_PAUSE_S = 300


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
    return {
        environment: _compared(finding, _working_account(environment.other, findings, accounts))
        for environment, finding in findings.items()
    }


def examine(
    environment: Environment, here: Client, elsewhere: Client, data_space_id: str, now: Callable[[], datetime]
) -> Finding:
    """Ask the gateway `here` about the pair of `environment`, and the gateway `elsewhere` if `here` does not know it.

    Every call ends by the clients' deadline, so this does too. A call that is cut off costs only what it asked for.
    """

    def failed(error: GatewayError, cause: Cause) -> Finding:
        if error.reason == Reason.CLIENT_ID_INVALID and not has_detail(error) and _is_accepted(elsewhere):
            cause = Cause.WRONG_ENVIRONMENT
        pause_s = error.retry_after_s
        return Finding(
            environment,
            cause,
            here.host,
            now(),
            status=error.status,
            request_id=error.request_id,
            # A gateway that has a problem may recover sooner than it says.
            retry_after_s=pause_s if pause_s is None or cause is Cause.RATE_LIMITED else min(pause_s, MAX_PAUSE_S),
        )

    try:
        here.ping()
    except GatewayError as error:
        return failed(error, cause_of_failed_ping(error, now()))
    try:
        return _read_account(environment, here, data_space_id, now)
    except GatewayError as error:
        return failed(error, cause_of(error, now()))


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
        None,
        client.host,
        now(),
        data_spaces=listed.spaces,
        left_out=listed.left_out,
        lacks_data_space=bool(data_space_id) and not is_there,
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


def _is_accepted(client: Client) -> bool:
    try:
        client.ping()
    except GatewayError:
        return False
    return True


def _working_account(
    environment: Environment, findings: Mapping[Environment, Finding], accounts: Mapping[Environment, Account]
) -> Account | None:
    """Return the account of the pair of `environment` if that pair works, as far as is known."""
    finding = findings.get(environment)
    if finding is None or finding.kind is Kind.UNKNOWN:
        return accounts.get(environment)
    return finding.account if finding.is_verified else None


def _compared(finding: Finding, other: Account | None) -> Finding:
    """Return `finding` with what a working pair can still lack: the other pair's account, the data space."""
    if not finding.is_verified:
        return finding
    own = finding.account
    # If only one account is entitled to payments, that is the right one.
    if own and other and own.mage_id != other.mage_id and (other.is_entitled or not own.is_entitled):
        return replace(finding, cause=Cause.ACCOUNT_MISMATCH)
    if finding.lacks_data_space:
        return replace(finding, cause=Cause.DATA_SPACE_UNKNOWN)
    return finding
