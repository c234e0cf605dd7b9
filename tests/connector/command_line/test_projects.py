"""`manage.py connector projects`, and choosing, creating, restoring and renaming from a shell."""

import json
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from connector import connection
from connector.gateway.client import Credentials
from connector.models import Turn
from tests.connector.command_line.conftest import Ran, run
from tests.connector.gateway.servers import say_nothing, serve
from tests.factories import connect, dump, lock, set_instance
from tests.gateways import (
    CLIENT_ID_INVALID,
    LIVE_ID,
    OTHER_PROJECT_ID,
    OTHER_SPACE_ID,
    PROJECT_ID,
    REGISTRY,
    SANDBOX,
    TESTING_ID,
    Outside,
    row,
)

pytestmark = pytest.mark.django_db
COLUMNS = "Project\tData space\tType\tUsed by\tProject id\tData space id\tChosen"


def occupied(**changes: Any) -> dict[str, Any]:
    seen = {"id": "other", "name": "Shop\tUS", "seenAt": timezone.now().isoformat()}
    return row(environmentId=LIVE_ID, environmentType="Production", environmentName="Live", lastInstance=seen) | changes


def chosen() -> tuple[str, str]:
    stored = connection.load()
    return stored.project_id, stored.data_space_id


def test_it_lists_what_the_account_has_and_who_uses_it(outside: Outside, connected: None) -> None:
    outside.accept(SANDBOX, rows=(row(), occupied()))
    ran = run("projects")
    assert ran.code == 0
    assert ran.out.splitlines() == [
        COLUMNS,
        f"Fabrikam EU\tStaging\tTesting\tthis instance\t{PROJECT_ID}\t{TESTING_ID}\tyes",
        f"Fabrikam EU\tLive\tProduction\tShop US\t{PROJECT_ID}\t{LIVE_ID}\t",
    ]


def test_a_terminal_has_no_ids(outside: Outside, connected: None) -> None:
    outside.accept(SANDBOX, rows=(row(), occupied(projectName="Fabrikam\x1b[2J\nEU")))
    ran = run("projects", screen=True)
    assert "Fabrikam[2J EU" in ran.out
    assert TESTING_ID not in ran.out


def test_programs_get_them_as_json(outside: Outside, connected: None) -> None:
    outside.accept(SANDBOX, rows=(row(), occupied()))
    known = json.loads(run("projects", "--json").out)
    staging, live = known["data_spaces"]
    assert (staging["is_chosen"], staging["used_by"], live["used_by"]) == (True, None, "Shop\tUS")
    assert known["read_at"].startswith(str(timezone.now().year))
    assert known["left_out"] == 0


def test_without_an_answer_it_lists_what_was_known(outside: Outside, connected: None) -> None:
    outside.refuse(SANDBOX, {}, 502)
    ran = run("projects")
    assert (ran.code, len(ran.out.splitlines())) == (2, 4)
    assert ran.error.startswith("Commerce Services (sandbox.outside.test) gave an answer that cannot be used")


def test_a_pair_that_does_not_work_is_named(outside: Outside, connected: None) -> None:
    outside.refuse(SANDBOX, CLIENT_ID_INVALID | {"detail": "key_revoked"})
    ran = run("projects")
    assert ran.code == 1
    assert "The Sandbox API key was deleted in the API Portal" in ran.error


def test_it_says_that_somebody_else_is_reading(outside: Outside, connected: None) -> None:
    Turn.objects.begin(SANDBOX, timezone.now())
    assert run("projects").error == "Somebody else is reading the projects now. This is the last known list.\n"


def test_an_account_without_a_project_is_told_what_to_do(outside: Outside, pair_stored: None) -> None:
    outside.accept(SANDBOX, rows=())
    ran = run("projects")
    assert (ran.code, ran.out) == (0, f"{COLUMNS}\n")
    assert ran.error == "The account has no project. Create one with manage.py connector project create NAME.\n"


@pytest.mark.parametrize("names", [("fabrikam us", " WEST "), (OTHER_PROJECT_ID, OTHER_SPACE_ID)])
def test_a_data_space_is_chosen_by_name_or_id(accepted: None, connected: None, names: tuple[str, str]) -> None:
    ran = run("project", "select", *names)
    assert ran.code == 0
    assert ran.out.startswith("Saved: project “Fabrikam US”, data space “West”.\n")
    assert chosen() == (OTHER_PROJECT_ID, OTHER_SPACE_ID)


