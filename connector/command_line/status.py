"""`connector status`: what is known of the connection, without asking anybody."""

from argparse import ArgumentParser
from typing import Any

from backend.frame.templates import date
from connector import connection, headline
from connector.command_line import state
from connector.command_line.arguments import add_json
from connector.command_line.console import Console, ExitCode
from connector.connection import Connection
from connector.slot import Slot

HELP = "show what is known of the connection, without asking anybody; exits as verify does for the active pair"


def add_arguments(parser: ArgumentParser) -> None:
    add_json(parser)


def run(console: Console, options: dict[str, Any]) -> ExitCode:
    stored = connection.load()
    if options["json"]:
        console.json(_status(stored))
    else:
        _print(console, stored)
    return state.exit_code(stored.active)


def _status(stored: Connection) -> dict[str, Any]:
    return {
        "state": headline.read(stored, may_configure=True, may_use=True).state.value,
        "active_environment": stored.active_environment.value,
        "is_configured": stored.is_configured,
        "is_connected": stored.is_connected,
        "instance_id": stored.identity.instance_id,
        "instance_name": stored.instance.shown_name or None,
        **state.names(stored),
        "variables": [f"CONNECTOR_{name.upper()}" for name in stored.variables],
        "environments": [state.pair(slot, is_active=slot is stored.active) for slot in stored.slots.values()],
    }


def _print(console: Console, stored: Connection) -> None:
    known = headline.read(stored, may_configure=True, may_use=True)
    space = f"{stored.data_space_name} ({stored.data_space_type})" if stored.data_space_type else stored.data_space_name
    facts = [
        ("State", f"{known.text}."),
        ("Active environment", str(stored.active_environment.label)),
        ("Project", stored.project_name or "none"),
        ("Data space", space or "none"),
        ("Configured", "yes" if stored.is_configured else "no"),
        ("Connected", "yes" if stored.is_connected else "no"),
        ("Instance name", stored.instance.shown_name or "none"),
        ("Instance id", stored.identity.instance_id),
    ]
    console.facts("Connection", facts)
    for slot in stored.slots.values():
        console.facts(str(slot.environment.label), _facts(slot))


def _facts(slot: Slot) -> list[tuple[str, str]]:
    """Return what is known of a pair; facts that it does not have are left out."""
    advice, known, former = slot.failed_check or slot.advise(), slot.verification, slot.restorable
    account = f"{slot.account.organization_name} ({slot.account.mage_id})" if slot.account else ""
    is_answered = bool(known.answered_at) and not slot.is_verified
    facts = [
        ("State", state.label(slot)),
        ("Account", account),
        ("API key", slot.api_key),
        ("Private key", slot.fingerprint),
        ("Set", _set(slot)),
        ("Last verified", state.age(known.verified_at)),
        ("Found", state.age(known.answered_at) if is_answered else ""),
        ("Last tried", state.age(known.checked_at) if slot.failed_check else ""),
        ("Cause", f"{advice.cause.value}: {advice.explanation}" if advice else ""),
        ("Next step", advice.next_step if advice else ""),
        ("Former pair", f"{former.fingerprint}, until {date(former.restorable_until)}" if former else ""),
    ]
    return [(label, value) for label, value in facts if value]


def _set(slot: Slot) -> str:
    """Return who set the pair in use, and when."""
    if slot.is_locked:
        halves = {"API_KEY": slot.has_locked_api_key, "PRIVATE_KEY": slot.has_locked_private_key}
        names = [f"CONNECTOR_{slot.environment.upper()}_{half}" for half, is_locked in halves.items() if is_locked]
        return f"by {' and '.join(names)}"
    if not slot.is_stored:
        return ""
    return f"by {slot.pair.setter or 'somebody whose user was deleted'}, {state.age(slot.pair.set_at)}"
