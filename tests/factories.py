"""Makes the stored state that a test begins with, and the gateways that answer as a test says."""

import html
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import responses
from django.contrib.auth.models import Group, Permission, User
from django.db import connection as database
from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.html import strip_tags
from factory.declarations import Sequence
from factory.django import DjangoModelFactory
from pytest_django import Settings

from backend.audit.models import LoggedAction
from connector import connection as connector
from connector.environment import Environment
from connector.gateway.client import Credentials, DataSpace
from connector.keys import keyring
from connector.keys.keyring import Keyring
from connector.models import Instance, KeyPair, Verification
from connector.verification.advice import Advice
from connector.verification.causes import Cause
from connector.verification.examine import Finding

SANDBOX, PRODUCTION = Environment.SANDBOX, Environment.PRODUCTION
CONFIGURATION = "/admin/stores/configuration/commerce-services-connector/"
PAYMENT_SERVICES = "/admin/sales/payment-services/"
MANAGE_KEY = "connector.manage_encryption_key"
CONFIGURE, USE_PAYMENTS = "connector.configure_connector", "payments.use_payment_services"

GATEWAY_URLS = {SANDBOX: "https://sandbox.outside.test/", PRODUCTION: "https://production.outside.test/"}
PAYMENT_FEATURES = ("Commerce Payments Sandbox", "Commerce Payments", "Premium Search")
MAGE_ID, OTHER_MAGE_ID = "MAG000000007", "MAG000000008"
PROJECT_ID, OTHER_PROJECT_ID = "0b7c1d8e-0000-4000-8000-000000000001", "0b7c1d8e-0000-4000-8000-000000000002"
TESTING_ID, LIVE_ID, OTHER_SPACE_ID = "testing-1", "live-1", "other-1"
JWT_INVALID = {"message": "JWT is invalid"}
NOT_FOUND = {"status": 404, "statusText": "Not Found", "message": "Merchant registry not found"}
CLIENT_ID_INVALID = {"error": {"message": "Client ID is invalid"}}


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User

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


def row(**changes: Any) -> dict[str, Any]:
    """Return a row of the merchant registry: the testing data space of the first project."""
    return {
        "environmentId": TESTING_ID,
        "mageId": MAGE_ID,
        "organizationName": "Fabrikam",
        "projectId": PROJECT_ID,
        "projectName": "Fabrikam EU",
        "environmentType": "Testing",
        "environmentName": "Staging",
    } | changes


ROWS = (
    row(),
    row(environmentId=LIVE_ID, environmentType="Production", environmentName="Live"),
    row(environmentId=OTHER_SPACE_ID, projectId=OTHER_PROJECT_ID, projectName="Fabrikam US", environmentName="West"),
)


def found(environment: Environment, cause: Cause | None = None, **facts: Any) -> Finding:
    """Return what a verification of `environment` could have found."""
    known: dict[str, Any] = {
        "host": "gateway.test",
        "checked_at": timezone.now(),
        "data_spaces": tuple(DataSpace.from_row(known) for known in ROWS),
        "features": PAYMENT_FEATURES,
        "onboarding_status": "CREATED",
    }
    return Finding(environment, cause, **(known | facts))


def store(environment: Environment, credentials: Credentials, user: User | None = None) -> KeyPair:
    """Keep a pair, as a save does."""
    with transaction.atomic():
        KeyPair.objects.store(environment, credentials, user.pk if user else None, timezone.now())
    pair: KeyPair = KeyPair.objects.current().get(environment=environment)
    return pair


def store_both(credentials: Credentials, former: Credentials) -> None:
    """Keep a pair for each environment, and a former one of the sandbox: six encrypted values."""
    store(PRODUCTION, credentials)
    store(SANDBOX, former)
    store(SANDBOX, credentials)


def key_id(key: str) -> str:
    """Return the id of an encryption key."""
    return Keyring([key]).newest_key_id


def rotate(settings: Settings) -> tuple[str, str]:
    """Put a new encryption key before the others; return its id and that of the one before."""
    new, old = keyring.generate_key(), settings.ENCRYPTION_KEYS[0]
    settings.ENCRYPTION_KEYS = [new, *settings.ENCRYPTION_KEYS]
    return key_id(new), key_id(old)


def learn(environment: Environment, cause: Cause | None = None, **facts: Any) -> Verification:
    """Keep what was found of the stored pair."""
    digest = KeyPair.objects.current().get(environment=environment).digest
    with transaction.atomic():
        Verification.objects.record(found(environment, cause, **facts), digest, digest)
    kept: Verification = Verification.objects.get(key_pair__environment=environment)
    return kept


def set_instance(**values: str | list[str]) -> None:
    """Set fields of the one instance."""
    Instance.objects.current()
    Instance.objects.filter(pk=1).update(**values)


def choose_identifier(data_space_id: str = TESTING_ID) -> None:
    """Choose the first project and one of its data spaces."""
    one = next(space for space in ROWS if space["environmentId"] == data_space_id)
    set_instance(
        project_id=PROJECT_ID,
        project_name="Fabrikam EU",
        data_space_id=data_space_id,
        data_space_name=one["environmentName"],
        data_space_type=one["environmentType"],
    )


def connect(
    credentials: Credentials,
    environment: Environment = SANDBOX,
    user: User | None = None,
    data_space_id: str = TESTING_ID,
) -> None:
    """Make the instance connected: a verified active pair, a project and a data space."""
    store(environment, credentials, user)
    learn(environment)
    set_instance(active_environment=environment)
    choose_identifier(data_space_id)


