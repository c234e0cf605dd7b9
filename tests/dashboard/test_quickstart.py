"""The people of a development copy, and its quickstart."""

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import requests
from django.conf import settings as real_settings
from django.contrib.auth.models import Group, User
from django.core.mail import EmailMessage
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from connector import connection
from connector.errors import ConnectorError
from connector.gateway.client import Credentials
from connector.verification.causes import Cause
from dashboard import demo
from dashboard.management.commands.quickstart import _next_step, _remark
from saas.choices import Role
from saas.models import Account, Membership
from tests.addresses import FORGOT_PASSWORD
from tests.factories import CONFIGURE, USE_PAYMENTS, choose_identifier, connect, dump, learn, store
from tests.gateways import SANDBOX, Outside
from tests.operations.processes import free_port


@pytest.mark.django_db
def test_the_demo_people_have_their_relations() -> None:
    demo.make_people("a pass phrase")
    people = {person.username: person for person in User.objects.all()}
    account = Account.objects.get()
    assert people["admin"].is_superuser
    assert people["developer"].has_perms([CONFIGURE, USE_PAYMENTS])
    assert people["merchant"].has_perm(USE_PAYMENTS)
    assert not people["merchant"].has_perm(CONFIGURE)
    roles = dict(Membership.objects.filter(account=account).values_list("user__username", "role"))
    assert roles == {"admin": Role.LICENSE_OWNER, "developer": Role.SHARED_ACCESS}


@pytest.mark.django_db
def test_each_of_the_demo_people_can_ask_for_a_new_password(client: Client, mailoutbox: list[EmailMessage]) -> None:
    for name in demo.make_people("a pass phrase"):
        client.post(FORGOT_PASSWORD, {"email": name})
    assert [sent.to for sent in mailoutbox] == [[f"{name}@example.com"] for name in demo.PEOPLE]


@pytest.mark.django_db
def test_making_the_demo_people_twice_sets_only_their_password() -> None:
    demo.make_people("a pass phrase")
    User.objects.filter(username="merchant").update(first_name="Mary", is_active=False)
    User.objects.filter(username="admin").update(is_superuser=False)
    User.objects.filter(username="developer").update(is_superuser=True)
    User.objects.get(username="developer").groups.clear()
    Group.objects.get(name="Merchant").permissions.clear()
    Membership.objects.filter(user__username="developer").delete()
    before = without_passwords()
    people = demo.make_people("another pass phrase")
    assert without_passwords() == before
    assert all(person.check_password("another pass phrase") for person in people.values())


def without_passwords() -> list[object]:
    """Return everything that is stored, except the passwords of people."""
    columns = [field.name for field in User._meta.concrete_fields if field.name != "password"]
    return [
        *User.objects.order_by("pk").values_list(*columns),
        *(line for line in dump().splitlines() if not line.startswith("auth_user ")),
    ]


@pytest.mark.django_db
def test_somebody_who_was_deleted_is_made_again_with_the_role_as_it_is() -> None:
    demo.make_people("a pass phrase")
    User.objects.get(username="merchant").delete()
    Group.objects.get(name="Merchant").permissions.clear()
    merchant = demo.make_people("a pass phrase")["merchant"]
    assert list(merchant.groups.values_list("name", flat=True)) == ["Merchant"]
    assert not merchant.get_all_permissions()


@pytest.mark.django_db
def test_quickstart_says_who_cannot_sign_in() -> None:
    person = demo.make_people("a pass phrase")["merchant"]
    assert _remark(person) == ""
    person.is_active = False
    assert "inactive" in _remark(person)


@pytest.mark.django_db
def test_connected_says_what_it_does() -> None:
    assert "Connecting takes a moment" in _next_step(connection.load(), connected=True)
    assert _next_step(connection.load(), connected=False).startswith("Click first")


@pytest.mark.django_db
def test_connected_touches_nothing_that_is_set_up(pair: Credentials) -> None:
    store(SANDBOX, pair)
    assert "a part is set up already" in _next_step(connection.load(), connected=True)
    connect(pair)
    learn(SANDBOX, Cause.KEY_REVOKED)
    assert "is configured already" in _next_step(connection.load(), connected=True)
    assert "it shows what is missing" in _next_step(connection.load(), connected=True)
    assert "did nothing" not in _next_step(connection.load(), connected=False)


@pytest.mark.django_db
@pytest.mark.parametrize("connected", [False, True])
def test_a_second_run_says_that_it_is_connected(pair: Credentials, *, connected: bool) -> None:
    connect(pair)
    choose_identifier()
    said = _next_step(connection.load(), connected=connected)
    assert said.endswith("It is connected: sign in as admin and open Sales › Payment Services.\n")
    assert "missing" not in said


