"""What both sides show: a connected instance, and lists of rows that were copied until there are enough."""

from itertools import cycle, islice

from django.contrib.auth.models import Group, User
from django.db import connection, transaction
from django.utils import timezone
from django_admin.models import DATA_SPACES, PROJECTS, Configuration

from backend.audit import chain
from backend.audit.models import LoggedAction
from connector.configuration import verify_now
from connector.connection import load
from connector.environment import Environment
from connector.gateway.client import Credentials
from connector.keys import pem
from connector.models import KeyPair
from dashboard import demo
from saas.models import Account, ApiKey
from saas.new_pair import NewPair

KEYS_IN_ACCOUNT = PEOPLE = 1_000
BATCH = 5_000


def connect() -> Credentials:
    """Connect the instance with a pair for each environment, and return that of production. The server must be running.

    Raises:
        ConnectorError: a step was refused, or the gateway did not answer.
    """
    demo.connect()
    admin = User.objects.get(username="admin")
    key, pair = ApiKey.objects.issue(Account.objects.get(), admin, environment="production", name="Benchmark")
    credentials = Credentials(key.api_key, pem.parse(pair.private_key))
    with transaction.atomic():
        KeyPair.objects.store(Environment.PRODUCTION, credentials, admin.pk, timezone.now())
    verify_now.verify(load(), Environment)
    return credentials


def fill(rows: int) -> None:
    """Make the action log and the API keys `rows` long, and add people with a role and the row of the change form."""
    logged = cycle(list(LoggedAction.objects.order_by("pk").values()))
    LoggedAction.objects.bulk_create(
        (LoggedAction(**row | {"id": None}) for row in islice(logged, rows)), batch_size=BATCH
    )
    chain.extend_with_all()
    key = ApiKey.objects.get(environment="production")
    add_keys(key.account, key, KEYS_IN_ACCOUNT)
    add_keys(Account.objects.create(organization_name="Elsewhere"), key, rows - KEYS_IN_ACCOUNT)
    role = Group.objects.create(name="Person")
    people = User.objects.bulk_create(
        User(
            username=f"person{number:04}",
            first_name="Ada",
            last_name=f"Number {number}",
            email=f"person{number:04}@example.com",
            last_login=timezone.now(),
        )
        for number in range(PEOPLE)
    )
    User.groups.through.objects.bulk_create(User.groups.through(user=person, group=role) for person in people)
    private_key = NewPair.generate().private_key
    Configuration(
        active_environment="sandbox",
        sandbox_api_key=key.api_key,
        sandbox_private_key=private_key,
        production_api_key=key.api_key,
        production_private_key=private_key,
        project_id=PROJECTS[0][0],
        data_space_id=DATA_SPACES[2][0],
    ).save()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def add_keys(account: Account, like: ApiKey, count: int) -> None:
    """Add `count` keys like `like` to `account`."""
    shared = {name: getattr(like, name) for name in ("created_by", "environment", "name", "public_key", "last_used_at")}
    ApiKey.objects.bulk_create((ApiKey(account=account, **shared) for _number in range(count)), batch_size=BATCH)
