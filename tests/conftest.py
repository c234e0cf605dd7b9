"""People, key pairs and the gateways, for every test.

Alice is a superuser, Bob's role has both permissions, Charlie has no role, Dana's role has Payment Services only.
"""

import logging
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import hypothesis
import pytest
import responses
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.core.management.color import Style
from django.core.management.commands import flush
from django.db import connection as database
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import HttpRequest
from django.template.backends.jinja2 import Template
from django.test import Client
from django.test.signals import template_rendered
from django.utils import translation
from pytest_django import DjangoDbBlocker, Settings

from backend.audit import append_only
from backend.frame.session import stored_key
from backend.people import mail
from connector.gateway.client import Credentials
from connector.keys import pem
from tests.factories import CONFIGURE, PASSWORD, USE_PAYMENTS, UserFactory, connect, person, set_instance, store
from tests.gateways import GATEWAY_URLS, LIVE_ID, SANDBOX, Outside

# The machine may be busy, so no example has a deadline.
hypothesis.settings.register_profile(
    "unhurried", hypothesis.settings.get_profile(hypothesis.settings.get_current_profile_name()), deadline=None
)
hypothesis.settings.load_profile("unhurried")


# Whom a page lets in, how it looks, what is refused unread and what is given away depend on no database.
ANY_DATABASE = {
    "attacks/test_access.py",
    "attacks/test_canaries.py",
    "backend/frame/test_bodies.py",
    "backend/frame/test_dialogs.py",
    "backend/frame/test_no_page_waits.py",
    "backend/frame/test_pasted_keys.py",
    "backend/frame/test_proxy.py",
    "backend/frame/test_translated_pages.py",
    "config/test_addresses.py",
    "config/test_canary.py",
    "config/test_given_away.py",
    "config/test_odd_requests.py",
    "config/test_security.py",
    "config/test_ways_on.py",
}


def depends_on_the_database(item: pytest.Item) -> bool:
    """Return whether a test depends on which database it runs on. Of those with a browser only the journey does."""
    place = item.path.relative_to(Path(__file__).parent).as_posix()
    if place in ANY_DATABASE or (place.startswith("browser/") and place != "browser/test_journey.py"):
        return False
    fixtures = {*getattr(item, "fixturenames", ())}
    return bool(item.get_closest_marker("django_db") or fixtures & {"db", "transactional_db", "live_server"})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in filter(depends_on_the_database, items):
        item.add_marker("database")


@pytest.fixture(autouse=True)
def _quick_and_apart(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords fast, send e-mails at once, and forget the counts and the language of the test before."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    monkeypatch.setattr(mail, "later", lambda job: job())
    cache.clear()
    translation.deactivate()


@pytest.fixture(scope="session", autouse=True)
def _permissions_survive_a_flush() -> Iterator[None]:
    """Keep permissions and content types where a test empties the database.

    No test changes them, and making them again takes ten times as long as emptying all the other tables. The triggers
    of the action log would refuse to empty it.
    """

    def emptying(style: Style, connection: BaseDatabaseWrapper, **options: bool) -> list[str]:
        tables = {*connection.introspection.django_table_names(only_existing=True, include_views=False)}
        kept = {Permission._meta.db_table, ContentType._meta.db_table}
        vendor, emptied = connection.vendor, connection.ops.sql_flush(style, sorted(tables - kept), **options)
        return [*append_only.unprotecting(vendor), *emptied, *append_only.protecting(vendor)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush, "sql_flush", emptying)
        patch.setattr(flush, "emit_post_migrate_signal", lambda *_args: None)
        yield


@pytest.fixture(scope="session", autouse=True)
def _answers_have_a_context() -> Iterator[None]:
    """Give every response its `context`, which the test client gets from the framework's own template engine only."""
    render = Template.render

    def rendered(self: Template, context: dict[str, Any] | None = None, request: HttpRequest | None = None) -> str:
        context = {} if context is None else context
        page: str = render(self, context, request)
        template_rendered.send(sender=self, template=self, context=context)
        return page

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "render", rendered)
        yield