@pytest.mark.parametrize(
    ("name", "said"), [("PRODUCTION", "refuses to run in production mode"), ("STAND_IN", "needs the stand-in")]
)
def test_quickstart_is_for_development_with_the_stand_in(settings: Settings, name: str, said: str) -> None:
    setattr(settings, name, not getattr(settings, name))
    with pytest.raises(CommandError, match=said):
        call_command("quickstart")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short", "This password is too short. Use 12 characters or more: three or four words, say."),
        ("merchant-2026", "This password is easy to guess: it is little more than names of this product"),
        ("password1234", "This password is easy to guess"),
    ],
)
def test_the_demo_people_get_no_password_that_the_pages_refuse(password: str, reason: str) -> None:
    assert demo.reasons_against(password)[0].startswith(reason)
    assert demo.reasons_against("a pass phrase") == []


@pytest.mark.slow
def test_quickstart_refuses_a_short_password_with_a_sentence(tmp_path: Path) -> None:
    with started(tmp_path, "quickstart", "--password=short", f"--port={free_port()}") as server:
        said = next(lines_until(server, "characters"))
        assert said.endswith("Use 12 characters or more: three or four words, say. Nobody was changed.")
        assert server.wait(timeout=10) == 1
    with closing(sqlite3.connect(tmp_path / "db.sqlite3")) as database:
        assert database.execute("SELECT COUNT(*) FROM auth_user").fetchone() == (0,)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "end", "shown", "orders"),
    [
        ([], "Connected, and the demo store sent 200 orders", "Ready for test payments", 200),
        (["--onboarding=STARTED", "--host=0.0.0.0"], "Connected", "Sandbox payments pending", 0),
        (["--onboarding=none", "--host=[::1]"], "Connected", "Not connected to PayPal yet", 0),
    ],
)
def test_quickstart_leads_from_nothing_to_a_connected_instance(
    tmp_path: Path, options: list[str], end: str, shown: str, orders: int
) -> None:
    password = "--password=a pass phrase"
    with started(tmp_path, "quickstart", password, f"--port={free_port()}", "--connected", *options) as server:
        said = list(lines_until(server, "/payment-services/"))
        address = next(line for line in said if line.startswith("Commerce Admin")).split()[-1]
        page = signed_in_page(address.removesuffix("/admin/"), "/admin/sales/payment-services/")
    assert said[-1] == f"{end}: {address}sales/payment-services/"
    assert any(line.startswith("Other machines") for line in said) == ("--host=0.0.0.0" in options)
    assert "Demo store" in page
    assert shown in page
    with closing(sqlite3.connect(tmp_path / "db.sqlite3")) as database:
        assert database.execute("SELECT COUNT(*) FROM payments_order").fetchone() == (orders,)


@pytest.mark.slow
@pytest.mark.parametrize(("listens_on", "opens"), [("0.0.0.0", "127.0.0.1"), ("[::1]", "[::1]")])  # noqa: S104  (for a second)
def test_runserver_prints_an_address_that_opens(tmp_path: Path, listens_on: str, opens: str) -> None:
    port = free_port()
    with started(tmp_path, "runserver", "--noreload", f"{listens_on}:{port}") as server:
        said = list(lines_until(server, "Starting development server"))[-1]
        address = said.removeprefix("Starting development server at ")
        with requests.Session() as browser:
            browser.trust_env = False
            page = browser.get(f"{address}admin/", allow_redirects=False, timeout=10)
    assert address == f"http://{opens}:{port}/"
    assert (page.status_code, page.headers["Location"]) == (302, "/admin/login/?next=/admin/")


@pytest.mark.slow
def test_ctrl_c_ends_a_development_server_with_success(tmp_path: Path) -> None:
    with started(tmp_path, "runserver", str(free_port()), "--noreload") as server:
        list(lines_until(server, "Quit the server"))
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=10) == 0


@contextmanager
def started(tmp_path: Path, *command: str) -> Iterator["subprocess.Popen[str]"]:
    """Run a command with a database of its own until the block ends. What it prints goes into a pipe."""
    with subprocess.Popen(  # noqa: S603  (our own command)
        [sys.executable, "manage.py", *command],
        cwd=real_settings.BASE_DIR,
        env={"DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as server:
        try:
            yield server
        finally:
            server.terminate()


def lines_until(server: "subprocess.Popen[str]", part: str) -> Iterator[str]:
    """Yield what `server` prints, as it prints it, up to the line that has `part`."""
    assert server.stdout
    for line in server.stdout:
        yield line.rstrip("\n")
        if part in line:
            return


def signed_in_page(server: str, path: str) -> str:
    """Return what the demo merchant sees at `path`."""
    with requests.Session() as browser:
        browser.trust_env = False
        browser.get(f"{server}/admin/login/", timeout=10)
        sent = {"login": "merchant", "password": "a pass phrase", "csrfmiddlewaretoken": browser.cookies["csrftoken"]}
        browser.post(f"{server}/admin/login/", sent, timeout=10).raise_for_status()
        page = browser.get(server + path, timeout=10)
        page.raise_for_status()
        return page.text


@pytest.mark.django_db
def test_connecting_ends_where_the_gateway_does_not_answer(outside: Outside) -> None:
    outside.answer_all(SANDBOX, body=requests.ConnectionError())
    demo.make_people("a pass phrase")
    with pytest.raises(ConnectorError):
        demo.connect()
    assert not connection.load().is_configured