def age(environment: Environment, checked_at: datetime, **values: Any) -> None:
    """Pretend that the last verification of `environment` took place at `checked_at`."""
    Verification.objects.filter(key_pair__environment=environment).update(checked_at=checked_at, **values)


class Outside:
    """Both gateways. Whatever a test has not said is a connection that fails."""

    def __init__(self, mocked: responses.RequestsMock) -> None:
        self.mocked = mocked

    @property
    def calls(self) -> list[str]:
        """Return method and address of every call so far."""
        return [f"{call.request.method} {call.request.url}" for call in self.mocked.calls]

    def accept(
        self,
        environment: Environment,
        rows: tuple[Mapping[str, Any], ...] = ROWS,
        features: tuple[str, ...] = PAYMENT_FEATURES,
        onboarding: str = "CREATED",
    ) -> None:
        """Accept every pair; the account has the data spaces `rows`, and none of the other ones of these tests."""
        base = GATEWAY_URLS[environment]
        registry = f"{base}merchant-registry/v1/registry"
        self.mocked.upsert("GET", f"{base}merchant-registry/v1/ping")
        self.mocked.upsert("GET", registry, json={"results": rows})
        for other in {known["environmentId"] for known in ROWS} - {known["environmentId"] for known in rows}:
            self.mocked.upsert("GET", f"{registry}/environments/{other}", json=NOT_FOUND, status=404)
        for known in rows:
            address = f"{registry}/environments/{known['environmentId']}"
            self.mocked.upsert("GET", address, json={**known, "featureSet": features})
        self.mocked.upsert("GET", f"{base}payments/onboarding/paypal", json={"result": {"status": onboarding}})

    def refuse(self, environment: Environment, body: Mapping[str, Any], status: int = 403, **answer: Any) -> None:
        """Refuse every pair at the ping."""
        address = f"{GATEWAY_URLS[environment]}merchant-registry/v1/ping"
        self.mocked.upsert("GET", address, json=body, status=status, **answer)

    def answer(self, environment: Environment, path: str, method: str = "GET", **answer: Any) -> None:
        """Answer one path in one way."""
        self.mocked.upsert(method, GATEWAY_URLS[environment] + path, **answer)

    def answer_all(self, environment: Environment, **answer: Any) -> None:
        """Answer everything in one way."""
        self.mocked.get(re.compile(re.escape(GATEWAY_URLS[environment]) + ".*"), **answer)


def advice(environment: Environment = SANDBOX) -> Advice:
    """Return what pages say about the cause of a pair that does not work."""
    given = connector.load().slots[environment].advise()
    assert given is not None
    return given


def failed_check(environment: Environment = SANDBOX) -> Cause | None:
    """Return why the last check of a pair had no result, None if it had one."""
    given = connector.load().slots[environment].failed_check
    return given.cause if given else None


def said_of(cause: Cause, host: str = "gateway.test", mage_id: str = "") -> Advice:
    """Return what is said about `cause` for a pair of the sandbox."""
    return Advice(cause=cause, environment=SANDBOX, host=host, mage_id=mage_id, may_move=True)


def text(response: HttpResponse | Any) -> str:
    """Return what a page says, without its tags."""
    return " ".join(html.unescape(strip_tags(response.content.decode())).split())


def field_error(response: HttpResponse | Any, name: str) -> str:
    """Return the message that a page shows at the field `name`, empty without one."""
    match = re.search(rf'id="{name}_error">(.*?)</div>', response.content.decode(), re.DOTALL)
    return " ".join(html.unescape(strip_tags(match[1])).split()) if match else ""


def shown_value(response: HttpResponse | Any, name: str) -> str:
    """Return the value that a page shows in the text field or the selection `name`."""
    page = response.content.decode()
    if match := re.search(rf'<select name="{name}".*?</select>', page, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)"[^>]*\bselected', match[0])
        return chosen[1] if chosen else ""
    match = re.search(rf'<input [^>]*name="{name}"[^>]*>', page)
    value = re.search(r'value="([^"]*)"', match[0]) if match else None
    return value[1] if value else ""


def form_of(response: HttpResponse | Any) -> dict[str, str]:
    """Return what a browser would send from the untouched configuration page."""
    names = ("revision", "active_environment", "sandbox_api_key", "production_api_key", "project_id", "data_space_id")
    return {name: shown_value(response, name) for name in names} | {
        "sandbox_private_key": "",
        "production_private_key": "",
    }


def sent(pair: Credentials, environment: str = "sandbox", **more: str) -> dict[str, str]:
    """Return what a browser sends where a person pasted both halves of a pair."""
    return {f"{environment}_api_key": pair.api_key, f"{environment}_private_key": pair.private_key.pem, **more}


def dump(*, with_log: bool = False) -> str:
    """Return every row of every table as text, in an order that depends on the content only.

    The action log is left out unless asked for: it notes what was refused and so changed nothing else.
    """
    return "\n".join(_rows(set() if with_log else {LoggedAction._meta.db_table}))


def _rows(left_out: set[str]) -> Iterator[str]:
    with database.cursor() as cursor:
        for table in sorted({*database.introspection.table_names(cursor)} - left_out):
            cursor.execute(f"SELECT * FROM {database.ops.quote_name(table)}")  # noqa: S608  (the database's own names)
            yield from sorted(f"{table} {found!r}" for found in cursor.fetchall())
