"""Brings the store into a state that a test starts from, without clicking through it."""

import secrets
from datetime import timedelta

from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from connector import actions, connection, pem
from connector.environment import Environment
from connector.gateway import Credentials
from connector.models import Instance, KeyPair, Verification
from saas.keypair import NewPair
from saas.models import Account, ApiKey, DataSpace, Fault, Project
from tests.factories import rotate


class Store:
    """The one instance, and the account of its license owner at the stand-in."""

    def __init__(self, owner: User, url: str, settings: Settings) -> None:
        self.owner = owner
        self.url = url
        self.settings = settings
        self.account = Account.objects.of(owner).get()

    def new_key(
        self, environment: str = "sandbox", account: Account | None = None, name: str = ""
    ) -> tuple[ApiKey, NewPair]:
        """Make a key pair as the API Portal does."""
        name = name or f"Luma {environment}"
        return ApiKey.objects.issue(account or self.account, self.owner, environment=environment, name=name)

    def enter(self, environment: str, api_key: str, private_key: str) -> None:
        """Store a pair for `environment`, verified or not, and make it the active one."""
        pair = Credentials(api_key, pem.parse(private_key))
        KeyPair.objects.store(Environment(environment), pair, self.owner.pk, timezone.now())
        Instance.objects.current()
        Instance.objects.update(active_environment=environment)

    def enter_new_key(self, environment: str = "sandbox", account: Account | None = None) -> ApiKey:
        """Make a key pair and store it."""
        key, pair = self.new_key(environment, account)
        self.enter(environment, key.api_key, pair.private_key)
        return key

    def choose_data_space(self, name: str = "Luma") -> DataSpace:
        """Make a project and choose its last data space, a Testing one."""
        space = Project.objects.provision(self.account, name).data_spaces.order_by("position").last()
        assert space is not None
        Instance.objects.current()
        Instance.objects.update(
            project_id=str(space.project_id),
            project_name=name,
            data_space_id=str(space.pk),
            data_space_name=space.name,
            data_space_type=space.type,
        )
        return space

    def verify(self) -> None:
        """Ask the gateway about what is stored."""
        actions.verify(connection.load(), Environment)

    def connect(self) -> ApiKey:
        """Make everything work in the sandbox."""
        key = self.enter_new_key()
        self.choose_data_space()
        self.verify()
        assert connection.load().is_connected
        return key

    def rotate(self) -> tuple[str, str]:
        """Put a new encryption key before the one in use; return the ids of both."""
        return rotate(self.settings)

    def let_time_pass(self) -> None:
        """Make what is known ten minutes older, so that a page asks again."""
        earlier = timezone.now() - timedelta(minutes=10)
        Verification.objects.update(checked_at=earlier, settled_at=earlier, claimed_at=None)

    def fail(self, kind: str, seconds: int = 60, environment: str = "sandbox") -> None:
        """Switch a fault of the gateway on."""
        Fault.objects.switch(environment, kind, seconds)


def unknown_api_key() -> str:
    """Return a key that nobody was given."""
    return secrets.token_hex(16)


def session_of(username: str) -> str:
    """Return the cookie of a person who signed in."""
    client = Client()
    client.force_login(User.objects.get(username=username))
    client.post("/admin/stay/")  # Only a real request notes when the session ends.
    return client.cookies["sessionid"].value
