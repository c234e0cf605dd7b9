"""Why a connection does not work: one row per cause, read by pages, dialogs, the command, the log and the guide.

To add a cause: add its row here, find it (in `examine`, or in the pair itself), and test that it is found. The guide
lists it by itself; `help` names the page of the guide that says more.
"""

from collections.abc import Mapping
from functools import partial

from django.db import models
from django.utils.translation import gettext_lazy as _

from connector.verification.row import Button, Kind, Place, Row, When


class Cause(models.TextChoices):
    """The one reason that is shown. Where several apply, the first one wins."""

    UNDECRYPTABLE = "undecryptable", _("The stored keys cannot be opened")
    KEYS_MISSING = "keys_missing", _("Keys are missing")
    PRIVATE_KEY_MALFORMED = "private_key_malformed", _("The private key cannot be used")
    UNREACHABLE = "unreachable", _("Commerce Services cannot be reached")
    TIMEOUT = "timeout", _("Commerce Services did not answer in time")
    TLS_FAILED = "tls_failed", _("No secure connection")
    RATE_LIMITED = "rate_limited", _("Too many requests")
    GATEWAY_ERROR = "gateway_error", _("No usable answer from Commerce Services")
    CLOCK_SKEW = "clock_skew", _("This server’s clock is wrong")
    WRONG_ENVIRONMENT = "wrong_environment", _("The keys belong to the other environment")
    KEY_REVOKED = "key_revoked", _("The API key was deleted")
    API_KEY_UNKNOWN = "api_key_unknown", _("The API key is not known")
    PAIR_MISMATCH = "pair_mismatch", _("The two keys do not belong together")
    REFUSED = "refused", _("The keys were refused without a reason")
    ACCOUNT_MISMATCH = "account_mismatch", _("The keys belong to two accounts")
    DATA_SPACE_UNKNOWN = "data_space_unknown", _("The data space is not in this account")

    @property
    def row(self) -> Row:
        return ROWS[self]

    @property
    def kind(self) -> Kind:
        return self.row.kind


# Nothing was found out about the keys. No button helps: *Verify now* is beside every pair.
_unknown = partial(Row, kind=Kind.UNKNOWN, if_not_allowed=None, buttons=(), help="not-reached")