def test_another_project_alone_has_no_data_space_yet(accepted: None, connected: None) -> None:
    assert "no data space" in run("project", "select", "Fabrikam US").out
    assert chosen() == (OTHER_PROJECT_ID, "")


def test_what_is_chosen_already_stays(accepted: None, connected: None) -> None:
    ran = run("project", "select", "Fabrikam EU", "Staging")
    assert ran == Ran(0, "Nothing was changed, so nothing was saved.\n", "")


def test_a_name_that_two_have_is_refused_with_their_ids(outside: Outside, connected: None) -> None:
    outside.accept(SANDBOX, rows=(row(), row(projectId="second", environmentId="s", projectName="fabrikam eu")))
    ran = run("project", "select", "Fabrikam EU", "Staging")
    assert ran.code == 1
    assert ran.error.endswith(f"give the id of the project instead: {PROJECT_ID}, second.\n")
    assert run("project", "select", "second", "Staging").code == 0
    assert chosen() == ("second", "s")


@pytest.mark.parametrize(("names", "kind"), [(["Contoso"], "project"), (["Fabrikam EU", "West"], "data space")])
def test_a_name_that_nothing_has_is_refused(accepted: None, connected: None, names: list[str], kind: str) -> None:
    ran = run("project", "select", *names)
    assert ran.code == 1
    assert ran.error.startswith(f"No {kind} is called “{names[-1]}”.")
    assert chosen() == (PROJECT_ID, TESTING_ID)


def test_leaving_a_production_data_space_asks_for_its_name(accepted: None, live: None) -> None:
    ran = run("project", "select", "Fabrikam EU", "Staging")
    assert ran.code == 1
    assert ran.error.startswith("Another project or data space: onboarding, payment settings and everything")
    assert ran.error.endswith("confirm it with --confirm Live.\n")
    assert run("project", "select", "Fabrikam EU", "Staging", "--confirm", "Live").code == 0


def test_an_occupied_data_space_asks_for_the_name_of_the_other_instance(outside: Outside, connected: None) -> None:
    outside.accept(SANDBOX, rows=(row(), occupied()))
    ran = run("project", "select", "Fabrikam EU", "Live")
    assert (ran.code, chosen()) == (1, (PROJECT_ID, TESTING_ID))
    assert "Two instances in one data space overwrite each other’s data. Nothing was changed" in ran.error
    assert run("project", "select", "Fabrikam EU", "Live", "--confirm", "Shop US").code == 0


def test_an_instance_whose_name_nobody_sees_is_shared_with_by_the_beginning_of_its_id(
    outside: Outside, connected: None
) -> None:
    seen = {"id": "other-instance", "name": "\u200b", "seenAt": timezone.now().isoformat()}
    outside.accept(SANDBOX, rows=(row(), occupied(lastInstance=seen)))
    ran = run("project", "select", "Fabrikam EU", "Live")
    assert (ran.code, chosen()) == (1, (PROJECT_ID, TESTING_ID))
    assert ran.error.endswith("--confirm other-in.\n")
    assert run("project", "select", "Fabrikam EU", "Live", "--confirm", "other-in").code == 0


def test_both_are_asked_where_both_are_at_stake(outside: Outside, live: None) -> None:
    outside.accept(SANDBOX, rows=(occupied(lastInstance=None), occupied(environmentId="x", environmentName="X")))
    arguments = ("project", "select", "Fabrikam EU", "X", "--confirm", "Live")
    assert "--confirm 'Shop US'" in run(*arguments).error
    assert run(*arguments, "--confirm", "shop us").code == 0
    assert chosen() == (PROJECT_ID, "x")


def test_what_a_variable_sets_is_not_chosen_here(accepted: None, connected: None, settings: Settings) -> None:
    lock(settings, project_id=PROJECT_ID, data_space_id=TESTING_ID)
    ran = run("project", "select", "Fabrikam US", "West")
    assert ran.code == 1
    assert "Set by the environment variable CONNECTOR_PROJECT_ID." in ran.error


