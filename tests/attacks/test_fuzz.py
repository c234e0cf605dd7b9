"""Nothing that is sent makes the server fail, is shown as markup, or leads people elsewhere.

The long run is `pytest tests/attacks/test_fuzz.py --fuzz-requests 100000 --fuzz-seed 7 -s 2>var/fuzz.log`. It says how
far it is, and prints each offence with the request that caused it.
"""

import sys
import time
from collections import Counter
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, given

from tests.attacks.hostile import MARK, Attack, attacks
from tests.attacks.world import World, browser_of, put_back

pytestmark = pytest.mark.django_db
# What .ci/run sends to each database.
REQUESTS, SEED = 600, 12
# How many examples share a seed: the long run goes on with the next one.
BATCH = 1000


class Run:
    """Sends requests to an installation that is put back after each of them, and notes what went wrong."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.statuses: Counter[str] = Counter()
        self.offences: dict[str, str] = {}

    @property
    def sent(self) -> int:
        return self.statuses.total()

    def batch(self, examples: int, seed: int) -> None:
        """Send `examples` requests made from `seed`, and follow where they lead."""

        @hypothesis.seed(seed)
        @hypothesis.settings(
            max_examples=examples, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
        )
        @given(attacks(self.world))
        def send(attack: Attack) -> None:
            with put_back():
                self.send(attack)

        send()

    def send(self, attack: Attack) -> None:
        browser = browser_of(self.world, attack.person, enforce_csrf_checks=attack.is_strict)
        headers = dict(attack.headers) | (self.world.signature(attack.path) if attack.is_signed else {})
        # The client's own stream fails where the length in a header is not that of the body.
        extra: dict[str, Any] = {"headers": headers, "wsgi.input": BytesIO(attack.body)}
        try:
            response = browser.generic(attack.method, attack.path, attack.body, attack.content_type, **extra)
            self.look_at(attack, response)
            onward = urlsplit(response.get("Location", ""))
            if onward.path.startswith("/"):
                self.look_at(attack, browser.get(f"{onward.path}?{onward.query}"))
        except Exception as error:  # noqa: BLE001  (whatever it is, the server would have failed)
            self.note(attack, f"{type(error).__name__}: {error}")

    def look_at(self, attack: Attack, response: Any) -> None:
        self.statuses[f"{response.status_code}"] += 1
        content = b"".join(response) if response.streaming else response.content
        if response.status_code >= 500 and not is_refused_checkout(response):
            error = getattr(response, "exc_info", None)
            self.note(attack, f"{response.status_code}: {error[1]!r}" if error else f"{response.status_code}")
        if MARK.encode() in content and response["Content-Type"].startswith("text/html"):
            self.note(attack, f"{response.status_code} contains the sent text as markup")
        if "X-Injected" in response.headers or any("\n" in value for value in response.headers.values()):
            self.note(attack, "A header was injected")
        host = urlsplit(response.get("Location", "")).netloc
        if host and not attack.path.startswith("/paypal/"):
            self.note(attack, f"It leads to {host}")

    def note(self, attack: Attack, offence: str) -> None:
        """Note an offence with the first request that caused it."""
        if offence not in self.offences:
            self.offences[offence] = repr(attack)
            sys.stdout.write(f"{offence}\n  {attack!r}\n")


def is_refused_checkout(response: Any) -> bool:
    """Return whether this is the 501 with which the stand-in says that it has no checkout."""
    return bool(response.status_code == 501 and response.resolver_match.url_name == "checkout")


def test_nothing_that_is_sent_breaks_anything(world: World, request: pytest.FixtureRequest) -> None:
    wanted, seed = request.config.getoption("--fuzz-requests", 0), request.config.getoption("--fuzz-seed", SEED)
    run, began = Run(world), time.monotonic()
    while run.sent < (wanted or REQUESTS):
        run.batch(min(BATCH, wanted or REQUESTS), seed)
        if wanted:
            rate = run.sent / (time.monotonic() - began)
            sys.stdout.write(f"seed {seed}: {run.sent} requests, {rate:.0f}/s, {dict(sorted(run.statuses.items()))}\n")
        seed += 1
    assert run.offences == {}