ROWS: Mapping[Cause, Row] = {
    Cause.UNDECRYPTABLE: Row(
        headline=_("%(badge)s keys do not work: they cannot be opened on this server"),
        kind=Kind.LOCAL,
        explanation=_(
            "The %(environment)s keys are stored, but this server no longer has the encryption key they were "
            "stored with. Nothing was lost and nothing was sent to Commerce Services."
        ),
        next_step=_("Ask the people who run this server to restore the previous encryption key."),
        if_not_allowed=None,
        buttons=(Button.READ_GUIDE,),
        help="replace-a-key-pair",
    ),
    Cause.KEYS_MISSING: Row(
        headline=_("%(badge)s keys are missing"),
        kind=Kind.LOCAL,
        explanation=_(
            "The %(environment)s environment needs an API key and its private key, and at least one of them is not set."
        ),
        next_step=_(
            "Create a key pair in the API Portal, which only the account’s license owner can do, then enter both keys."
        ),
        if_restorable=_("Restore the former pair, which worked, or enter other keys."),
        cases={
            When.LOCKED: {
                "next_step": _("Set the environment variable %(variable)s too, and restart the server."),
                "buttons": (Button.READ_GUIDE,),
            },
        },
    ),
    Cause.PRIVATE_KEY_MALFORMED: Row(
        headline=_("%(badge)s keys do not work: the private key cannot be used"),
        kind=Kind.INPUT,
        explanation=_(
            "What was entered as the %(environment)s private key is not one that Commerce Services can use. It was "
            "not saved."
        ),
        next_step=_("Paste the private key again, complete and as the API Portal gave it."),
        buttons=(Button.ENTER_KEYS,),
        cases={
            When.LOCKED: {
                "explanation": _(
                    "The %(environment)s private key comes from an environment variable and cannot be used: "
                    "“%(mistake)s”"
                ),
                "next_step": _("Correct the environment variable %(variable)s and restart the server."),
                "buttons": (Button.READ_GUIDE,),
            },
        },
    ),
    Cause.UNREACHABLE: _unknown(
        headline=_("%(badge)s keys could not be checked: Commerce Services cannot be reached"),
        explanation=_(
            "This server found no way to Commerce Services (%(host)s), so the %(environment)s keys could not be "
            "checked. That says nothing about the keys themselves."
        ),
        next_step=_("Ask the people who run your network to allow connections from this server to that host."),
    ),
    Cause.TIMEOUT: _unknown(
        headline=_("%(badge)s keys could not be checked: Commerce Services did not answer in time"),
        explanation=_(
            "Commerce Services (%(host)s) took too long to answer, so the %(environment)s keys could not be "
            "checked. That says nothing about the keys themselves."
        ),
        next_step=_(
            "Try again. If it keeps happening, ask the people who run your network to check the way to that host."
        ),
    ),
    Cause.TLS_FAILED: _unknown(
        headline=_("%(badge)s keys could not be checked: there is no secure connection"),
        explanation=_(
            "This server could not set up a secure connection to Commerce Services (%(host)s), most often because "
            "it does not trust the certificate it was shown. The %(environment)s keys were not sent."
        ),
        next_step=_("Ask the people who run your network which certificate this server is shown for that host."),
    ),
    Cause.RATE_LIMITED: _unknown(
        headline=_("%(badge)s keys could not be checked: there were too many requests"),
        explanation=_(
            "Commerce Services (%(host)s) has had many requests in a short time and asks for a pause, so the "
            "%(environment)s keys could not be checked. That says nothing about the keys themselves."
        ),
        next_step=_("Wait, then try again; the check is also repeated by itself."),
        cases={
            When.TIMED: {
                "next_step": _("Wait: the check is repeated by itself from %(time)s on. You may ask once all the same.")
            },
        },
    ),
    Cause.GATEWAY_ERROR: _unknown(
        headline=_("%(badge)s keys could not be checked: Commerce Services gave no usable answer"),
        explanation=_(
            "Commerce Services (%(host)s) gave an answer that cannot be used, so the %(environment)s keys could "
            "not be checked. That says nothing about the keys themselves, and it usually passes by itself."
        ),
        next_step=_("Try again; the check is also repeated by itself."),
        cases={
            When.REFUSED: {
                "explanation": _(
                    "Commerce Services (%(host)s) refused, or something between this server and Commerce Services "
                    "refused%(answer)s: the answer does not say which. So it is not known whether the "
                    "%(environment)s keys work."
                ),
            },
            When.TIMED: {"next_step": _("Try again; the check is also repeated by itself from %(time)s on.")},
        },
    ),
    Cause.CLOCK_SKEW: _unknown(
        headline=_("%(badge)s keys could not be checked: this server’s clock is wrong"),
        explanation=_(
            "The clock of this server and the clock of Commerce Services (%(host)s) are more than four minutes "
            "apart. Requests are signed with the time, so the %(environment)s keys were refused, even if they are "
            "right."
        ),
        next_step=_("Ask the people who run this server to set its clock, then try again."),
    ),
    Cause.WRONG_ENVIRONMENT: Row(
        headline=_("%(badge)s keys do not work: they belong to the other environment"),
        explanation=_(
            "These keys work, but for %(other)s, and they were entered as %(environment)s keys. In the API Portal "
            "each key pair is made for one environment."
        ),
        next_step=_("Move this key pair to the section of the other environment."),
        buttons=(Button.RESTORE_PAIR, Button.MOVE_PAIR),
        help="switch-environment",
        cases={
            When.NOT_MOVABLE: {
                "next_step": _("Enter a pair that was made for %(environment)s, or remove this one."),
                "buttons": (Button.RESTORE_PAIR, Button.ENTER_KEYS),
            },
        },
    ),
    Cause.KEY_REVOKED: Row(
        headline=_("%(badge)s keys do not work: the API key was deleted"),
        explanation=_(
            "The %(environment)s API key was deleted in the API Portal, so Commerce Services no longer accepts it. "
            "A deleted key cannot be brought back."
        ),
        next_step=_(
            "Generate a new key pair in the API Portal, which only the account’s license owner can do, then enter "
            "both keys in the connector configuration."
        ),
        buttons=(Button.RESTORE_PAIR, Button.OPEN_PORTAL, Button.ENTER_KEYS),
        help="get-a-key-pair",
        if_restorable=_(
            "Restore the former pair, which worked, or have the account’s license owner generate a new pair in the API "
            "Portal and enter both keys."
        ),
    ),
    Cause.API_KEY_UNKNOWN: Row(
        headline=_("%(badge)s keys do not work: the API key is not known"),
        explanation=_(
            "Commerce Services (%(host)s) does not know the %(environment)s API key. It may have been copied "
            "incompletely, or deleted in the API Portal."
        ),
        next_step=_(
            "Compare the API key with the one in the API Portal, or have the account’s license owner generate a "
            "new pair there."
        ),
        buttons=(Button.RESTORE_PAIR, Button.OPEN_PORTAL, Button.ENTER_KEYS),
        help="get-a-key-pair",
    ),
    Cause.PAIR_MISMATCH: Row(
        headline=_("%(badge)s keys do not work: the two keys do not belong together"),
        explanation=_(
            "Commerce Services knows the %(environment)s API key, but the private key beside it belongs to another "
            "API key."
        ),
        next_step=_(
            "Enter the private key that was made together with this API key, or have the account’s license owner "
            "generate a new pair."
        ),
        place=Place.PRIVATE_KEY,
    ),
    Cause.REFUSED: Row(
        headline=_("%(badge)s keys do not work: they were refused without a reason"),
        explanation=_(
            "Commerce Services (%(host)s) refused the %(environment)s keys and gave no reason that this Admin "
            "knows%(answer)s."
        ),
        next_step=_(
            "Compare both halves with the API Portal and enter them again. If they are right, give Commerce "
            "Services support the status and the request id."
        ),
    ),
    Cause.ACCOUNT_MISMATCH: Row(
        headline=_("%(badge)s keys do not work: they belong to another account than the other keys"),
        explanation=_(
            "The %(environment)s keys and the %(other)s keys both work, but they belong to accounts with different "
            "MageIDs%(mage_ids)s. Payment Services needs both from the same account."
        ),
        next_step=_("Enter keys from the account whose MageID has Payment Services, in both environments."),
        is_of_working_pair=True,
    ),
    Cause.DATA_SPACE_UNKNOWN: Row(
        headline=_("%(badge)s keys do not work here: the data space is not in their account"),
        explanation=_(
            "The %(environment)s keys work, but the chosen data space does not belong to their account"
            "%(mage_id)s: either these are keys of another account, or the data space is gone."
        ),
        next_step=_("Choose a data space of this account, or enter keys of the account that owns the chosen one."),
        buttons=(Button.RESTORE_PAIR, Button.CHOOSE_DATA_SPACE),
        place=Place.IDENTIFIER,
        help="project-and-data-space",
        is_of_working_pair=True,
        if_restorable=_("Restore the former pair, which worked, or choose a data space of this account."),
    ),
}