@pytest.fixture
def alice(db: None) -> User:
    user: User = UserFactory.create(username="alice", is_superuser=True)
    return user


@pytest.fixture
def known(alice: User) -> User:
    """Alice, with her password."""
    alice.set_password(PASSWORD)
    alice.save(update_fields=["password"])
    return alice


@pytest.fixture
def bob(db: None) -> User:
    return person("bob", CONFIGURE, USE_PAYMENTS)


@pytest.fixture
def charlie(db: None) -> User:
    return person("charlie")


@pytest.fixture
def dana(db: None) -> User:
    return person("dana", USE_PAYMENTS)


def signed_in(user: User, **options: Any) -> Client:
    client = Client(**options)
    client.force_login(user)
    return client


def stored_key_of(client: Client) -> str:
    """Return the key under which the database has the session of `client`."""
    return stored_key(client.cookies["sessionid"].value)


@pytest.fixture
def as_alice(alice: User) -> Client:
    return signed_in(alice)


@pytest.fixture
def as_bob(bob: User) -> Client:
    return signed_in(bob)


@pytest.fixture
def as_charlie(charlie: User) -> Client:
    return signed_in(charlie)


@pytest.fixture
def as_dana(dana: User) -> Client:
    return signed_in(dana)


def new_private_key() -> str:
    key = rsa.generate_private_key(65537, 2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


@pytest.fixture(scope="session")
def pair() -> Credentials:
    """A complete key pair; each test decides whether the gateways accept it."""
    return Credentials("a" * 32, pem.parse(new_private_key()))


@pytest.fixture(scope="session")
def other_pair() -> Credentials:
    """Another pair, with both halves different."""
    return Credentials("b" * 32, pem.parse(new_private_key()))


@pytest.fixture
def pair_stored(db: None, pair: Credentials) -> None:
    """Store an unverified pair for the sandbox, and make the sandbox active."""
    store(SANDBOX, pair)
    set_instance(active_environment=SANDBOX)


@pytest.fixture
def connected(db: None, pair: Credentials) -> None:
    """Connect the instance with a pair for the sandbox and a Testing data space."""
    connect(pair)


@pytest.fixture
def live(db: None, pair: Credentials) -> None:
    """Connect the instance with a pair for the sandbox and a Production data space, so that changes are protected."""
    connect(pair, data_space_id=LIVE_ID)


@pytest.fixture
def outside(settings: Settings) -> Iterator[Outside]:
    """Both gateways. A call that the test does not answer fails."""
    settings.GATEWAY_URLS = {environment.value: url for environment, url in GATEWAY_URLS.items()}
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
        yield Outside(mocked)


@pytest.fixture
def accepted(outside: Outside) -> None:
    """Accept every pair of the sandbox."""
    outside.accept(SANDBOX)


@pytest.fixture
def no_sockets(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail if anything opens a socket. The database's own is not opened in Python, or is open already."""
    opened: list[object] = []

    def connect(_self: socket.socket, address: object) -> NoReturn:
        opened.append(address)
        message = f"A socket was opened to {address!r}."
        raise AssertionError(message)

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket.socket, "connect_ex", connect)
    yield
    assert not opened


@pytest.fixture
def all_logs(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Capture what every logger writes, including those of the framework, which do not propagate."""
    caplog.set_level(logging.DEBUG)
    framework = logging.getLogger("django")
    framework.addHandler(caplog.handler)
    yield caplog
    framework.removeHandler(caplog.handler)


@pytest.fixture(scope="session", autouse=True)
def _no_connection_is_left(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Close what threads of a live server left open: PostgreSQL drops no database that is in use."""
    yield
    with django_db_blocker.unblock():
        if database.vendor == "postgresql":
            with database.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
