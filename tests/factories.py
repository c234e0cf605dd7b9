"""The stored state that a test starts from, and ways to read it back."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, Permission, User
from django.db import connection as database
from django.db import transaction
from django.utils import timezone
from factory.declarations import LazyFunction, Sequence
from factory.django import DjangoModelFactory
from pytest_django import Settings

from backend.audit import append_only
from backend.audit.models import ChainLink, Checkpoint, LoggedAction
from connector import connection as connector
from connector.environment import Environment
from connector.gateway.client import Credentials, DataSpace, host_of
from connector.keys import keyring
from connector.keys.keyring import Keyring
from connector.models import Instance, KeyPair, Verification
from connector.verification.advice import Advice
from connector.verification.causes import Cause
from payments.models import Merchant, Order, OrderSource
from payments.orders.statuses import PayStatus
from tests.gateways import MAGE_ID, PAYMENT_FEATURES, PRODUCTION, PROJECT_ID, ROWS, SANDBOX, TESTING_ID

MANAGE_KEY = "connector.manage_encryption_key"
# Only for people who sign in through the form; most tests sign them in without a password.
PASSWORD = "a long pass phrase"
CONFIGURE, USE_PAYMENTS = "connector.configure_connector", "payments.use_payment_services"


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User

    password = LazyFunction(partial(make_password, PASSWORD))
    username = Sequence(lambda number: f"somebody{number}")


def person(name: str, *permissions: str) -> User:
    """Make a person whose role gives `permissions`, as `app_label.codename`."""
    user: User = UserFactory.create(username=name)
    role = Group.objects.create(name=f"Role of {name}")
    for permission in permissions:
        label, codename = permission.split(".")
        role.permissions.add(Permission.objects.get(content_type__app_label=label, codename=codename))
    user.groups.add(role)
    return user


def found(cause: Cause | None = None, **facts: Any) -> Verification:
    """Return a verification that found `cause`, or a working pair without one; `facts` replace its fields."""
    known: dict[str, Any] = {
        "host": "gateway.test",
        "checked_at": timezone.now(),
        "mage_id": MAGE_ID,
        "organization_name": "Fabrikam",
        "data_spaces": [DataSpace.from_row(space).to_json() for space in ROWS],
        "features": PAYMENT_FEATURES,
        "offers_onboarding": True,
        "offers_reports": True,
    }
    return Verification(code=cause or "", **(known | facts))


def store(environment: Environment, credentials: Credentials, user: User | None = None) -> KeyPair:
    """Store a pair as a save does."""
    with transaction.atomic():
        KeyPair.objects.store(environment, credentials, user.pk if user else None, timezone.now())
    pair: KeyPair = KeyPair.objects.current().get(environment=environment)
    return pair


def store_both(credentials: Credentials, former: Credentials) -> None:
    """Store a pair for each environment, and a former one for the sandbox: six encrypted values."""
    store(PRODUCTION, credentials)
    store(SANDBOX, former)
    store(SANDBOX, credentials)


def key_id(key: str) -> str:
    """Return the id of an encryption key."""
    return Keyring([key]).newest_key_id


def rotate(settings: Settings) -> tuple[str, str]:
    """Put a new encryption key first; return its id and the id of the key that was first."""
    new, old = keyring.generate_key(), settings.ENCRYPTION_KEYS[0]
    settings.ENCRYPTION_KEYS = [new, *settings.ENCRYPTION_KEYS]
    return key_id(new), key_id(old)


def lock(settings: Settings, **values: str) -> None:
    """Set values as environment variables do."""
    settings.LOCKED_VALUES = {**settings.LOCKED_VALUES, **values}


def learn(environment: Environment, cause: Cause | None = None, **facts: Any) -> Verification:
    """Store the result of a verification of the stored pair. One that works does so at the gateway of the settings."""
    if cause is None:
        facts = {"host": host_of(settings.GATEWAY_URLS[environment])} | facts
    digest = KeyPair.objects.current().get(environment=environment).digest
    with transaction.atomic():
        Verification.objects.record(environment, found(cause, **facts), digest, digest)
    kept: Verification = Verification.objects.get(key_pair__environment=environment)
    return kept


def know_merchant(environment: Environment = SANDBOX, status: str = "CREATED", **facts: Any) -> Merchant:
    """Store a merchant of the testing data space as it was read just now."""
    now = timezone.now()
    known = {"read_at": now, "checked_at": now, "since": now, "data_space_id": TESTING_ID} | facts
    merchant: Merchant = Merchant.objects.create(environment=environment, status=status, **known)
    return merchant


def know_source(environment: Environment = SANDBOX, **facts: Any) -> OrderSource:
    """Store that the orders of the testing data space were read just now."""
    now = timezone.now()
    known = {"data_space_id": TESTING_ID, "read_at": now, "checked_at": now, "since": now, "received_at": now}
    source: OrderSource = OrderSource.objects.create(environment=environment, **known | facts)
    return source


def know_order(source: OrderSource, **facts: Any) -> Order:
    """Store an order of 80.00 EUR that was paid just now."""
    number = f"{Order.objects.count() + 1:09}"
    known = {
        "order_id": number.lstrip("0"),
        "number": number,
        "ordered_at": timezone.now(),
        "status": "processing",
        "amount": Decimal("80.00"),
        "paid": Decimal("80.00"),
        "currency": "EUR",
        "pay_status": PayStatus.CAPTURE_CONFIRMED,
        "payment_method": "payment_services_paypal_smart_buttons",
        "store_view_id": "1",
    }
    order: Order = Order.objects.create(source=source, **known | facts)
    return order


def set_instance(**values: str | list[str]) -> None:
    """Set fields of the one instance."""
    Instance.objects.current()
    Instance.objects.filter(pk=1).update(**values)


def choose_identifier(data_space_id: str = TESTING_ID) -> None:
    """Choose the first project and one of its data spaces."""
    chosen = next(space for space in ROWS if space["environmentId"] == data_space_id)
    set_instance(
        project_id=PROJECT_ID,
        project_name="Fabrikam EU",
        data_space_id=data_space_id,
        data_space_name=chosen["environmentName"],
        data_space_type=chosen["environmentType"],
    )


def connect(
    credentials: Credentials,
    environment: Environment = SANDBOX,
    user: User | None = None,
    data_space_id: str = TESTING_ID,
) -> None:
    """Connect the instance: a verified active pair, a project and a data space."""
    store(environment, credentials, user)
    learn(environment)
    set_instance(active_environment=environment)
    choose_identifier(data_space_id)


def age(environment: Environment, checked_at: datetime, **values: Any) -> None:
    """Pretend that the last verification of `environment` took place at `checked_at`."""
    Verification.objects.filter(key_pair__environment=environment).update(checked_at=checked_at, **values)


def advice(environment: Environment = SANDBOX) -> Advice:
    """Return the advice of the pages for a pair that does not work."""
    given = connector.load().slots[environment].advise()
    assert given is not None
    return given


def failed_check(environment: Environment = SANDBOX) -> Cause | None:
    """Return why the last check of a pair had no result, or None if it had one."""
    given = connector.load().slots[environment].failed_check
    return given.cause if given else None


def said_of(cause: Cause, host: str = "gateway.test", mage_id: str = "") -> Advice:
    """Return the advice for `cause` and a pair of the sandbox that may move."""
    return Advice(cause=cause, environment=SANDBOX, host=host, mage_id=mage_id, may_move=True)


def dump(*, with_log: bool = False) -> str:
    """Return every row of every table as text, in an order that depends on the content only.

    The action log is left out unless `with_log`: a refusal is logged although it changes nothing else.
    """
    return "\n".join(_rows(set() if with_log else {LoggedAction._meta.db_table, ChainLink._meta.db_table}))


@contextmanager
def unprotected_log() -> Iterator[None]:
    """Take away the triggers of the action log, as the owner of the database can, and put them back."""
    with database.cursor() as cursor:
        for statement in append_only.unprotecting(database.vendor):
            cursor.execute(statement)
        yield
        for statement in append_only.protecting(database.vendor):
            cursor.execute(statement)


def empty_log() -> None:
    with unprotected_log():
        Checkpoint.objects.all().delete()
        ChainLink.objects.all().delete()
        LoggedAction.objects.all().delete()


def stored() -> list[str]:
    """Return every row that a GET may not change: all but the log, the sessions, and what a sign-in notes."""
    at_sign_in = ("django_session ", "auth_user ", "audit_seenevents ")
    return [row for row in dump().splitlines() if not row.startswith(at_sign_in)]


def _rows(left_out: set[str]) -> Iterator[str]:
    with database.cursor() as cursor:
        for table in sorted({*database.introspection.table_names(cursor)} - left_out):
            cursor.execute(f"SELECT * FROM {database.ops.quote_name(table)}")  # noqa: S608  (the database's own names)
            yield from sorted(f"{table} {found!r}" for found in cursor.fetchall())
