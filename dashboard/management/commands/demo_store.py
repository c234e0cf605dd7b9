"""A store that sends made-up orders to the stand-in."""

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management import BaseCommand, CommandError
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from connector import connection
from connector.environment import Environment
from dashboard.demo_store import sending
from dashboard.demo_store.orders import MAX_ORDERS, MAX_SEED
from dashboard.demo_store.sending import DemoStoreError

LINES = 10


class Command(BaseCommand):
    """Sends the orders, and shows how far it is."""

    help = (
        "Send made-up orders of the last 60 days to the stand-in, as a store does. The same seed sends the same orders "
        "again, and those that came since; another seed sends other orders."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take how many orders, of which environment, and which ones."""
        names = Environment.values
        parser.add_argument("--orders", type=int, default=500, help="how many (default: %(default)s)")
        parser.add_argument("--environment", choices=names, help="default: the active one")
        parser.add_argument("--seed", type=int, default=0, help="which orders (default: %(default)s)")

    def handle(self, *_args: Any, orders: int, environment: str | None, seed: int, **_options: Any) -> None:
        """Send. Raises CommandError where it must not or cannot be done."""
        for name, value, least, most in (("orders", orders, 1, MAX_ORDERS), ("seed", seed, 0, MAX_SEED)):
            if not least <= value <= most:
                message = f"--{name} takes a number from {least} to {most}."
                raise CommandError(message)
        stored = connection.load()
        chosen = Environment(environment or stored.active_environment)
        try:
            self._show(sending.send(stored, chosen, seed, orders), orders)
        except DemoStoreError as error:
            raise CommandError(error) from error
        self.stdout.write(self.style.SUCCESS(f"Sent {orders} {chosen} orders to {stored.data_space_name}."))

    def _show(self, sent: Iterator[int], orders: int) -> None:
        """Show how many orders are sent: a bar on a terminal, else a line after each tenth."""
        if self.stdout.isatty():
            columns = (TextColumn("Sending orders"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            with Progress(*columns) as progress:
                task = progress.add_task("", total=orders)
                for number in sent:
                    progress.update(task, completed=number)
            return
        printed = 0
        for number in sent:
            if number * LINES // orders > printed:
                printed = number * LINES // orders
                self.stdout.write(f"{number} of {orders} orders sent")
