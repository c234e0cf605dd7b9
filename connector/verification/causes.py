"""Why a connection does not work: one enumeration for pages, dialogs, commands and logs.

The order is that of the table of causes: where several apply, the first one wins.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus

from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from connector.environment import Environment


class Kind(models.TextChoices):
    """What a cause says about the account: only *rejected* is a fact about it, and is stored."""

    LOCAL = "local", _("On this server")
    INPUT = "input", _("In what was entered")
    UNKNOWN = "unknown", _("Not known at the moment")
    REJECTED = "rejected", _("Not accepted by Commerce Services")


class Action(StrEnum):
    """The button that helps; pages decide what it looks like and where it leads."""

    RESTORE_KEY = "restore_key"
    RESTORE_PAIR = "restore_pair"
    OPEN_PORTAL = "open_portal"
    ENTER_KEYS = "enter_keys"
    CHECK_NETWORK = "check_network"
    WAIT = "wait"
    RETRY = "retry"
    SET_CLOCK = "set_clock"
    MOVE_PAIR = "move_pair"
    CHOOSE_DATA_SPACE = "choose_data_space"


class Cause(models.TextChoices):
    """The one reason that is shown; the label is its short title."""

    UNDECRYPTABLE = "undecryptable", _("The stored keys cannot be opened")
    KEYS_MISSING = "keys_missing", _("Keys are missing")
    PRIVATE_KEY_MALFORMED = "private_key_malformed", _("The private key cannot be used")
    UNREACHABLE = "unreachable", _("Commerce Services cannot be reached")
    TIMEOUT = "timeout", _("Commerce Services did not answer in time")
    TLS_FAILED = "tls_failed", _("No secure connection")
    RATE_LIMITED = "rate_limited", _("Too many requests")
    GATEWAY_ERROR = "gateway_error", _("No usable answer from Commerce Services")
    CLOCK_SKEW = "clock_skew", _("This server's clock is wrong")
    WRONG_ENVIRONMENT = "wrong_environment", _("The keys belong to the other environment")
    KEY_REVOKED = "key_revoked", _("The API key was deleted")
    API_KEY_UNKNOWN = "api_key_unknown", _("The API key is not known")
    PAIR_MISMATCH = "pair_mismatch", _("The two keys do not belong together")
    REFUSED = "refused", _("The keys were refused without a reason")
    ACCOUNT_MISMATCH = "account_mismatch", _("The keys belong to two accounts")
    DATA_SPACE_UNKNOWN = "data_space_unknown", _("The data space is not in this account")

    @property
    def kind(self) -> Kind:
        """What sort of cause this is."""
        return _KINDS[self]

    @property
    def explanation(self) -> Promise:
        """What was found and why, with places for names: see `explain`."""
        return _EXPLANATIONS[self]

    @property
    def next_step(self) -> Promise:
        """The one thing to do now, as a sentence of its own."""
        return _NEXT_STEPS[self]

    @property
    def action(self) -> Action:
        """The button to offer for the next step."""
        return _ACTIONS[self]

    @property
    def is_of_working_pair(self) -> bool:
        """Whether the gateway accepts the pair all the same, so that its account is known."""
        return self in _CAUSES_OF_WORKING_PAIRS

    def advise(self, again_at: datetime | None) -> str:
        """Return the next step. The check repeats by itself from `again_at` on; None means now."""
        if again_at is None or self not in _NEXT_STEPS_BY_TIME:
            return str(self.next_step)
        return str(_NEXT_STEPS_BY_TIME[self]) % {"time": clock_time(again_at)}

    def explain(
        self, environment: Environment, host: str, mage_id: str = "", *, status: int | None = None, request_id: str = ""
    ) -> str:
        """Return the explanation for the pair of `environment`, whose gateway is at `host`.

        `mage_id` is the account of that pair, `status` and `request_id` belong to the answer. Omit what is not known.
        """
        is_refusal = status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
        text = _REFUSED_SOMEWHERE if self is Cause.GATEWAY_ERROR and is_refusal else self.explanation
        return str(text) % {
            "environment": environment.label,
            "other": environment.other.label,
            "host": host,
            "mage_id": f" ({mage_id})" if mage_id else "",
            "answer": _answer(status, request_id),
        }


def clock_time(moment: datetime) -> str:
    """Return `moment` as a time of day, rounded up to the minute so that it is never too early."""
    minute = (moment + timedelta(minutes=1, microseconds=-1)).replace(second=0, microsecond=0)
    return date_format(timezone.localtime(minute), "TIME_FORMAT")


def _answer(status: int | None, request_id: str) -> str:
    """Return status and request id in brackets, by which support finds the answer; empty without a status."""
    if not status:
        return ""
    text = gettext(" (status %(status)s, request id %(request_id)s)") if request_id else gettext(" (status %(status)s)")
    return text % {"status": status, "request_id": request_id}


_CAUSES_OF_WORKING_PAIRS = frozenset({Cause.ACCOUNT_MISMATCH, Cause.DATA_SPACE_UNKNOWN})


_KINDS = {
    Cause.UNDECRYPTABLE: Kind.LOCAL,
    Cause.KEYS_MISSING: Kind.LOCAL,
    Cause.PRIVATE_KEY_MALFORMED: Kind.INPUT,
    Cause.UNREACHABLE: Kind.UNKNOWN,
    Cause.TIMEOUT: Kind.UNKNOWN,
    Cause.TLS_FAILED: Kind.UNKNOWN,
    Cause.RATE_LIMITED: Kind.UNKNOWN,
    Cause.GATEWAY_ERROR: Kind.UNKNOWN,
    Cause.CLOCK_SKEW: Kind.UNKNOWN,
    Cause.WRONG_ENVIRONMENT: Kind.REJECTED,
    Cause.KEY_REVOKED: Kind.REJECTED,
    Cause.API_KEY_UNKNOWN: Kind.REJECTED,
    Cause.PAIR_MISMATCH: Kind.REJECTED,
    Cause.REFUSED: Kind.REJECTED,
    Cause.ACCOUNT_MISMATCH: Kind.REJECTED,
    Cause.DATA_SPACE_UNKNOWN: Kind.REJECTED,
}

_EXPLANATIONS: dict[Cause, Promise] = {
    Cause.UNDECRYPTABLE: _(
        "The %(environment)s keys are stored, but this server no longer has the encryption key they were stored with. "
        "Nothing was lost and nothing was sent to Commerce Services."
    ),
    Cause.KEYS_MISSING: _(
        "The %(environment)s environment needs an API key and its private key, and at least one of them is not set yet."
    ),
    Cause.PRIVATE_KEY_MALFORMED: _(
        "What was entered as the %(environment)s private key is not one that Commerce Services can use. "
        "It was not saved."
    ),
    Cause.UNREACHABLE: _(
        "This server found no way to Commerce Services (%(host)s), so the %(environment)s keys could not be checked. "
        "That says nothing about the keys themselves."
    ),
    Cause.TIMEOUT: _(
        "Commerce Services (%(host)s) took too long to answer, so the %(environment)s keys could not be checked. "
        "That says nothing about the keys themselves."
    ),
    Cause.TLS_FAILED: _(
        "This server could not set up a secure connection to Commerce Services (%(host)s), most often because it does "
        "not trust the certificate it was shown. The %(environment)s keys were not sent."
    ),
    Cause.RATE_LIMITED: _(
        "Commerce Services (%(host)s) has had many requests in a short time and asks for a pause, so the "
        "%(environment)s keys could not be checked. That says nothing about the keys themselves."
    ),
    Cause.GATEWAY_ERROR: _(
        "Commerce Services (%(host)s) gave an answer that cannot be used, so the %(environment)s keys could not be "
        "checked. That says nothing about the keys themselves, and it usually passes by itself."
    ),
    Cause.CLOCK_SKEW: _(
        "The clock of this server and the clock of Commerce Services (%(host)s) are more than four minutes apart. "
        "Requests are signed with the time, so the %(environment)s keys were refused, even if they are right."
    ),
    Cause.WRONG_ENVIRONMENT: _(
        "These keys work, but for %(other)s, and they were entered as %(environment)s keys. "
        "In the API Portal each key pair is made for one environment."
    ),
    Cause.KEY_REVOKED: _(
        "The %(environment)s API key was deleted in the API Portal, so Commerce Services no longer accepts it. "
        "A deleted key cannot be brought back."
    ),
    Cause.API_KEY_UNKNOWN: _(
        "Commerce Services (%(host)s) does not know the %(environment)s API key. It may have been copied incompletely, "
        "or deleted in the API Portal."
    ),
    Cause.PAIR_MISMATCH: _(
        "Commerce Services knows the %(environment)s API key, but the private key beside it belongs to another API key."
    ),
    # %(answer)s brings its own space and brackets, and is empty where neither is known.
    Cause.REFUSED: _(
        "Commerce Services (%(host)s) refused the %(environment)s keys and gave no reason that this Admin "
        "knows%(answer)s."
    ),
    Cause.ACCOUNT_MISMATCH: _(
        "The %(environment)s keys and the %(other)s keys both work, but they belong to accounts with different "
        "MageIDs. Payment Services needs both from the same account."
    ),
    # The place for the MageID has its blank and its brackets with it, and is empty where it is not known.
    Cause.DATA_SPACE_UNKNOWN: _(
        "The %(environment)s keys work, but the chosen data space does not belong to their account%(mage_id)s: either "
        "these are keys of another account, or the data space is gone."
    ),
}

# Replaces the explanation of GATEWAY_ERROR after a refusal, which may well be about the keys.
_REFUSED_SOMEWHERE = _(
    "Commerce Services (%(host)s) refused, or something between this server and Commerce Services refused%(answer)s: "
    "the answer does not say which. So it is not known whether the %(environment)s keys work."
)

_NEXT_STEPS: dict[Cause, Promise] = {
    Cause.UNDECRYPTABLE: _("Ask whoever runs this server to restore the previous encryption key."),
    Cause.KEYS_MISSING: _(
        "Create a key pair in the API Portal, which only the account's license owner can do, then enter both keys."
    ),
    Cause.PRIVATE_KEY_MALFORMED: _("Paste the private key again, complete and as the API Portal gave it."),
    Cause.UNREACHABLE: _("Ask whoever runs your network to allow connections from this server to that host."),
    Cause.TIMEOUT: _("Try again; if it keeps happening, ask whoever runs your network to check the way to that host."),
    Cause.TLS_FAILED: _("Ask whoever runs your network which certificate this server is shown for that host."),
    Cause.RATE_LIMITED: _("Wait, then try again; the check is also repeated by itself."),
    Cause.GATEWAY_ERROR: _("Try again; the check is also repeated by itself."),
    Cause.CLOCK_SKEW: _("Ask whoever runs this server to set its clock, then try again."),
    Cause.WRONG_ENVIRONMENT: _("Move this key pair to the section of the other environment."),
    Cause.KEY_REVOKED: _(
        "Generate a new key pair in the API Portal, which only the account's license owner can do, then enter both "
        "keys in the connector configuration."
    ),
    Cause.API_KEY_UNKNOWN: _(
        "Compare the API key with the one in the API Portal, or have the account's license owner generate a new pair "
        "there."
    ),
    Cause.PAIR_MISMATCH: _(
        "Enter the private key that was made together with this API key, or have the account's license owner generate "
        "a new pair."
    ),
    Cause.REFUSED: _(
        "Compare both halves with the API Portal and enter them again. If they are right, give Commerce Services "
        "support the status and the request id."
    ),
    Cause.ACCOUNT_MISMATCH: _("Enter keys from the account whose MageID has Payment Services, in both environments."),
    Cause.DATA_SPACE_UNKNOWN: _(
        "Choose a data space of this account, or enter keys of the account that owns the chosen one."
    ),
}

# The next steps where the time of the next check is known.
_NEXT_STEPS_BY_TIME: dict[Cause, Promise] = {
    Cause.RATE_LIMITED: _("Wait: the check is repeated by itself from %(time)s on. You may ask once all the same."),
    Cause.GATEWAY_ERROR: _("Try again; the check is also repeated by itself from %(time)s on."),
}

_ACTIONS = {
    Cause.UNDECRYPTABLE: Action.RESTORE_KEY,
    Cause.KEYS_MISSING: Action.ENTER_KEYS,
    Cause.PRIVATE_KEY_MALFORMED: Action.ENTER_KEYS,
    Cause.UNREACHABLE: Action.CHECK_NETWORK,
    Cause.TIMEOUT: Action.CHECK_NETWORK,
    Cause.TLS_FAILED: Action.CHECK_NETWORK,
    Cause.RATE_LIMITED: Action.WAIT,
    Cause.GATEWAY_ERROR: Action.RETRY,
    Cause.CLOCK_SKEW: Action.SET_CLOCK,
    Cause.WRONG_ENVIRONMENT: Action.MOVE_PAIR,
    Cause.KEY_REVOKED: Action.OPEN_PORTAL,
    Cause.API_KEY_UNKNOWN: Action.OPEN_PORTAL,
    Cause.PAIR_MISMATCH: Action.ENTER_KEYS,
    Cause.REFUSED: Action.ENTER_KEYS,
    Cause.ACCOUNT_MISMATCH: Action.ENTER_KEYS,
    Cause.DATA_SPACE_UNKNOWN: Action.CHOOSE_DATA_SPACE,
}
