"""Creating and renaming projects and data spaces."""

from typing import NoReturn

import pytest
from pytest_django import Settings

from backend.audit.models import LoggedAction
from connector import connection
from connector.configuration import projects
from connector.errors import RefusedError, StaleRevisionError
from connector.gateway.client import Client, Credentials
from connector.models import Instance
from tests.factories import connect, empty_log, lock
from tests.gateways import GATEWAY_URLS, JWT_INVALID, PROJECT_ID, REGISTRY, SANDBOX, TESTING_ID, Outside, row

pytestmark = pytest.mark.django_db


def answer_with_a_new_project(outside: Outside) -> None:
    new = row(projectId="new", projectName="New")
    outside.accept(SANDBOX, rows=(new,))
    outside.answer(SANDBOX, f"{REGISTRY}/initialize", "POST", json={"results": [new]})


def test_a_created_project_leaves_a_configured_instance_as_it_is(outside: Outside, connected: None) -> None:
    answer_with_a_new_project(outside)
    before = connection.load()
    projects.create_project("New", before)
    after = connection.load()
    assert (after.project_id, after.data_space_id) == (before.project_id, before.data_space_id)


def test_a_project_is_created_once_however_often_the_form_is_sent(outside: Outside, connected: None) -> None:
    answer_with_a_new_project(outside)
    seen = connection.load()
    projects.create_project("New", seen)
    with pytest.raises(StaleRevisionError):
        projects.create_project("New", seen)
    assert len([call for call in outside.calls if "initialize" in call]) == 1


def test_the_log_knows_of_a_project_when_the_process_ended_before_its_answer(
    outside: Outside, pair: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    def end(*_args: object) -> NoReturn:
        raise SystemExit

    connect(pair)
    empty_log()
    monkeypatch.setattr(Client, "create_project", end)
    before = connection.load()
    with pytest.raises(SystemExit):
        projects.create_project("New", before)
    assert connection.load().instance.revision == before.instance.revision + 1
    assert list(LoggedAction.objects.values_list("action", "subject", "result")) == [("project_begun", "New", "done")]
    assert outside.calls == []


def test_the_log_has_begin_and_end_of_a_creation(outside: Outside, connected: None) -> None:
    empty_log()
    answer_with_a_new_project(outside)
    projects.create_project("New", connection.load())
    found = LoggedAction.objects.order_by("pk").values_list("action", "subject", "result")
    assert list(found)[:2] == [("project_begun", "New", "done"), ("project_created", "New", "done")]


def test_a_created_project_is_chosen_and_its_data_space_is_not(outside: Outside, pair_stored: None) -> None:
    answer_with_a_new_project(outside)
    projects.create_project("New", connection.load())
    stored = connection.load()
    assert (stored.project_id, stored.project_name, stored.data_space_id) == ("new", "New", "")


def test_no_project_is_created_where_the_environment_of_the_process_sets_one(
    outside: Outside, connected: None, settings: Settings
) -> None:
    lock(settings, project_id=PROJECT_ID)
    with pytest.raises(RefusedError, match="An environment variable sets this"):
        projects.create_project("New", connection.load())
    assert outside.calls == []


def test_a_license_that_allows_no_more_projects_is_named_and_what_there_is_is_listed(
    outside: Outside, connected: None
) -> None:
    empty_log()
    outside.accept(SANDBOX, rows=(row(), row(projectId="other", environmentId="other-space")))
    outside.answer(SANDBOX, f"{REGISTRY}/initialize", "POST", status=409, json={"status": 409, "message": "No room"})
    with pytest.raises(RefusedError) as error:
        projects.create_project("New", connection.load())
    assert "has 2 projects, and its license allows no more" in str(error.value)
    assert connection.load().project_id == PROJECT_ID
    assert LoggedAction.objects.filter(action="project_created", cause="license").exists()


def test_renaming_changes_a_name_and_no_id(outside: Outside, connected: None) -> None:
    renamed = row(projectName="Renamed project", environmentName="Renamed data space")
    outside.accept(SANDBOX, rows=(renamed,))
    outside.answer(SANDBOX, f"{REGISTRY}/projects/{PROJECT_ID}", "PATCH", json={"results": [renamed]})
    outside.answer(SANDBOX, f"{REGISTRY}/environments/{TESTING_ID}", "PATCH", json=renamed)
    projects.rename_project("Renamed project", connection.load())
    projects.rename_data_space("Renamed data space", connection.load())
    instance = Instance.objects.current()
    assert (instance.project_id, instance.project_name) == (PROJECT_ID, "Renamed project")
    assert (instance.data_space_id, instance.data_space_name) == (TESTING_ID, "Renamed data space")


def test_nothing_is_renamed_where_nothing_is_chosen(outside: Outside, pair_stored: None) -> None:
    with pytest.raises(RefusedError, match="There is no project or data space to change"):
        projects.rename_project("Name", connection.load())
    with pytest.raises(RefusedError, match="There is no project or data space to change"):
        projects.rename_data_space("Name", connection.load())
    assert outside.calls == []


def test_a_refused_token_is_signed_again_once(outside: Outside, connected: None) -> None:
    address = f"{GATEWAY_URLS[SANDBOX]}{REGISTRY}/initialize"
    outside.accept(SANDBOX)
    outside.mocked.post(address, json=JWT_INVALID, status=401)
    outside.mocked.post(address, json={"results": [row()]})
    projects.create_project("Name", connection.load())
    assert outside.calls.count(f"POST {address}") == 2
