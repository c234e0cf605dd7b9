"""The development server, on the port that the gateways default to."""

import os
import sys
from typing import Any

from django.conf import settings
from whitenoise.runserver_nostatic.management.commands.runserver import Command as StaticLessCommand


class Command(StaticLessCommand):
    """Listens on PORT, or starts over with PORT as it was asked for."""

    default_port = str(settings.PORT)

    def run(self, **options: Any) -> None:
        """Serve. The connector finds the stand-in on this server, so the settings must know the port."""
        if self.port != str(settings.PORT):
            # The reloader starts a child, which reads its settings from this environment; without it we do that here.
            os.environ["PORT"] = str(self.port)
            if not options["use_reloader"]:
                os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606  (the command that runs)
        super().run(**options)
