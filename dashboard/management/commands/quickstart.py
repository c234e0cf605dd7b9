"""From nothing to a running server with a demo account."""

import secrets
import socket
import threading
import time
from argparse import ArgumentParser
from typing import Any
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import BaseCommand, CommandError, call_command
from django.db import connections

from connector import connection
from connector.connection import Connection
from connector.errors import ConnectorError
from dashboard.demo_store.sending import DemoStoreError
from dashboard.management import addresses
from payments import statuses

START_WITHIN_S = 30
ONBOARDING = ("none", *statuses.ROWS)


class Command(BaseCommand):
    """Prepares a development copy and serves it."""

    help = "Start a development copy from nothing: local keys, migrations, demo account and people, server."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
        parser.add_argument("--port", type=int, default=settings.PORT, help="port (default: %(default)s)")
        parser.add_argument(
            "--password", default="", help="the demo people's password, 12 to 128 characters (default: a fresh one)"
        )
        parser.add_argument("--connected", action="store_true", help="connect the instance to the demo account")
        parser.add_argument(
            "--onboarding",
            choices=ONBOARDING,
            default="COMPLETED",
            help="with --connected: how far sandbox onboarding comes (default: %(default)s)",
        )

    def handle(self, *_args: Any, host: str, port: int, password: str, connected: bool, **options: Any) -> None:
        """Prepare everything and serve until interrupted."""
        if settings.PRODUCTION:
            message = "quickstart makes demo people with one password, so it refuses to run in production mode."
            raise CommandError(message)
        if not settings.STAND_IN:
            message = "quickstart needs the stand-in of Commerce Services: leave STAND_IN out, or set it to true."
            raise CommandError(message)
        host = host.strip("[]").lower()
        family, base_url = addresses.family_of(host, port), addresses.url(host, port)
        if wanted := addresses.variables(host, port, has_gateways=True):
            addresses.start_again(wanted)
        from dashboard import demo  # noqa: PLC0415  (imports the stand-in, which need not be installed)

        call_command("migrate", verbosity=0, interactive=False)
        if password and (reasons := demo.reasons_against(password)):
            raise CommandError(" ".join([*reasons, "Nobody was changed."]))
        password = password or secrets.token_urlsafe(12)
        people = demo.make_people(password)
        names = "\n".join(f"  {name:<10} {demo.PEOPLE[name]}{_remark(person)}" for name, person in people.items())
        stored = connection.load()
        self.stdout.write(
            f"\nCommerce Admin   {base_url}/admin/\n"
            f"API Portal       {base_url}/account/api-portal/\n{_elsewhere(host, port)}\n"
            f"Sign in as one of\n{names}\n"
            f"Password of all three: {password}\n"
        )
        self.stdout.write(_next_step(stored, connected=connected))
        if connected and stored.is_empty:
            arguments = (base_url, options["onboarding"].replace("none", ""))
            threading.Thread(target=self._connect, args=arguments, daemon=True).start()
        place, is_ipv6 = f"{addresses.bracketed(host)}:{port}", family is socket.AF_INET6
        call_command("runserver", place, use_ipv6=is_ipv6, use_reloader=False, skip_checks=True)

    def _connect(self, base_url: str, status: str) -> None:
        from dashboard import demo  # noqa: PLC0415  (as above)

        done = "Connected"
        try:
            _wait_for(f"{base_url}/readyz")
            demo.connect(status)
            if status == statuses.COMPLETED:
                done = f"Connected, and the demo store sent {demo.send_orders()} orders"
        except DemoStoreError as error:
            self.stderr.write(f"The demo store did not send all its orders: {error}")
        except (OSError, ConnectorError) as error:
            self.stderr.write(f"Not connected: {error} Connect it by hand; the server is running.")
            return
        finally:
            connections.close_all()
        self.stdout.write(self.style.SUCCESS(f"{done}: {base_url}/admin/sales/payment-services/"))


def _elsewhere(host: str, port: int) -> str:
    """Return the line with the addresses for other machines, nothing if it listens for one address only."""
    found = [f"http://{name}:{port}/admin/" for name in addresses.hosts_elsewhere(host)]
    return f"Other machines   {' or '.join(found)}\n" if found else ""


def _remark(person: User) -> str:
    return "" if person.is_active else " (made inactive since: activate under All Users)"


def _next_step(stored: Connection, *, connected: bool) -> str:
    """Return what happens now, or what to click first."""
    if connected and stored.is_empty:
        return "Connecting takes a moment after the server has started.\n"
    said = ""
    if connected and stored.is_configured:
        said = "--connected did nothing: this instance is configured already, and what it has stays.\n"
    elif connected:
        said = (
            "--connected did nothing: a part is set up already, and this command changes nothing that is there.\n"
            "Finish it by hand, or start over with another DATABASE_URL.\n"
        )
    if stored.is_connected:
        return said + "It is connected: sign in as admin and open Sales › Payment Services.\n"
    return said + "Click first: sign in as admin and open Sales › Payment Services; it shows what is missing.\n"


def _wait_for(url: str) -> None:
    """Return once `url` answers 200. Raises OSError where it does not within 30 seconds."""
    opener = build_opener(ProxyHandler({}))
    give_up_at = time.monotonic() + START_WITHIN_S
    while True:
        try:
            with opener.open(url, timeout=5):
                return
        except URLError:
            if time.monotonic() > give_up_at:
                raise
            time.sleep(0.1)
