"""Time the pages and the gateway's ping; benchmarks/README.md says what is measured."""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from pathlib import Path

import django
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent
RUNS = 200
KEYS = ROWS = 100_000
PAGES = ("connector:configuration", "payments:home", "action_logs")


def median_ms(act: Callable[[], object]) -> float:
    """Return the median time of `act` in milliseconds, after ten calls that do not count."""
    times = []
    for run in range(RUNS + 10):
        start = time.perf_counter()
        act()
        if run >= 10:  # noqa: PLR2004  (the ten that do not count)
            times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def pair() -> tuple[str, str]:
    """Return a new private and public key, as PEM texts."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return private, key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def fill_log() -> None:
    """Add rows to the action log."""
    from backend.audit.models import LoggedAction
    from backend.people.actions import Action

    logged = (LoggedAction(action=Action.SIGNED_IN, result="done", subject=str(n)) for n in range(ROWS))
    LoggedAction.objects.bulk_create(logged, batch_size=5_000)


def main() -> None:
    """Make a database, fill it, time and print. The project's modules can be imported once its settings are there."""
    from django.contrib.auth.models import User
    from django.test import Client
    from django.urls import reverse
    from django.utils import timezone

    from connector.environment import Environment
    from connector.gateway.client import Client as GatewayClient
    from connector.gateway.client import Credentials, Deadline
    from connector.keys import pem
    from connector.models import Instance, KeyPair
    from saas.models import Account, ApiKey

    call_command("migrate", verbosity=0)
    admin = User.objects.create_superuser("admin")
    account = Account.objects.create_with_owner(admin, organization_name="Benchmark")
    private, public = pair()
    known = {"account": account, "environment": Environment.SANDBOX, "public_key": public}
    credentials = Credentials(ApiKey.objects.create(name="first", **known).api_key, pem.parse(private))
    KeyPair.objects.store(Environment.SANDBOX, credentials, admin.pk, timezone.now())
    Instance.objects.create(active_environment=Environment.SANDBOX)
    signed = GatewayClient("http://127.0.0.1/", credentials, deadline=Deadline(60))._signed_headers()  # noqa: SLF001
    client, visitor = Client(), Client()
    visitor.force_login(admin)

    def ping() -> None:
        answer = client.get("/gateway/sandbox/merchant-registry/v1/ping", headers=signed)
        if answer.status_code != HTTPStatus.OK:
            sys.exit(f"ping answered {answer.status_code}")

    rows = {"ping, 1 key": median_ms(ping)}
    ApiKey.objects.bulk_create((ApiKey(name=f"key {n}", **known) for n in range(KEYS)), batch_size=5_000)
    rows[f"ping, {KEYS:,} keys"] = median_ms(ping)
    fill_log()
    rows |= {f"GET {name}": median_ms(partial(visitor.get, reverse(name))) for name in PAGES}
    print("\n".join(f"{title:<30} {value:8.2f} ms" for title, value in rows.items()))


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/benchmark.sqlite3"
        os.environ["ALLOWED_HOSTS"] = "testserver"
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        django.setup()
        main()
