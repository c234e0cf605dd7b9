"""Time our pages beside the framework's own admin, and the gateway's ping beside bare views: README.md says how."""

import argparse
import logging
import os
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import product
from statistics import median, quantiles
from typing import Any

import django
import jwt
from load import Round, Target, connect, measure
from server import ROOT, cpu_s, database, free_port, serve, sign_in

TOKEN_LASTS_S = 500
ROW = "{:<23}{:>7}{:>9}{:>8}  {:<23}{:>7}{:>9}{:>8}  {:>6}  {:<13}{:>6}"
HEAD = ROW.format("ours", "req/s", "ms", "CPU ms", "theirs", "req/s", "ms", "CPU ms", "ratio", "middle half", "CPU")


@dataclass(frozen=True)
class Side:
    """A server, the process above its workers, and the cookies of somebody who is signed in there."""

    port: int
    pid: int
    cookies: str
    connections: int

    def target(self, name: str, path: str, shows: str, headers: dict[str, str] | None = None) -> Target:
        """Return the page at `path`, which must contain `shows`. Without `headers` the signed-in person asks for it."""
        act = partial(connect, self.port, path, headers or {"Cookie": self.cookies}, shows)
        return Target(name, act, self.connections, partial(cpu_s, self.pid))


# Each of ours is compared with each of theirs; in every round all of them take their turn.
Comparison = tuple[list[Target], list[Target]]


def main() -> None:
    """Serve both sides, time them, and print the table."""
    asked = arguments()
    rounds, seconds = (3, 0.2) if asked.quick else (asked.rounds, asked.seconds)
    url = os.environ.get("DATABASE_URL", "sqlite:")
    print(
        f"{url.partition(':')[0]}, {asked.rows:,} rows; {asked.workers} worker(s) of 8 threads on each side; "
        f"{asked.connections} connection(s); {rounds} rounds of {seconds} s",
        flush=True,
    )
    with database(url) as own_url, served(own_url, asked) as (ours, theirs, credentials):
        print(HEAD)
        for own, others in comparisons(ours, theirs, credentials):
            taken = measure([*own, *others], rounds, seconds)
            for our, their in product(own, others):
                print(row(our.name, taken[our.name], their.name, taken[their.name]), flush=True)


def arguments() -> argparse.Namespace:
    """Return what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="3 short rounds: whether it runs, and roughly how fast")
    parser.add_argument("--rounds", type=int, default=15, help="rounds of each target (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=0.3, help="length of a round (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=1, help="processes of each server (default: %(default)s)")
    parser.add_argument("--connections", type=int, default=2, help="requests at a time (default: %(default)s)")
    parser.add_argument("--rows", type=int, default=1000, help="rows of the log, and API keys (default: %(default)s)")
    asked = parser.parse_args()
    if asked.rounds < 2:  # noqa: PLR2004  (fewer have no spread)
        parser.error("--rounds must be 2 or more")
    return asked


@contextmanager
def served(url: str, asked: argparse.Namespace) -> Iterator[tuple[Side, Side, Any]]:
    """Fill the database at `url`, serve both sides on it, and yield ours, the framework's, and a pair of the gateway.

    This process has the settings of the framework's side, which knows every table of both sides.
    """
    password, our_port, their_port = secrets.token_urlsafe(), free_port(), free_port()
    os.environ |= {"DJANGO_SETTINGS_MODULE": "django_admin.settings", "DATABASE_URL": url, "PORT": str(our_port)}
    os.environ |= {"MODE": "development", "DEBUG": "false", "STAND_IN": "true"}
    sys.path.append(str(ROOT))
    django.setup()
    logging.disable()
    import rows
    from django.contrib.auth.models import User
    from django.core.management import call_command

    from dashboard import demo

    call_command("migrate", run_syncdb=True, verbosity=0)
    User.objects.create_superuser("admin")
    demo.make_people(password)
    with serve("config.wsgi", "config.settings", our_port, asked.workers) as our_pid:
        cookies = sign_in(our_port, login="admin", password=password)
        ours = Side(our_port, our_pid, cookies, asked.connections)
        credentials = rows.connect()
        rows.fill(asked.rows)
        application = "django.core.wsgi:get_wsgi_application()"
        with serve(application, "django_admin.settings", their_port, asked.workers) as their_pid:
            cookies = sign_in(their_port, username="admin", password=password)
            yield ours, Side(their_port, their_pid, cookies, asked.connections), credentials


def comparisons(ours: Side, theirs: Side, credentials: Any) -> Iterator[Comparison]:
    """Yield our pages beside the change form and the change lists of the admin, then the ping beside bare views."""
    configuration = "/admin/stores/configuration/commerce-services-connector/"
    own = [
        ours.target("Configuration", configuration, 'name="data_space_id"'),
        ours.target("Payment Services", "/admin/sales/payment-services/", "Demo store"),
        ours.target("Dashboard", "/admin/", "Demo Organization"),
    ]
    form = "/admin/django_admin/configuration/1/change/"
    yield own, [theirs.target("change form", form, 'name="data_space_id"')]
    for name, path, columns, listed in (
        ("Action Logs", "/admin/system/action-logs/", 7, "audit/loggedaction"),
        ("All Users", "/admin/system/permissions/users/", 6, "auth/user"),
        ("API Portal, 1,000 keys", "/account/api-portal/", 6, "saas/apikey"),
    ):
        own = [ours.target(name, f"{path}?per_page=100", "</table>")]
        their_name = f"change list, {columns} columns"
        yield own, [theirs.target(their_name, f"/admin/{listed}/", 'id="result_list"')]
    yield ping(ours, theirs, credentials)


def ping(ours: Side, theirs: Side, credentials: Any) -> Comparison:
    """Return the signed ping beside a bare view, that view with the signature check, and the check without a server."""
    from saas.gateway.signature import CONSTANTS

    key = credentials.private_key.key
    token = jwt.encode(CONSTANTS | {"exp": int(time.time()) + TOKEN_LASTS_S}, key, algorithm="RS256")
    headers = dict.fromkeys(("x-api-key", "magento-api-key"), credentials.api_key) | {"x-gw-signature": token}
    shows, path = '{"status": 200}', "/gateway/production/merchant-registry/v1/ping"
    check = partial(jwt.decode, token, key.public_key(), algorithms=["RS256"], audience=CONSTANTS["aud"])
    others = [
        theirs.target("bare view", "/bare/", shows, headers),
        theirs.target("bare view + signature", "/signed/", shows, headers),
        Target("signature, no server", lambda: check, 1, time.process_time),
    ]
    return [ours.target("ping, signed", path, shows, headers)], others


def row(our_name: str, ours: list[Round], their_name: str, theirs: list[Round]) -> str:
    """Return a row of the table: medians of the rounds, and how our requests per second relate to theirs."""
    cells = []
    for name, rounds in ((our_name, ours), (their_name, theirs)):
        cells += [name, f"{median(taken.per_second for taken in rounds):.1f}"]
        cells += [
            f"{median(taken.median_ms for taken in rounds):.2f}",
            f"{median(taken.cpu_ms for taken in rounds):.2f}",
        ]
    pairs = list(zip(ours, theirs, strict=True))
    low, ratio, high = quantiles((our.per_second / their.per_second for our, their in pairs), method="inclusive")
    cpu = median(their.cpu_ms for their in theirs) / median(our.cpu_ms for our in ours)
    return ROW.format(*cells, f"{ratio:.2f}", f"{low:.2f} to {high:.2f}", f"{cpu:.2f}")


if __name__ == "__main__":
    main()
