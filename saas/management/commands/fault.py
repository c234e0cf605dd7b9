"""Makes a gateway of the stand-in misbehave, or lists how it does."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from saas.choices import Environment
from saas.faults import FaultKind
from saas.models import Fault
from saas.portal.forms import FaultForm


class Command(BaseCommand):
    """Switches the fault of one environment; without arguments it lists both."""

    help = "Make the stand-in's gateway of one environment misbehave; without arguments, list what is switched on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("environment", nargs="?", choices=Environment.values)
        parser.add_argument("kind", nargs="?", choices=FaultKind.values)
        parser.add_argument("--seconds", type=int, help="the wait, the Retry-After, or how far the clock is ahead")

    def handle(self, **options: Any) -> None:
        """Switch a fault if one is named, then list both environments. Raises CommandError for what makes no sense."""
        if options["environment"]:
            if not options["kind"]:
                message = f"Say which fault: {', '.join(FaultKind.values)}."
                raise CommandError(message)
            form = FaultForm(options)
            if not form.is_valid():
                raise CommandError(" ".join(str(error) for errors in form.errors.values() for error in errors))
            Fault.objects.switch(**form.cleaned_data)
        for fault in Fault.objects.by_environment():
            seconds = f" ({fault.seconds} s)" if fault.seconds else ""
            self.stdout.write(f"{fault.environment}: {fault.kind}{seconds}")
