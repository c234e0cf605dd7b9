"""The WSGI entry point, for gunicorn and other servers."""

import gc
import logging
import os
import sys
from io import StringIO
from typing import Any

import django
from django.conf import settings
from django.core.files.storage import storages
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.core.wsgi import get_wsgi_application
from django.db import connections

from config.below import without_prefix
from dashboard.metrics import counted

# When a worker exits with this status, gunicorn stops. After any other status it starts another worker.
BOOT_FAILED = 3
NOT_COLLECTED = (
    "error: The stylesheets and scripts of this version were not collected, or this process cannot read them. "
    "Run, as the user who installed it: python manage.py collectstatic --no-input"
)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

try:
    django.setup()
    static_files: Any = storages["staticfiles"]
    if settings.PRODUCTION and not static_files.is_complete():
        sys.exit(NOT_COLLECTED)
    application = without_prefix(get_wsgi_application(), settings.URL_PREFIX)
    counted.begin()
    # A server does not run the system checks by itself: a process with a wrong encryption key must say so at start.
    warnings = StringIO()
    call_command("check", stdout=StringIO(), stderr=warnings)
    if warnings.getvalue():
        logging.getLogger(__name__).warning(warnings.getvalue().strip())
except (SystemExit, SystemCheckError) as error:
    # The text is for a person; a traceback would bury it.
    sys.stderr.write(f"{error}\n")
    raise SystemExit(BOOT_FAILED) from None
# A server that forks after loading this must not share a connection between its processes.
connections.close_all()
# What is loaded by now stays. Looking through it for garbage would stop every request for about 50 ms each time.
gc.collect()
gc.freeze()
