"""The WSGI entry point, for gunicorn and other servers."""

import os
import sys

from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.core.wsgi import get_wsgi_application
from django.db import connections

# When a worker exits with this status, gunicorn stops. After any other status it starts another worker.
BOOT_FAILED = 3

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

try:
    application = get_wsgi_application()
    # A server does not run the system checks by itself: a process with a wrong encryption key must say so at start.
    call_command("check")
except (SystemExit, SystemCheckError) as error:
    # The text is for a person; a traceback would bury it.
    sys.stderr.write(f"{error}\n")
    raise SystemExit(BOOT_FAILED) from None
# A server that forks after loading this must not share a connection between its processes.
connections.close_all()
