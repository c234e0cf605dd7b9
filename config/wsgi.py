"""The WSGI entry point, for gunicorn and other servers."""

import os

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import connections

from config.readable import with_readable_type

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = with_readable_type(get_wsgi_application())
# A server does not run the system checks by itself: a process with a wrong encryption key must say so at start.
call_command("check")
# A server that forks after loading this must not share a connection between its processes.
connections.close_all()
