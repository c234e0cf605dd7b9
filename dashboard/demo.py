"""The demo account, its three people, its connection and the orders of its store, for a development copy."""

from uuid import UUID

from django.contrib.auth.models import Group, User
from django.db import transaction

from backend.people.passwords import new_password
from backend.people.resources import permissions_named
from connector import connection
from connector.configuration import projects
from connector.configuration.plan import SavePlan
from connector.configuration.save import save
from connector.environment import Environment
from connector.gateway.client import Credentials
from connector.keys import pem
from connector.permissions import CONFIGURE
from dashboard.demo_store import sending
from payments import onboarding
from payments.orders import sync
from payments.permissions import USE_PAYMENTS
from saas.choices import Role
from saas.models import Account, ApiKey, Membership, Merchant

ORDERS = 200
DOMAIN = "example.com"
PEOPLE = {
    "admin": "administrator and license owner",
    "developer": "configures the connector, has shared access to the account",
    "merchant": "uses Payment Services only",
}
ROLES = {
    "developer": ("Integrator", (CONFIGURE, USE_PAYMENTS)),
    "merchant": ("Merchant", (USE_PAYMENTS,)),
}


def reasons_against(password: str) -> list[str]:
    """Return why one of the people cannot have `password`, in sentences; none where all of them can."""
    people = [User(username=name, email=f"{name}@{DOMAIN}") for name in PEOPLE]
    reasons = [reason for person in people for reason in new_password.reasons_against(password, person)]
    return list(dict.fromkeys(reasons))


@transaction.atomic
def make_people(password: str) -> dict[str, User]:
    """Make the missing people, roles and account of the demo, and return the people by name.

    People who exist get the new password; nothing else that exists is changed.
    """
    people = {}
    for name in PEOPLE:
        # With an address, "Forgot your password?" prints its link in the terminal of the server.
        new = {"is_superuser": name == "admin", "email": f"{name}@{DOMAIN}"}
        people[name], is_new = User.objects.get_or_create(username=name, defaults=new)
        people[name].set_password(password)
        people[name].save(update_fields=["password"])
        if is_new and name in ROLES:
            title, permissions = ROLES[name]
            role, is_new_role = Group.objects.get_or_create(name=title)
            if is_new_role:
                role.permissions.set(permissions_named(permissions))
            people[name].groups.add(role)
    if not Account.objects.current(people["admin"]):
        account = Account.objects.create_with_owner(
            people["admin"], organization_name="Demo Organization", payments_production=True
        )
        Membership.objects.create(account=account, user=people["developer"], role=Role.SHARED_ACCESS)
    return people


def connect(status: str = "") -> None:
    """Connect the instance to the demo account, step by step as the pages do. The server must be running.

    Sandbox onboarding then comes as far as `status`, as if somebody had answered at PayPal; empty begins none.

    Raises:
        ConnectorError: a step was refused, or the gateway did not answer.
    """
    admin = User.objects.get(username="admin")
    account = Membership.objects.of(admin)[0].account
    key, new_pair = ApiKey.objects.issue(account, admin, environment=Environment.SANDBOX, name="Made by quickstart")
    credentials = Credentials(key.api_key, pem.parse(new_pair.private_key))
    stored = connection.load()
    save(SavePlan(stored, {Environment.SANDBOX: credentials}), admin.pk)
    projects.create_project("Demo store", connection.load())
    stored = connection.load()
    save(SavePlan(stored, data_space_id=stored.data_spaces[-1].id), admin.pk)
    stored = connection.load()
    if status:
        merchant, _is_new = Merchant.objects.get_or_create(
            data_space_id=UUID(stored.data_space_id), environment=Environment.SANDBOX
        )
        merchant.set_status(status)
        merchant.save()
    onboarding.read(stored, onboarding.load(stored).values())


def send_orders() -> int:
    """Let the store of the demo send its orders, read them, and return how many it sent.

    The server must be running, and sandbox onboarding be completed.

    Raises:
        DemoStoreError: the gateway did not take them.
    """
    stored = connection.load()
    for _sent in sending.send(stored, Environment.SANDBOX, seed=0, count=ORDERS):
        pass
    sync.read_all(stored, Environment.SANDBOX)
    return ORDERS
