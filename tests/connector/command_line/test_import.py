"""`manage.py connector import`."""

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from backend.audit.models import LoggedAction
from connector import connection
from connector.action_log import Action
from connector.environment import Environment
from connector.gateway.client import Credentials
from tests.connector.command_line import conftest
from tests.connector.command_line.conftest import Ran
from tests.factories import dump, know_merchant, learn, lock, set_instance, store
from tests.gateways import (
    CLIENT_ID_INVALID,
    LIVE_ID,
    OTHER_PROJECT_ID,
    OTHER_SPACE_ID,
    PRODUCTION,
    PROJECT_ID,
    ROWS,
    SANDBOX,
    TESTING_ID,
    Outside,
)

pytestmark = pytest.mark.django_db
ENVIRONMENT, METHOD = "magento_saas/environment", "payment/payment_methods/method"
PROJECT, SPACE = "services_connector/services_id/project_id", "services_connector/services_id/environment_id"
KEYS = "services_connector/services_connector_integration"
API_KEY, PRIVATE_KEY = f"{KEYS}/sandbox_api_key", f"{KEYS}/sandbox_private_key"


@pytest.fixture
def run(tmp_path: Path) -> "Run":
    return Run(tmp_path / "settings.txt")


class Run:
    """Runs the command with a file of the given content."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self, content: str | dict[str, str], *options: str) -> Ran:
        self.path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return call(str(self.path), *options)


def call(*arguments: str, screen: bool = False) -> Ran:
    return conftest.run("import", *arguments, screen=screen)


def both(credentials: Credentials) -> dict[str, str]:
    return {API_KEY: credentials.api_key, PRIVATE_KEY: credentials.private_key.pem}


def test_it_imports_project_and_data_space(run: Run, accepted: None, pair_stored: None) -> None:
    code, output, _error = run({PROJECT: PROJECT_ID, SPACE: TESTING_ID}, "--yes")
    assert code == 0
    assert f"{SPACE}\t\t{TESTING_ID}\n" in output
    assert "Sandbox: the key pair was verified for Fabrikam" in output
    stored = connection.load()
    assert (stored.project_id, stored.data_space_id, stored.data_space_name) == (PROJECT_ID, TESTING_ID, "Staging")
    assert LoggedAction.objects.filter(action=Action.PROJECT_CHOSEN).exists()


def test_what_was_exported_is_imported_into_another_instance(run: Run, accepted: None, connected: None) -> None:
    exported = conftest.run("export").out
    set_instance(project_id="", project_name="", data_space_id="", data_space_name="", data_space_type="")
    assert run(exported, "--yes")[0] == 0
    assert connection.load().data_space_id == TESTING_ID
    code, output, error = run(exported, "--yes")
    assert (code, output) == (0, "Everything that can be imported is here already, so nothing was changed.\n")
    assert error == ""


@pytest.mark.parametrize("content", ["", "ssh: connect to host shop port 22: Connection refused\n", '{"web/url": "x"}'])
def test_a_file_without_any_known_path_is_refused(run: Run, connected: None, content: str) -> None:
    code, output, error = run(content, "--yes")
    assert (code, output) == (1, "")
    assert "Nothing was imported: no line of the file has a path that is known here." in error


def test_a_dry_run_shows_what_changes_and_changes_nothing(run: Run, outside: Outside, connected: None) -> None:
    before = dump(with_log=True)
    code, output, _error = run({PROJECT: OTHER_PROJECT_ID, SPACE: OTHER_SPACE_ID}, "--dry-run")
    assert code == 0
    assert f"{PROJECT}\t{PROJECT_ID}\t{OTHER_PROJECT_ID}\n" in output
    assert "services_connector/services_id/environment_name\tStaging\tWest\n" in output
    assert dump(with_log=True) == before
    assert outside.calls == []


def test_without_yes_nothing_is_done_and_the_exit_code_says_so(run: Run, connected: None) -> None:
    before = dump(with_log=True)
    code, output, error = run({PROJECT: OTHER_PROJECT_ID, SPACE: OTHER_SPACE_ID})
    assert code == 1
    assert OTHER_SPACE_ID in output
    assert "repeat the command with --yes" in error
    assert dump(with_log=True) == before


def test_another_project_clears_the_data_space(run: Run, accepted: None, connected: None) -> None:
    code, output, _error = run({PROJECT: OTHER_PROJECT_ID}, "--yes")
    assert code == 0
    assert f"{SPACE}\t{TESTING_ID}\t\n" in output
    assert connection.load().data_space_id == ""


@pytest.mark.parametrize("options", [("--yes",), ("--dry-run",)])
@pytest.mark.parametrize("space", [LIVE_ID, TESTING_ID])
def test_a_data_space_of_another_project_is_refused(
    run: Run, accepted: None, connected: None, options: tuple[str], space: str
) -> None:
    code, _output, error = run({PROJECT: OTHER_PROJECT_ID, SPACE: space}, *options)
    assert code == 1
    assert "This data space does not belong to the project “Fabrikam US”." in error
    assert connection.load().project_id == PROJECT_ID


@pytest.mark.parametrize("option", ["--dry-run", "--yes"])
def test_without_a_pair_there_are_no_projects_to_choose_from(run: Run, outside: Outside, option: str) -> None:
    code, output, error = run({PROJECT: PROJECT_ID, SPACE: TESTING_ID}, option)
    assert code == 1
    assert f"{SPACE}\t\t{TESTING_ID}\n" in output
    assert "environment_name" not in output
    assert "Projects are read with the active key pair. Save the Sandbox keys first." in error


def test_a_refused_dry_run_says_how_old_the_list_of_projects_is(run: Run, connected: None) -> None:
    code, _output, error = run({PROJECT: "unknown"}, "--dry-run")
    assert code == 1
    assert "manage.py connector verify reads them again" in error
    assert "This project does not belong to the account" in error


@pytest.mark.parametrize(
    ("value", "text"),
    [("******", "is masked"), ("0:3:bm90aGluZyB0byBzZWUgaGVyZQ==", "is encrypted with a key that only the store has")],
)
@pytest.mark.parametrize("path", [API_KEY, PRIVATE_KEY])
def test_a_secret_of_a_store_is_refused_by_its_path(
    run: Run, outside: Outside, connected: None, path: str, value: str, text: str
) -> None:
    code, _output, error = run(f"{path} - {value}\n{PROJECT} - {OTHER_PROJECT_ID}\n", "--yes")
    assert code == 1
    assert f"{path}: {text}" in error
    assert "manage.py connector keys set sandbox" in error
    assert value not in error
    assert connection.load().project_id == PROJECT_ID


def test_wrong_values_are_all_refused_by_their_paths(run: Run, connected: None) -> None:
    code, _output, error = run({ENVIRONMENT: "staging", PROJECT: "a b", API_KEY: "12", SPACE: TESTING_ID}, "--yes")
    assert code == 1
    assert f"{ENVIRONMENT}: Choose Sandbox or Production." in error
    assert f"{PROJECT}: This is not the id of a project or data space." in error
    assert f"{API_KEY}: An API key has exactly 32 characters" in error
    assert SPACE not in error


def test_two_paths_of_one_thing_have_to_agree(run: Run, connected: None) -> None:
    code, _output, error = run({ENVIRONMENT: "sandbox", METHOD: "production"}, "--yes")
    assert code == 1
    assert f"{ENVIRONMENT} and {METHOD}: these two differ." in error


def test_the_environment_may_not_be_empty(run: Run, connected: None) -> None:
    assert f"{METHOD}: Choose Sandbox or Production." in run({METHOD: ""}, "--yes")[2]


def test_unknown_paths_are_named_and_left_out(run: Run, accepted: None, connected: None) -> None:
    lines = f"{PROJECT} - {PROJECT_ID}\nweb/unsecure/base_url - https://shop.example.com/\nand more\n"
    code, _output, error = run(lines, "--yes")
    assert code == 0
    assert "Not known here, so not imported: web/unsecure/base_url." in error
    assert "Left out, since there is no path: 1 of the file’s lines." in error
    assert "shop.example.com" not in error


def test_of_many_unknown_paths_it_names_the_first(run: Run, connected: None) -> None:
    error = run("".join(f"a/b/c{number} - 1\n" for number in range(50)), "--dry-run")[2]
    assert "a/b/c19 and 30 more." in error


def test_what_follows_from_other_things_is_compared_only(run: Run, connected: None) -> None:
    error = run(
        {
            "services_connector/services_id/project_name": "Another name",
            "payment/payment_methods/sandbox_merchant_id": "7c1d",
            "payment/payment_services/active": "0",
        },
        "--yes",
    )[2]
    assert "since labels belong to Commerce Services: services_connector/services_id/project_name." in error
    assert "from onboarding at Commerce Services: payment/payment_methods/sandbox_merchant_id." in error
    assert "payment_services/active" not in error


def test_another_gateway_is_said_with_the_setting_that_decides(run: Run, outside: Outside, connected: None) -> None:
    path = "services_connector/sandbox_gateway_url"
    error = run({path: "https://commerce-beta.adobe.io/"}, "--yes")[2]
    assert "For https://commerce-beta.adobe.io/, set SANDBOX_GATEWAY_URL and restart the server." in error
    error = run({path: "https://me:canary@commerce-beta.adobe.io/"}, "--yes")[2]
    assert "For another address, set SANDBOX_GATEWAY_URL" in error
    assert "canary" not in error
    assert run({path: "https://sandbox.outside.test"}, "--yes")[2] == ""


def test_a_value_of_an_environment_variable_is_refused(run: Run, connected: None, settings: Settings) -> None:
    lock(settings, project_id=PROJECT_ID, data_space_id=TESTING_ID)
    code, _output, error = run({PROJECT: OTHER_PROJECT_ID}, "--yes")
    assert code == 1
    assert f"{PROJECT}: Set by the environment variable CONNECTOR_PROJECT_ID." in error
    assert run({PROJECT: PROJECT_ID, SPACE: TESTING_ID}, "--yes")[0] == 0


def test_a_plain_pair_is_imported_and_the_file_is_to_be_deleted(run: Run, accepted: None, pair: Credentials) -> None:
    lines = f"{API_KEY} - {pair.api_key}\n{PRIVATE_KEY} - {pair.private_key.pem}"
    code, output, error = run(lines, "--yes")
    assert code == 0
    assert f"{PRIVATE_KEY}\t\t{pair.private_key.fingerprint}\n" in output
    assert f"{API_KEY}\t\t…{pair.api_key[-4:]}\n" in output
    assert "The file holds a key pair: delete it when you are done." in error
    assert connection.load().active.credentials == pair
    for secret in (pair.api_key, pair.private_key.pem.splitlines()[1]):
        assert secret not in output + error


def test_a_pair_that_is_rejected_ends_with_1(run: Run, outside: Outside, pair: Credentials) -> None:
    outside.refuse(SANDBOX, CLIENT_ID_INVALID)
    code, output, _error = run(both(pair), "--yes")
    assert code == 1
    assert "Compare the API key with the one in the API Portal" in output


def test_a_pair_that_could_not_be_checked_ends_with_2(run: Run, outside: Outside, pair: Credentials) -> None:
    code, output, _error = run(both(pair), "--yes")
    assert code == 2
    assert "Ask the people who run your network" in output


def test_half_a_pair_is_refused(run: Run, outside: Outside, pair: Credentials) -> None:
    error = run({API_KEY: pair.api_key}, "--yes")[2]
    assert f"{PRIVATE_KEY}: Paste the private key that belongs to this API key." in error


def test_keys_and_identifier_in_one_file_are_refused_once_connected(
    run: Run, outside: Outside, connected: None, other_pair: Credentials
) -> None:
    code, _output, error = run(both(other_pair) | {PROJECT: OTHER_PROJECT_ID}, "--yes")
    assert code == 1
    assert "Keys and project or data space are not changed in one save" in error
    assert outside.calls == []


def test_a_verified_pair_is_replaced_unverified_only_with_insist(
    run: Run, outside: Outside, connected: None, other_pair: Credentials, pair: Credentials
) -> None:
    outside.refuse(SANDBOX, CLIENT_ID_INVALID)
    code, _output, error = run(both(other_pair), "--yes")
    assert code == 1
    assert "The pair that is stored works and was kept." in error
    assert connection.load().active.credentials == pair
    code, output, _error = run(both(other_pair), "--yes", "--insist")
    assert (code, "Restore the former pair" in output) == (1, True)
    assert connection.load().active.credentials == other_pair


def test_a_loss_is_confirmed_with_the_name_of_the_data_space(run: Run, accepted: None, live: None) -> None:
    code, output, _error = run({SPACE: TESTING_ID}, "--dry-run")
    assert code == 0
    assert "Payments stop until the new data space is set up. Confirm it with --confirm Live." in output
    for options in [("--yes",), ("--yes", "--confirm", "Staging")]:
        code, _output, error = run({SPACE: TESTING_ID}, *options)
        assert code == 1
        assert "confirm it with --confirm" in error
    assert connection.load().data_space_id == LIVE_ID
    assert run({SPACE: TESTING_ID}, "--yes", "--confirm", "live")[0] == 0
    assert connection.load().data_space_id == TESTING_ID


def test_a_switch_is_confirmed(run: Run, accepted: None, connected: None, other_pair: Credentials) -> None:
    store(PRODUCTION, other_pair)
    learn(PRODUCTION)
    set_instance(active_environment=PRODUCTION)
    code, output, _error = run({ENVIRONMENT: "sandbox"}, "--dry-run")
    assert (code, "Confirm it with --confirm Sandbox." in output) == (0, True)
    code, _output, error = run({ENVIRONMENT: "sandbox"}, "--yes")
    assert code == 1
    assert "your shop stops taking real payments" in error
    assert run({ENVIRONMENT: "sandbox", METHOD: "sandbox"}, "--yes", "--confirm", "sandbox")[0] == 0
    assert connection.load().active_environment is Environment.SANDBOX


def test_the_switch_waits_for_what_it_waits_for_on_the_page(
    run: Run, outside: Outside, connected: None, other_pair: Credentials
) -> None:
    store(PRODUCTION, other_pair)
    learn(PRODUCTION)
    know_merchant(PRODUCTION, "STARTED")
    for option in ("--dry-run", "--yes"):
        code, _output, error = run({METHOD: "production"}, option, "--confirm", "production")
        assert code == 1
        assert "onboarding" in error.lower()
    assert connection.load().active_environment is Environment.SANDBOX


def test_the_first_pair_becomes_active_whatever_the_file_says(run: Run, accepted: None, pair: Credentials) -> None:
    assert run(both(pair) | {ENVIRONMENT: "production"}, "--yes")[0] == 0
    assert connection.load().active_environment is Environment.SANDBOX


def test_an_occupied_data_space_is_taken_only_if_that_is_confirmed(run: Run, outside: Outside, connected: None) -> None:
    occupant = {"id": "0b7c1d8e-0000-4000-8000-00000000000f", "name": "Shop", "seenAt": timezone.now().isoformat()}
    outside.accept(SANDBOX, tuple(known | {"lastInstance": occupant} for known in ROWS))
    code, _output, error = run({SPACE: LIVE_ID}, "--yes")
    assert (code, "“Shop” works in this data space" in error) == (1, True)
    output = run({SPACE: LIVE_ID}, "--dry-run")[1]
    assert "Confirm it with --confirm Shop." in output
    assert run({SPACE: LIVE_ID}, "--yes", "--confirm", "shop")[0] == 0


def test_a_terminal_gets_a_sentence_for_each_change_and_is_asked(
    accepted: None, live: None, tmp_path: Path, types: Callable[[str], None]
) -> None:
    path = tmp_path / "settings.txt"
    path.write_text(f"{SPACE} - {TESTING_ID}")
    types("LIVE")
    code, output, _error = call(str(path), "--yes", screen=True)
    assert code == 0
    assert f"{SPACE}: {LIVE_ID} becomes {TESTING_ID}" in " ".join(output.split())
    assert connection.load().data_space_id == TESTING_ID


def test_it_reads_standard_input(accepted: None, pair_stored: None, monkeypatch: pytest.MonkeyPatch) -> None:
    piped = io.TextIOWrapper(io.BytesIO(f"{PROJECT} - {PROJECT_ID}\r\n".encode()))
    monkeypatch.setattr(sys, "stdin", piped)
    assert call("-", "--yes")[0] == 0
    assert connection.load().project_id == PROJECT_ID


def test_a_scheduler_that_closes_standard_input_is_refused_in_a_line(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert call("-", "--yes") == (1, "", "Nothing was imported: - cannot be read: standard input is closed.\n")


def test_a_file_that_is_not_there_is_said_in_a_line(db: None, tmp_path: Path) -> None:
    for name in (str(tmp_path / "nowhere"), str(tmp_path), "a\0b"):
        code, output, error = call(name, "--yes")
        assert (code, output, error.count("\n")) == (1, "", 1)
        assert "cannot be read" in error
