"""Which cause a failed call to the gateway means."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from http import HTTPStatus

from connector.errors import GatewayError, Reason
from connector.verification.causes import Cause

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


def cause_of(error: GatewayError, now: datetime) -> Cause:
    """Return the cause of a failed call; `now` is compared with the `Date` of the response."""
    is_refused_token = error.reason == Reason.JWT_INVALID
    if is_refused_token and error.server_date and abs(error.server_date - now) > MAX_CLOCK_SKEW:
        return Cause.CLOCK_SKEW
    if has_detail(error):
        return Cause(error.detail)
    return _CAUSES_BY_REASON.get(error.reason, Cause.GATEWAY_ERROR)


def cause_of_failed_ping(error: GatewayError, now: datetime) -> Cause:
    """Return the cause of a failed ping. A ping asks about the keys only, so any refusal is about them."""
    if error.reason == Reason.REFUSED and error.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return Cause.REFUSED
    return cause_of(error, now)


def has_detail(error: GatewayError) -> bool:
    """Return whether the response names the cause itself."""
    return error.detail in _CAUSES_BY_DETAIL.get(error.reason, frozenset())
