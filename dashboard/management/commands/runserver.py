"""The development server, on the port that the gateways default to."""

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import SystemCheckError
from django.db import Error
from whitenoise.runserver_nostatic.management.commands.runserver import Command as StaticLessCommand

from backend.frame.database_errors import explanation


class Command(StaticLessCommand):
    """Listens on PORT, or starts again with the PORT that was asked for."""

    default_port = str(settings.PORT)

    def run(self, **options: Any) -> None:
        """Serve. The settings must know the port: the gateways default to this server."""
        if self.port != str(settings.PORT):
            # The reloader starts a child, which reads these variables. Without a reloader, start again here.
            os.environ.pop("PORT_FILE", None)
            os.environ["PORT"] = str(self.port)
            if not options["use_reloader"]:
                os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606  (the command that runs)
        super().run(**options)

    def inner_run(self, *args: Any, **options: Any) -> None:
        """Serve, or print why the configuration or the database is wrong and exit."""
        try:
            super().inner_run(*args, **options)
        except (SystemCheckError, Error) as error:
            text = str(error)
            if isinstance(error, Error):
                if not (text := explanation(error)):
                    raise
                text = f"error: {text}"
            # Under the reloader this is a thread: an exception would leave the process waiting.
            self.stderr.write(text, style_func=str)
            sys.stdout.flush()
            os._exit(1)
