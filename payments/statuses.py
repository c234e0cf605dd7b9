"""What each status of onboarding means: one row a status, read by pages, the guide and `quickstart`."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from connector.environment import Environment

SANDBOX, PRODUCTION = Environment.SANDBOX, Environment.PRODUCTION
COMPLETED = "COMPLETED"


@dataclass(frozen=True)
class Row:
    """A status as people read it.

    `look` is that of its badge. `who` acts next: nobody where it is empty. The button that helps says `submits`.
    `is_beginning` means that it begins onboarding, so live payments ask what to begin with.
    """

    look: str
    labels: Mapping[Environment, Promise]
    text: Promise
    who: Promise | str = ""
    submits: Mapping[Environment, Promise] | None = None
    is_beginning: bool = False


def _both(text: Promise) -> Mapping[Environment, Promise]:
    return {SANDBOX: text, PRODUCTION: text}


_BEGIN = {SANDBOX: _("Sandbox onboarding"), PRODUCTION: _("Live onboarding")}
_YOU, _YOU_AT_PAYPAL = _("You act next."), _("You act next, at PayPal.")

NOT_BEGUN = Row(
    "off",
    _both(_("Not connected to PayPal yet")),
    _("Connect a PayPal account. PayPal asks for your consent, and you come back here."),
    _YOU,
    _BEGIN,
    is_beginning=True,
)
ROWS: Mapping[str, Row] = {
    "CREATED": NOT_BEGUN,
    "STARTED": Row(
        "unknown",
        {SANDBOX: _("Sandbox payments pending"), PRODUCTION: _("Live payments pending")},
        _("You began onboarding and have not finished it. Continue at PayPal: nothing that you did there is lost."),
        _YOU_AT_PAYPAL,
        _both(_("Continue at PayPal")),
    ),
    "UNVERIFIED": Row(
        "unknown",
        _both(_("E-mail address not confirmed")),
        _(
            "The PayPal account is connected, but its e-mail address is not confirmed, so no payment arrives. Confirm "
            "it in your PayPal profile: PayPal sends a message with a link."
        ),
        _YOU_AT_PAYPAL,
        _both(_("Open PayPal profile settings")),
    ),
    COMPLETED: Row(
        "ok",
        {SANDBOX: _("Ready for test payments"), PRODUCTION: _("Ready for real payments")},
        _("The PayPal account is connected. Next, switch payment methods on in your store."),
    ),
    "REVOKED": Row(
        "error",
        _both(_("Consent taken back")),
        _("You took the consent back in your PayPal account, so orders cannot be processed. Onboard again to give it."),
        _YOU,
        _both(_("Onboard again")),
        is_beginning=True,
    ),
}


def row(status: str) -> Row:
    """Return the row of `status`. One that we do not know is shown as the gateway spells it, and offers nothing."""
    if not status:
        return NOT_BEGUN
    unknown = Row(
        "unknown",
        _both(_("Status not known here")),
        _("Commerce Services reports a status that this Admin does not know. Ask its support what it means."),
    )
    return ROWS.get(status, unknown)
