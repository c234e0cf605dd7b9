"""Time our pages beside the framework's own admin, and the gateway's ping beside bare views: README.md says how."""

import argparse
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import product
from statistics import median, quantiles

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from journey import CONFIGURATION, PORTAL, Visitor, connect, found
from load import Act, Round, Target, measure, page
from server import cpu_s, database, environment_for, free_port, manage, serve

PING = "/gateway/sandbox/merchant-registry/v1/ping"
# The constants of every merchant's token, as docs/protocol.md has them.
CLAIMS = {
    "iss": "8E6307BF5D775FA00A495EF9@AdobeOrg",
    "sub": "3181519E5E2714990A495E2E@techacct.adobe.com",
    "aud": "https://ims-na1.adobelogin.com/c/9ec9d05f79eb443e8f76ce477b1e413c",
}
TOKEN_LASTS_S = 500
ROW = "{:<23}{:>7}{:>9}{:>8}  {:<23}{:>7}{:>9}{:>8}  {:>6}  {:<13}{:>6}"
HEAD = ROW.format("ours", "req/s", "ms", "CPU ms", "theirs", "req/s", "ms", "CPU ms", "ratio", "middle half", "CPU")


@dataclass(frozen=True)
class Side:
    """A server, the process above its workers, and somebody who is signed in there."""

    visitor: Visitor
    pid: int
    connections: int

    def page(self, name: str, path: str, shows: str) -> Target:
        """Return a page that shows the text `shows` to the visitor, unlike any page that could come in its place."""
        cookies = "; ".join(f"{cookie}={value}" for cookie, value in self.visitor.cookies.items())
        connect = page(self.visitor.port, path, lambda: {"Cookie": cookies}, shows)
        return Target(name, connect, self.connections, partial(cpu_s, self.pid))


@dataclass(frozen=True)
class Gateway:
    """How a client of the gateway signs."""

    api_key: str
    private_key: RSAPrivateKey

    def headers(self) -> dict[str, str]:
        """Return the headers of a request that is sent within the next minutes."""
        claims = CLAIMS | {"exp": int(time.time()) + TOKEN_LASTS_S}
        token = jwt.encode(claims, self.private_key, algorithm="RS256")
        return {"x-api-key": self.api_key, "magento-api-key": self.api_key, "x-gw-signature": token}

    def check(self) -> Act:
        """Return what checks a signature, and nothing else."""
        token, public_key = self.headers()["x-gw-signature"], self.private_key.public_key()
        return partial(jwt.decode, token, public_key, algorithms=["RS256"], audience=CLAIMS["aud"])


@dataclass(frozen=True)
class Comparison:
    """Each of `ours` is compared with each of `theirs`; in every round all of them take their turn."""

    ours: list[Target]
    theirs: list[Target]


def main() -> None:
    """Prepare and serve both sides, take the time, and print."""
    asked = arguments()
    rounds, seconds = (3, 0.2) if asked.quick else (asked.rounds, asked.seconds)
    url = os.environ.get("DATABASE_URL", "sqlite:")
    print(
        f"{url.partition(':')[0]}, {asked.rows:,} rows; {asked.workers} worker(s) of 8 threads on each side; "
        f"{asked.connections} connection(s); {rounds} rounds of {seconds} s",
        flush=True,
    )
    with database(url) as own_url, served(own_url, asked) as (ours, theirs, gateway):
        print(HEAD)
        for comparison in [*pages(ours, theirs), ping(ours, theirs, gateway)]:
            taken = measure([*comparison.ours, *comparison.theirs], rounds, seconds)
            for our, their in product(comparison.ours, comparison.theirs):
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
def served(url: str, asked: argparse.Namespace) -> Iterator[tuple[Side, Side, Gateway]]:
    """Fill the database at `url`, serve both sides on it and sign in: ours and the framework's."""
    password, our_port, their_port = secrets.token_urlsafe(), free_port(), free_port()
    environment = environment_for(url, our_port)
    manage(environment, "migrate", "--run-syncdb")
    person = ["--username=admin", "--email=admin@example.com"]
    manage(environment | {"DJANGO_SUPERUSER_PASSWORD": password}, "createsuperuser", "--no-input", *person)
    with serve("config.wsgi", environment, our_port, asked.workers, "/healthz") as our_pid:
        ours = Visitor(our_port)
        ours.send("/admin/login/", login="admin", password=password)
        gateway = Gateway(*connect(ours))
        manage(environment, "fill", f"--rows={asked.rows}")
        public_key = gateway.private_key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        environment["BENCHMARK_PUBLIC_KEY"] = public_key.decode()
        with serve("django_admin.wsgi", environment, their_port, asked.workers, "/bare/") as their_pid:
            theirs = Visitor(their_port)
            theirs.send("/admin/login/", username="admin", password=password)
            yield Side(ours, our_pid, asked.connections), Side(theirs, their_pid, asked.connections), gateway


def pages(ours: Side, theirs: Side) -> Iterator[Comparison]:
    """Yield our pages beside the change form and the change lists of the admin."""
    index = theirs.visitor.open("/admin/")

    def listed(model: str) -> str:
        """Return where the admin lists `model`; which app has it does not matter here."""
        return found(f"/admin/[a-z_]+/{model}/", index)

    own = [
        ours.page("Configuration", CONFIGURATION, 'name="data_space_id"'),
        ours.page("Payment Services", "/admin/sales/payment-services/", "Demo store"),
        ours.page("Dashboard", "/admin/", "Benchmark"),
    ]
    yield Comparison(own, [theirs.page("change form", listed("configuration") + "1/change/", 'name="data_space_id"')])
    for name, path, columns, model in (
        ("Action Logs", "/admin/system/action-logs/", 7, "loggedaction"),
        ("All Users", "/admin/system/permissions/users/", 6, "user"),
        ("API Portal, 1,000 keys", PORTAL, 6, "apikey"),
    ):
        own = [ours.page(name, f"{path}?per_page=100", "</table>")]
        yield Comparison(own, [theirs.page(f"change list, {columns} columns", listed(model), 'id="result_list"')])


def ping(ours: Side, theirs: Side, gateway: Gateway) -> Comparison:
    """Return the signed ping beside a bare view, that view with the signature check, and the check without a server."""

    def target(side: Side, name: str, path: str) -> Target:
        connect = page(side.visitor.port, path, gateway.headers, '{"status": 200}')
        return Target(name, connect, side.connections, partial(cpu_s, side.pid))

    views = [target(theirs, "bare view", "/bare/"), target(theirs, "bare view + signature", "/signed/")]
    check = Target("signature, no server", gateway.check, 1, time.process_time)
    return Comparison([target(ours, "ping, signed", PING)], [*views, check])


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
