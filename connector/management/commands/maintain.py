"""Erase what may no longer be restored, ended sessions and forgotten addresses; a scheduler runs it once a day."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection as database
from django.utils import timezone

from backend.audit import retention
from backend.people.models import KnownAddress
from connector.configuration import pairs


class Command(BaseCommand):
    """May run at any time, and twice at once."""

    help = (
        "Erase former key pairs and identifiers after 30 days, sessions that have ended, and rows of the action log "
        "that are older than ACTION_LOG_DAYS. Run it once a day."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Erase, and print how many former values there were."""
        erased = pairs.erase_expired(timezone.now())
        deleted = self._shorten()
        call_command("clearsessions")
        KnownAddress.objects.forgotten(timezone.now()).delete()
        if database.vendor == "sqlite" and not database.in_atomic_block:
            # The write-ahead log keeps erased values until it is emptied.
            with database.cursor() as cursor:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.stdout.write(f"Erased: {erased} former values. Sessions that have ended are gone.")
        if deleted:
            self.stdout.write(f"Deleted: {deleted:,} rows of the action log.")
        if deleted is None:
            text = "Nothing of the action log was deleted, because somebody changed it: run manage.py audit verify."
            raise CommandError(text)

    def _shorten(self) -> int | None:
        """Delete old rows of the action log; return how many, or None where somebody changed them."""
        try:
            return retention.shorten(timezone.now())
        except retention.ChangedError:
            return None
