#!/usr/bin/env python
"""Run a management command of this project."""

import os
import sys

from django.core.management import execute_from_command_line
from django.db import Error

from backend.frame.database_errors import NOT_MIGRATED, explanation

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        execute_from_command_line(sys.argv)
    except (Error, OSError) as error:
        text = explanation(error)
        # Where a migration itself fails, those that wait are not the reason.
        if not text or "--traceback" in sys.argv or (text is NOT_MIGRATED and "migrate" in sys.argv):
            raise
        sys.exit(f"error: {text}")
