"""`manage.py connector keys`: set, remove, restore, erase and move a pair."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django import Settings

from backend.audit import actor
from backend.audit.actor import acting_from_shell
from backend.audit.models import LoggedAction
from connector import connection
from connector.gateway.client import Credentials
from connector.keys.repairs import MAX_BYTES
from connector.verification.causes import Cause
from tests.connector.command_line.conftest import Ran, Screen, run
from tests.factories import connect, dump, learn, lock, set_instance, store
from tests.gateways import CLIENT_ID_INVALID, LIVE_ID, PRODUCTION, SANDBOX, Outside

pytestmark = pytest.mark.django_db


@pytest.fixture
def set_pair(tmp_path: Path) -> Callable[..., Ran]:
    """Set a pair of the sandbox, its private key from a file."""

    def set_pair(pair: Credentials, *options: str) -> Ran:
        file = tmp_path / "key.pem"
        file.write_text(pair.private_key.pem)
        return run("keys", "set", SANDBOX, "--api-key", pair.api_key, "--private-key-file", str(file), *options)

    return set_pair


def used() -> Credentials | None:
    return connection.load().slots[SANDBOX].credentials


def test_a_pair_is_verified_and_saved_as_on_the_page(
    accepted: None, pair: Credentials, set_pair: Callable[..., Ran]
) -> None:
    ran = set_pair(pair)
    assert ran == Ran(
        0,
        "Saved: Sandbox keys, active environment Sandbox.\n"
        "Sandbox: the key pair was verified for Fabrikam (MAG000000007).\n",
        "",
    )
    assert used() == pair


def test_the_log_names_who_ran_it_and_no_half(accepted: None, pair: Credentials, set_pair: Callable[..., Ran]) -> None:
    set_pair(pair)
    with acting_from_shell():
        name = actor.current().name
    assert set(LoggedAction.objects.values_list("user_name", flat=True)) == {name}
    assert connection.load().slots[SANDBOX].pair.setter == name
    assert pair.api_key not in dump(with_log=True)


def test_a_private_key_can_come_from_a_pipe(accepted: None, pair: Credentials, monkeypatch: pytest.MonkeyPatch) -> None:
    piped = io.TextIOWrapper(io.BytesIO(pair.private_key.pem.encode()))
    monkeypatch.setattr("sys.stdin", piped)
    assert run("keys", "set", SANDBOX, "--api-key", pair.api_key, "--private-key-file", "-").code == 0
    assert used() == pair


def test_a_terminal_would_show_it(monkeypatch: pytest.MonkeyPatch, pair: Credentials) -> None:
    monkeypatch.setattr("sys.stdin", Screen())
    ran = run("keys", "set", SANDBOX, "--api-key", pair.api_key, "--private-key-file", "-")
    assert ran.code == 1
    assert ran.error.startswith("A terminal would show the private key")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_a_file_is_repaired_and_the_repair_is_named(
    accepted: None, pair: Credentials, tmp_path: Path, encoding: str
) -> None:
    file = tmp_path / "key.txt"
    file.write_bytes(pair.private_key.pem.replace("\n", "\n   ").encode(encoding))
    ran = run("keys", "set", SANDBOX, "--api-key", pair.api_key, "--private-key-file", str(file))
    assert "The Sandbox private key was repaired before it was saved: " in ran.out
    assert used() == pair


@pytest.mark.parametrize("content", [b"not a key", b"\0\xff" * 99, b"x" * (MAX_BYTES + 5)])
def test_a_file_without_a_key_is_refused_and_not_repeated(
    outside: Outside, pair: Credentials, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "key.pem"
    file.write_bytes(content)
    ran = run("keys", "set", SANDBOX, "--api-key", pair.api_key, "--private-key-file", str(file))
    assert (ran.code, ran.out, outside.calls) == (1, "", [])
    assert ran.error.startswith("Sandbox private key: ")
    assert "not a key" not in ran.error


@pytest.mark.parametrize(("name", "reason"), [("gone", "No such file"), (".", "Is a directory"), ("empty", "is empty")])
def test_a_file_that_cannot_be_read_is_refused(outside: Outside, tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "empty").write_text("\n \n")
    ran = run("keys", "set", SANDBOX, "--private-key-file", str(tmp_path / name))
    assert (ran.code, outside.calls) == (1, [])
    assert reason in ran.error


@pytest.mark.parametrize("options", [[], ["--api-key", ""], ["--api-key", "c" * 32, "--private-key-file", ""]])
def test_without_a_half_or_with_an_empty_one_nothing_is_done(
    outside: Outside, connected: None, options: list[str]
) -> None:
    before = dump(with_log=True)
    ran = run("keys", "set", SANDBOX, *options)
    assert (ran.code, outside.calls, dump(with_log=True)) == (64, [], before)
    assert ran.error.startswith("Nothing was changed: give --api-key, --private-key-file or both")


def test_an_api_key_alone_replaces_its_half(outside: Outside, connected: None, pair: Credentials) -> None:
    outside.refuse(SANDBOX, CLIENT_ID_INVALID)
    ran = run("keys", "set", SANDBOX, "--api-key", "c" * 32, "--insist")
    assert ran.code == 1
    assert "Commerce Services (sandbox.outside.test) does not know the Sandbox API key." in ran.out
    assert used() == Credentials("c" * 32, pair.private_key)


def test_a_half_without_the_other_is_refused(outside: Outside, db: None) -> None:
    ran = run("keys", "set", SANDBOX, "--api-key", "c" * 32)
    assert ran.error == ("Sandbox private key: Paste the private key that belongs to this API key. A pair has both.\n")


def test_the_same_api_key_changes_nothing(outside: Outside, connected: None, pair: Credentials) -> None:
    ran = run("keys", "set", SANDBOX, "--api-key", pair.api_key)
    assert ran == Ran(0, "Nothing was changed, so nothing was saved.\n", "")


@pytest.mark.usefixtures("connected")
@pytest.mark.parametrize(("status", "code"), [(403, 1), (502, 2)])
def test_a_verified_pair_stays_unless_somebody_insists(
    outside: Outside, other_pair: Credentials, set_pair: Callable[..., Ran], status: int, code: int
) -> None:
    before = used()
    outside.refuse(SANDBOX, CLIENT_ID_INVALID if status == 403 else {}, status)
    outside.refuse(PRODUCTION, CLIENT_ID_INVALID)
    ran = set_pair(other_pair)
    assert (ran.code, used()) == (code, before)
    assert ran.error.endswith("--insist replaces the working key pair all the same.\n")
    assert set_pair(other_pair, "--insist").code == code
    assert used() == other_pair


def test_in_production_the_name_of_the_data_space_is_asked_for(
    accepted: None, live: None, pair: Credentials, other_pair: Credentials, set_pair: Callable[..., Ran]
) -> None:
    ran = set_pair(other_pair)
    assert (ran.code, used()) == (1, pair)
    assert ran.error.startswith("Another Sandbox pair: other programs that use the present pair have to change to it")
    assert "--confirm Live" in ran.error
    assert set_pair(other_pair, "--confirm", "live").code == 0
    assert used() == other_pair


def test_a_pair_that_a_variable_sets_is_not_set_here(
    outside: Outside, db: None, pair: Credentials, settings: Settings, set_pair: Callable[..., Ran]
) -> None:
    lock(settings, sandbox_api_key="d" * 32)
    ran = set_pair(pair)
    assert (ran.code, outside.calls) == (1, [])
    assert "Set by the environment variable CONNECTOR_SANDBOX_API_KEY." in ran.error


def test_removing_asks_for_the_name_of_the_environment(connected: None) -> None:
    ran = run("keys", "remove", SANDBOX)
    assert ran.code == 1
    assert ran.error == (
        "The Sandbox pair is no longer used from now on. It can be restored here for 30 days; then it is erased, and "
        "to come back you generate a new pair in the API Portal. This is the active environment: Payment Services "
        "stops working until it has keys again. Nothing was changed: confirm it with --confirm Sandbox.\n"
    )
    assert run("keys", "remove", SANDBOX, "--confirm", "sandbox") == Ran(0, "Sandbox keys were removed.\n", "")
    assert used() is None


def test_removing_a_pair_of_a_production_data_space_asks_for_its_name(live: None) -> None:
    assert run("keys", "remove", SANDBOX, "--confirm", "sandbox").code == 1
    assert run("keys", "remove", SANDBOX, "--confirm", "LIVE").code == 0


def test_a_removed_pair_is_restored(accepted: None, connected: None, pair: Credentials) -> None:
    run("keys", "remove", SANDBOX, "--confirm", "sandbox")
    ran = run("keys", "restore", SANDBOX)
    assert (ran.code, ran.out.splitlines()[0]) == (0, "Restored: Sandbox keys, active environment Sandbox.")
    assert used() == pair


def test_an_erased_pair_is_not(connected: None) -> None:
    asked = run("keys", "remove", SANDBOX, "--erase")
    assert asked.error.startswith("Erase it at once, and the former pair too: then no pair of this environment can be")
    run("keys", "remove", SANDBOX, "--erase", "--confirm", "sandbox")
    ran = run("keys", "restore", SANDBOX)
    assert ran == Ran(1, "", "There is no former Sandbox pair that can be restored. Nothing was changed.\n")


@pytest.mark.parametrize(("action", "start"), [("remove", "No Production keys"), ("erase", "There is no former Prod")])
def test_what_is_not_there_is_refused(connected: None, action: str, start: str) -> None:
    ran = run("keys", action, PRODUCTION, "--confirm", "production")
    assert ran.code == 1
    assert ran.error.startswith(start)


def test_a_former_pair_is_erased_before_its_time(pair: Credentials, other_pair: Credentials) -> None:
    store(SANDBOX, other_pair)
    store(SANDBOX, pair)
    assert run("keys", "erase", SANDBOX).error.startswith("Nobody can restore it afterwards.")
    assert run("keys", "erase", SANDBOX, "--confirm", "Sandbox").out == "The former Sandbox pair was erased.\n"
    assert connection.load().slots[SANDBOX].former is None


def test_a_pair_of_the_other_environment_is_moved(outside: Outside, connected: None, pair: Credentials) -> None:
    outside.accept(PRODUCTION)
    learn(SANDBOX, Cause.WRONG_ENVIRONMENT)
    asked = run("keys", "move", SANDBOX)
    assert "real cards are charged from now on." in asked.error
    ran = run("keys", "move", SANDBOX, "--confirm", "production")
    assert "the active environment is Production now" in ran.out
    assert connection.load().active.credentials == pair
    assert ran.code == 0


def test_a_pair_that_works_is_not_moved(outside: Outside, connected: None) -> None:
    assert run("keys", "move", SANDBOX).error.startswith("Nothing was moved")


def test_no_secret_is_printed(
    accepted: None, pair: Credentials, other_pair: Credentials, set_pair: Callable[..., Ran]
) -> None:
    connect(pair, data_space_id=LIVE_ID)
    set_instance(active_environment=SANDBOX)
    runs = [set_pair(other_pair), set_pair(other_pair, "--confirm", "Live"), run("keys", "restore", SANDBOX)]
    secrets = [line for key in (pair, other_pair) for line in key.private_key.pem.splitlines()[1:-1]]
    assert not [line for line in secrets for ran in runs if line in ran.out + ran.error]
