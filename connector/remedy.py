"""The way out of each cause: which buttons help, the best one first. Dialog, panel and Dashboard read it here."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connector.errors import KeyringError
from connector.keys import locked_key
from connector.models import KeyPair
from connector.verification.causes import Action, Cause, Kind

if TYPE_CHECKING:
    from connector.connection import Slot

# The next step where the former pair can be restored; other causes have `_RESTORING_ELSE`.
_RESTORING: Mapping[Cause, Promise] = {
    Cause.KEYS_MISSING: gettext_lazy("Restore the former pair, which worked, or enter other keys."),
    Cause.KEY_REVOKED: gettext_lazy(
        "Restore the former pair, which worked, or have the account's license owner generate a new pair in the API "
        "Portal and enter both keys."
    ),
    Cause.DATA_SPACE_UNKNOWN: gettext_lazy(
        "Restore the former pair, which worked, or choose a data space of this account."
    ),
}
_RESTORING_ELSE = gettext_lazy("Restore the former pair, which worked, or correct the keys.")


def restorable(slot: "Slot", now: datetime) -> KeyPair | None:
    """Return the former pair of `slot` that can be restored at `now`, and would then be used.

    None if its API key is known to be deleted.
    """
    former = slot.former
    if former is None or slot.is_locked:
        return None
    if not former.restorable_until or former.restorable_until <= now:
        return None
    return None if slot.cause is Cause.KEY_REVOKED and _api_key(former) == slot.api_key else former


def helps_to_restore(slot: "Slot", now: datetime) -> bool:
    """Tell whether restoring the former pair of `slot` is the way out: it worked, and the pair in use does not."""
    is_wrong = slot.cause is Cause.KEYS_MISSING or (slot.cause is not None and slot.cause.kind is Kind.REJECTED)
    former = restorable(slot, now) if is_wrong else None
    return former is not None and former.has_worked and bool(_api_key(former))


def _api_key(former: KeyPair) -> str:
    """Return the API key of `former`, or an empty string where it does not open."""
    try:
        return former.open("api_key")
    except KeyringError:
        return ""


def ways(slot: "Slot") -> list[Action]:
    """Return the buttons for what is wrong with `slot`, the one that helps most first; none where nothing is."""
    if slot.cause is None:
        return []
    first = [Action.RESTORE_PAIR] if slot.may_restore else []
    action = slot.cause.action
    if action is Action.OPEN_PORTAL:
        return [*first, Action.OPEN_PORTAL, Action.ENTER_KEYS]
    if action is Action.MOVE_PAIR and not slot.may_move:
        return [*first, Action.ENTER_KEYS]
    return [*first, action]


def next_step(slot: "Slot") -> str:
    """Return what to do about the cause of `slot`, as one sentence; empty when nothing is wrong."""
    cause = slot.cause
    if cause is None:
        return ""
    if slot.mistake:
        return locked_key.next_step(slot.environment)
    if slot.may_restore:
        return str(_RESTORING.get(cause, _RESTORING_ELSE))
    if cause is Cause.WRONG_ENVIRONMENT and not slot.may_move:
        return _("Enter a pair that was made for %(environment)s, or remove this one.") % {
            "environment": slot.environment.label
        }
    if cause is Cause.KEYS_MISSING and slot.missing_variable:
        return _("Set the other half in the environment of the server process too, as %(variable)s, and restart.") % {
            "variable": slot.missing_variable
        }
    return slot.doubt_next_step if cause is slot.doubt else str(cause.next_step)
