"""`manage.py maintain`: what a scheduler has to do once a day."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection as database
from django.utils import timezone

from connector.configuration import former


class Command(BaseCommand):
    """Erase what may no longer be restored, and sessions that have ended. It may run at any time, and twice at once."""

    help = "Erase former key pairs and identifiers after 30 days, and sessions that have ended. Run it once a day."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Do it, and say how much there was."""
        erased = former.erase_expired(timezone.now())
        call_command("clearsessions")
        if database.vendor == "sqlite" and not database.in_atomic_block:
            # What is erased stands in the write-ahead log until that is emptied.
            with database.cursor() as cursor:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.stdout.write(f"Erased: {erased} former values. Sessions that have ended are gone.")
