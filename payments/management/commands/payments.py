"""Read the orders of each environment from a shell, or under a timer."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand
from django.utils import timezone

from connector import connection
from connector.command_line import stand_in
from connector.connection import Connection
from connector.environment import Environment
from connector.slot import Slot
from connector.verification.advice import Advice
from connector.verification.causes import Cause
from payments.orders import sources, sync
from payments.orders.obstacles import Obstacle

EXIT_READ, EXIT_FAILED = 0, 1


class Command(BaseCommand):
    """Reads, and prints a line per environment. It may run at any time, and twice at once."""

    help = (
        "Bring the Admin's copy of the orders up to date. Exits with 1 if that failed, or a key pair is not verified."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what to do, and for which environment."""
        actions = parser.add_subparsers(dest="action", required=True, metavar="sync")
        syncing = actions.add_parser("sync", help="read the orders that changed")
        syncing.add_argument("--environment", choices=Environment.values, help="default: both")
        syncing.add_argument("--quiet", action="store_true", help="print only what failed")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Read, print, and exit with 1 if an environment failed."""
        chosen = [Environment(options["environment"])] if options["environment"] else [*Environment]
        stored = connection.load()
        has_failed = False
        for environment in chosen:
            line, is_failure = _sync(stored, environment)
            if is_failure or not options["quiet"]:
                self.stdout.write(f"{environment.value}: {line}")
            has_failed = has_failed or is_failure
        sys.exit(EXIT_FAILED if has_failed else EXIT_READ)


def _sync(stored: Connection, environment: Environment) -> tuple[str, bool]:
    """Read the orders of an environment; return what to print, and whether it failed."""
    outcome, slot = sync.read_all(stored, environment), stored.slots[environment]
    if isinstance(outcome, Obstacle):
        return _not_read(outcome, slot)
    if outcome.cause and outcome.retry_at:
        until = timezone.localtime(outcome.retry_at).isoformat(timespec="seconds")
        return f"paused until {until}. {outcome.cause.label} ({slot.host}).", True
    changed = "1 order changed" if outcome.changed == 1 else f"{outcome.changed:,} orders changed"
    if outcome.cause:
        hint = stand_in.hint(slot) if outcome.cause is Cause.UNREACHABLE else ""
        next_step = hint or Advice(cause=outcome.cause, environment=environment, host=slot.host).next_step
        return (
            f"{outcome.cause.value}, {changed}. {outcome.cause.label} ({slot.host}). The next run goes on where this "
            f"one stopped. {next_step}"
        ), True
    if not outcome.is_complete:
        return f"{changed}. Another sync is running, and reads the rest.", False
    as_of = timezone.localtime(sources.find(stored, environment).read_at)
    return f"{changed}, up to date as of {as_of.isoformat(timespec='seconds')}.", False


def _not_read(obstacle: Obstacle, slot: Slot) -> tuple[str, bool]:
    """Return why nothing was asked and what to do about it, and whether that is a failure."""
    hint = stand_in.hint(slot) if obstacle is Obstacle.NO_REPORTS else ""
    if hint:
        return (
            f"not read. {hint} Then run manage.py connector verify {slot.environment}, which finds out what it offers.",
            False,
        )
    # Without a pair, nobody expects orders.
    if obstacle is not Obstacle.NOT_VERIFIED or not slot.is_whole:
        return f"not read. {obstacle.label}", False
    advice = slot.failed_check or slot.advise()
    next_step = advice.next_step if advice else f"Run manage.py connector verify {slot.environment}."
    return f"not read. {obstacle.label} {next_step}", True
