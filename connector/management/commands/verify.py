"""Verify the key pairs from a shell or a scheduler."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand

from connector import connection
from connector.configuration import verify_now
from connector.connection import Connection
from connector.environment import Environment
from connector.slot import Slot
from connector.verification.causes import Cause

EXIT_VERIFIED, EXIT_NOT_VERIFIED, EXIT_UNKNOWN = 0, 1, 2


class Command(BaseCommand):
    """Asks the gateway and prints one line, or one JSON object, per environment."""

    help = (
        "Verify key pairs now. Exits with 0 when all are verified, 1 when one is not, 2 when the result is not known."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take which environments, and how to print."""
        parser.add_argument("environments", nargs="*", metavar="sandbox|production", help="default: the active one")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *_args: Any, environments: list[str], **options: Any) -> None:
        """Verify, print, and exit with what was found."""
        unknown = set(environments) - set(Environment.values)
        if unknown:
            self.stderr.write(f"No environment is called {', '.join(sorted(unknown))}: sandbox, production.")
            sys.exit(EXIT_NOT_VERIFIED)
        stored = connection.load()
        chosen = [Environment(name) for name in environments] or [stored.active_environment]
        asked = verify_now.verify(stored, chosen)
        found = connection.load(stored.now)
        rows = [_row(found, found.slots[one]) for one in chosen]
        if options["json"]:
            self.stdout.write(json.dumps({"environments": rows}, indent=2))
        else:
            for row in rows:
                self.stdout.write(f"{row['environment']}: {row['cause'] or 'verified'}. {row['explanation']}".strip())
        for one in chosen:
            if one not in asked and stored.slots[one].credentials:
                self.stderr.write(f"Somebody else is verifying {one} now. This is what was known before.")
        self._hint([found.slots[one] for one in chosen])
        sys.exit(max(_exit_code(found.slots[one]) for one in chosen))

    def _hint(self, slots: list[Slot]) -> None:
        """Say what to do where the gateway is this project's own stand-in and nobody started it."""
        for slot in slots:
            is_stand_in = settings.GATEWAY_URLS[slot.environment].startswith(settings.STAND_IN_URL)
            if slot.failed_check and slot.failed_check.cause is Cause.UNREACHABLE and is_stand_in:
                self.stderr.write("The gateway is the stand-in in this project: start it with manage.py runserver.")
                return


def _row(found: Connection, slot: Slot) -> dict[str, Any]:
    advice = slot.failed_check or slot.advise()
    known = slot.verification
    return {
        "environment": slot.environment.value,
        "is_active": slot.environment is found.active_environment,
        "is_verified": slot.is_verified,
        "cause": advice.cause.value if advice else None,
        "kind": advice.cause.kind.value if advice else None,
        "explanation": advice.explanation if advice else "",
        "next_step": advice.next_step if advice else "",
        "mage_id": slot.account.mage_id if slot.account else None,
        "checked_at": known.checked_at.isoformat() if known and known.checked_at else None,
        "verified_at": known.verified_at.isoformat() if known and known.verified_at else None,
    }


def _exit_code(slot: Slot) -> int:
    if slot.failed_check:
        return EXIT_UNKNOWN
    return EXIT_VERIFIED if slot.is_verified else EXIT_NOT_VERIFIED
