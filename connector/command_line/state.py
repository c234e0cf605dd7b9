"""The state of a pair and of the connection, as subcommands print it and as programs read it."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from backend.frame.templates import ago, date
from connector.command_line import stand_in
from connector.command_line.console import ExitCode
from connector.connection import Connection
from connector.slot import Slot


def exit_code(slot: Slot) -> ExitCode:
    """Return how `verify` ends for a pair, and `status` by what is known of it."""
    if slot.failed_check:
        return ExitCode.UNKNOWN
    if slot.is_verified:
        return ExitCode.DONE
    return ExitCode.REFUSED if slot.is_blocked else ExitCode.UNKNOWN


def result(slot: Slot, *, is_active: bool) -> dict[str, Any]:
    """Return what is known of a pair, for programs: whether it is verified, or the cause and the next step."""
    given, known = slot.failed_check or slot.advise(), slot.verification
    return {
        "environment": slot.environment.value,
        "is_active": is_active,
        "is_verified": slot.is_verified,
        "cause": given.cause.value if given else None,
        "kind": given.cause.kind.value if given else None,
        "explanation": given.explanation if given else "",
        "next_step": given.next_step if given else "",
        "mage_id": slot.account.mage_id if slot.account else None,
        "checked_at": moment(known.checked_at),
        "verified_at": moment(known.verified_at),
    }


def pair(slot: Slot, *, is_active: bool) -> dict[str, Any]:
    """Return `result`, and which pair it is about, who set it, and whether there is a way back."""
    former = slot.restorable
    return {
        **result(slot, is_active=is_active),
        "organization": slot.account.organization_name if slot.account else None,
        "gateway_host": slot.host,
        "api_key": slot.api_key or None,
        "fingerprint": slot.fingerprint or None,
        "is_locked": slot.is_locked,
        "set_by": slot.pair.setter or None,
        "set_at": moment(slot.pair.set_at),
        "former_fingerprint": former.fingerprint if former else None,
        "restorable_until": moment(former.restorable_until) if former else None,
    }


def moment(at: datetime | None) -> str | None:
    """Return `at` in ISO 8601, with its offset."""
    return at.isoformat() if at else None


def age(at: datetime | None) -> str:
    """Return how long ago `at` was, and when; empty without it."""
    return f"{ago(at)} ({date(at)})" if at else ""


def label(slot: Slot) -> str:
    """Return the state of a pair in a few words, as its badge on the page does."""
    if slot.is_verified:
        return _("Verified")
    if slot.is_blocked:
        return str(slot.cause.label) if slot.has_any_half and slot.cause else _("No keys yet")
    return _("Not verified yet")


def advice(slot: Slot) -> str:
    """Return why a pair is not verified and what to do, as the page does; empty for one that is."""
    known = slot.failed_check or slot.advise()
    if known is None:
        return ""
    return f"{known.explanation} {known.next_step} {stand_in.hint_for(known.cause, slot)}".strip()


def names(stored: Connection) -> dict[str, Any]:
    """Return the project and the data space that are chosen, for programs; None where none is."""
    project = {"id": stored.project_id, "name": stored.project_name}
    space = {"id": stored.data_space_id, "name": stored.data_space_name, "type": stored.data_space_type}
    return {
        "project": project if stored.project_id else None,
        "data_space": space if stored.data_space_id else None,
    }
