"""Verify the key pairs from a shell or a scheduler."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError

from connector import connection
from connector.configuration import verify_now
from connector.environment import Environment
from connector.management import stand_in
from connector.slot import Slot
from connector.verification.causes import Cause

EXIT_VERIFIED, EXIT_NOT_VERIFIED, EXIT_UNKNOWN = 0, 1, 2


class Command(BaseCommand):
    """Asks the gateway, and prints a line or a JSON object per environment."""

    help = "Verify key pairs now. Exits with 0 if all are verified, 1 if one is not, 2 if it could not be found out."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take which environments, and how to print."""
        parser.add_argument("environments", nargs="*", metavar="sandbox|production", help="default: the active one")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *_args: Any, environments: list[str], **options: Any) -> None:
        """Verify, print, and exit with the result. Raises CommandError for an unknown environment."""
        if unknown := set(environments) - set(Environment.values):
            message = f"No environment is called {', '.join(sorted(unknown))}: sandbox, production."
            raise CommandError(message, returncode=EXIT_NOT_VERIFIED)
        stored = connection.load()
        chosen = [Environment(name) for name in environments] or [stored.active_environment]
        asked = verify_now.verify(stored, chosen)
        found = connection.load(stored.now)
        slots = [found.slots[environment] for environment in chosen]
        rows = [_row(slot, is_active=slot is found.active) for slot in slots]
        if options["json"]:
            self.stdout.write(json.dumps({"environments": rows}, indent=2))
        else:
            lines = (f"{row['environment']}: {row['cause'] or 'verified'}. {row['explanation']}" for row in rows)
            self.stdout.write("\n".join(line.strip() for line in lines))
        for slot in slots:
            if slot.environment not in asked and slot.credentials:
                self.stderr.write(f"Somebody else is verifying {slot.environment} now. This is the last known state.")
        unreachable = [slot for slot in slots if slot.failed_check and slot.failed_check.cause is Cause.UNREACHABLE]
        for hint in filter(None, dict.fromkeys(map(stand_in.hint, unreachable))):
            self.stderr.write(hint)
        sys.exit(max(_exit_code(slot) for slot in slots))


def _row(slot: Slot, *, is_active: bool) -> dict[str, Any]:
    advice = slot.failed_check or slot.advise()
    known = slot.verification
    return {
        "environment": slot.environment.value,
        "is_active": is_active,
        "is_verified": slot.is_verified,
        "cause": advice.cause.value if advice else None,
        "kind": advice.cause.kind.value if advice else None,
        "explanation": advice.explanation if advice else "",
        "next_step": advice.next_step if advice else "",
        "mage_id": slot.account.mage_id if slot.account else None,
        "checked_at": known.checked_at.isoformat() if known.checked_at else None,
        "verified_at": known.verified_at.isoformat() if known.verified_at else None,
    }


def _exit_code(slot: Slot) -> int:
    if slot.failed_check:
        return EXIT_UNKNOWN
    return EXIT_VERIFIED if slot.is_verified else EXIT_NOT_VERIFIED