def test_a_project_is_created(outside: Outside, pair_stored: None) -> None:
    new = row(projectId="new", projectName="New")
    outside.accept(SANDBOX, rows=(new,))
    outside.answer(SANDBOX, f"{REGISTRY}/initialize", "POST", json={"results": [new]})
    ran = run("project", "create", " New ")
    assert ran == Ran(0, "Project created and chosen. Choose its data space now.\n", "")
    assert chosen() == ("new", "")


@pytest.mark.parametrize("name", ["", "two\nlines", "x" * 256, "\x1b[2J"])
def test_a_name_that_the_page_refuses_is_refused(outside: Outside, connected: None, name: str) -> None:
    ran = run("project", "create", name)
    assert (ran.code, outside.calls) == (1, [])
    assert ran.error.startswith("Name: ")


@pytest.mark.parametrize("action", [["project", "create"], ["project", "select"], ["instance", "rename"], ["cloud-id"]])
def test_a_part_of_a_private_key_is_no_name(
    outside: Outside, connected: None, pair: Credentials, action: list[str]
) -> None:
    part = pair.private_key.pem.splitlines()[5][:40]
    ran = run(*action, part)
    assert (ran.code, outside.calls) == (1, [])
    assert ran.error.startswith("This looks like part of a private key, so it was not used.")
    assert part not in ran.error + dump(with_log=True)


def test_a_license_that_allows_no_more_is_a_refusal(outside: Outside, connected: None) -> None:
    outside.accept(SANDBOX)
    outside.answer(SANDBOX, f"{REGISTRY}/initialize", "POST", status=409, json={"status": 409})
    ran = run("project", "create", "New")
    assert ran.code == 1
    assert "its license allows no more" in ran.error


def test_without_an_answer_nobody_knows_whether_it_was_created(outside: Outside, connected: None) -> None:
    outside.accept(SANDBOX)
    outside.answer(SANDBOX, f"{REGISTRY}/initialize", "POST", status=502)
    ran = run("project", "create", "New")
    assert ran.code == 2
    assert "it is not known whether it was done" in ran.error


def test_the_former_choice_is_restored(accepted: None, connected: None) -> None:
    run("project", "select", "Fabrikam US", "West")
    ran = run("project", "restore")
    assert ran.out.startswith("Restored: project “Fabrikam EU”, data space “Staging”.")
    assert chosen() == (PROJECT_ID, TESTING_ID)


def test_without_a_former_choice_nothing_is_restored(connected: None) -> None:
    ran = run("project", "restore")
    assert ran == Ran(1, "", "There is no former project and data space that can be restored. Nothing was changed.\n")


def test_names_are_changed_and_no_ids(outside: Outside, connected: None) -> None:
    renamed = row(projectName="P", environmentName="D")
    outside.accept(SANDBOX, rows=(renamed,))
    outside.answer(SANDBOX, f"{REGISTRY}/projects/{PROJECT_ID}", "PATCH", json={"results": [renamed]})
    outside.answer(SANDBOX, f"{REGISTRY}/environments/{TESTING_ID}", "PATCH", json=renamed)
    assert run("project", "rename", "P").out == "Project renamed.\n"
    assert run("data-space", "rename", "D").out == "Data space renamed.\n"
    assert run("instance", "rename", "I").out == "Instance renamed.\n"
    stored = connection.load()
    assert (stored.project_name, stored.data_space_name, stored.identity.name) == ("P", "D", "I")
    assert chosen() == (PROJECT_ID, TESTING_ID)


def test_nothing_is_renamed_where_nothing_is_chosen(outside: Outside, pair: Credentials) -> None:
    connect(pair)
    set_instance(project_id="", data_space_id="")
    ran = run("data-space", "rename", "D")
    assert (ran.code, outside.calls) == (1, [])
    assert ran.error.startswith("There is no project or data space to change.")


def test_the_stand_in_that_does_not_run_is_to_be_started(pair: Credentials, settings: Settings) -> None:
    connect(pair)
    with serve(say_nothing) as url:
        pass
    settings.STAND_IN_URL = url
    settings.GATEWAY_URLS = {"sandbox": url, "production": url}
    for arguments in (["projects"], ["project", "create", "New"], ["cloud-id"]):
        ran = run(*arguments)
        assert ran.code == 2
        assert ran.error.count("start it with manage.py runserver") == 1
