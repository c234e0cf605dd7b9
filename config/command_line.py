"""Runs the commands of `manage.py`. What the database or a disk refuses ends a command in one line."""

import sys
from collections.abc import Sequence

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import Error

from backend.frame.database_errors import NOT_MIGRATED, explanation


def run(arguments: Sequence[str]) -> None:
    """Run the command that `arguments` name, or exit with 1 and a line that says why not, and what to do."""
    try:
        execute_from_command_line(list(arguments))
    except (Error, OSError) as error:
        text = explanation(error)
        # Where a migration itself fails, those that wait are not the reason.
        if not text or "--traceback" in arguments or (text is NOT_MIGRATED and "migrate" in arguments):
            raise
        sys.exit(f"error: {text}")
    except ImproperlyConfigured:
        if "collectstatic" not in arguments or settings.STATIC_ROOT:
            raise
        sys.exit(
            "error: collectstatic is for production mode, and MODE is not production here. Put the settings of the "
            "server into .env beside manage.py, or give them to this process too."
        )
