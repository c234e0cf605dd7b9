"""The development server, at the address that the gateways default to."""

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import SystemCheckError
from django.db import Error
from whitenoise.runserver_nostatic.management.commands.runserver import Command as StaticLessCommand

from backend.frame.database_errors import explanation
from dashboard.management import addresses


class Command(StaticLessCommand):
    """Listens on PORT, or starts again with the settings of the address that was asked for."""

    default_port = str(settings.PORT)
    addr: str

    def run(self, **options: Any) -> None:
        """Serve. The settings must know the address: the gateways default to it, and other hosts are refused."""
        here = f"http://127.0.0.1:{settings.PORT}"
        wanted = addresses.variables(self.addr, int(self.port), has_gateways=here == settings.STAND_IN_URL)
        if settings.PRODUCTION:
            wanted.pop("ALLOWED_HOSTS", None)
        if wanted and not options["use_reloader"]:
            addresses.start_again(wanted)
        # The reloader starts a child, which reads these variables.
        addresses.set_variables(wanted)
        super().run(**options)

    def on_bind(self, server_port: int) -> None:
        """Print an address that opens: that of every address does not."""
        self.addr = addresses.EVERY.get(self.addr, self.addr)
        super().on_bind(server_port)

    def inner_run(self, *args: Any, **options: Any) -> None:
        """Serve, or print why the configuration or the database is wrong and exit."""
        try:
            super().inner_run(*args, **options)
        except SystemCheckError as error:
            text = f"{error}\n"
        except Error as error:
            text = explanation(error)
            if not text:
                raise
            text = f"error: {text}\n"
        except SystemExit as ended:
            if not ended.code:
                # Ctrl+C.
                raise
            # config/wsgi.py has printed why.
            text = ""
        else:
            return
        # Under the reloader this is a thread: an exception would leave the process waiting.
        self.stderr.write(text, style_func=str, ending="")
        sys.stdout.flush()
        os._exit(1)
