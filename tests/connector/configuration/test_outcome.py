"""What the actions of the configuration page say to the person who did them."""

import re

import pytest
from django.test import Client, RequestFactory
from pytest_django import Settings

from connector import connection
from connector.configuration import outcome
from connector.errors import ConnectorError
from connector.gateway.client import Credentials
from connector.keys import keyring
from connector.verification.causes import Cause
from connector.verification.row import Kind
from tests.addresses import CONFIGURATION
from tests.factories import advice, connect, learn, set_instance, store
from tests.gateways import (
    CLIENT_ID_INVALID,
    JWT_INVALID,
    PRODUCTION,
    PROJECT_ID,
    REGISTRY,
    SANDBOX,
    TESTING_ID,
    Outside,
    row,
)
from tests.markup import sent, text

pytestmark = pytest.mark.django_db


def post(client: Client, path: str, **data: str) -> str:
    return text(client.post(CONFIGURATION + path, data, follow=True))


def test_verify_now_of_an_account_without_a_project_names_none(
    as_alice: Client, outside: Outside, pair_stored: None
) -> None:
    outside.accept(SANDBOX, rows=())
    assert "Sandbox: the key pair was verified." in post(as_alice, "verify/", environment="sandbox")


@pytest.mark.parametrize(
    ("body", "status", "cause"),
    [
        (JWT_INVALID, 401, Cause.PAIR_MISMATCH),
        (CLIENT_ID_INVALID, 403, Cause.API_KEY_UNKNOWN),
        (CLIENT_ID_INVALID | {"detail": "key_revoked"}, 403, Cause.KEY_REVOKED),
        ({}, 500, Cause.GATEWAY_ERROR),
        ({}, 429, Cause.RATE_LIMITED),
    ],
)
def test_verify_now_names_one_cause_and_one_next_step(
    as_alice: Client, outside: Outside, pair_stored: None, body: dict[str, object], status: int, cause: Cause
) -> None:
    outside.refuse(SANDBOX, body, status)
    outside.refuse(PRODUCTION, CLIENT_ID_INVALID)
    said = post(as_alice, "verify/", environment="sandbox")
    shown = advice()
    assert shown.cause is cause
    assert (said.count(shown.explanation), said.count(shown.next_step)) == (1, 1)
    found = f"tried just now, without a result: {cause.label}." if cause.kind is Kind.UNKNOWN else "was not verified."
    assert found in said


def test_verify_now_without_keys_says_that_they_are_missing(as_alice: Client, outside: Outside) -> None:
    assert "needs an API key and its private key" in post(as_alice, "verify/", environment="production")
    assert outside.calls == []


def test_verify_now_of_what_does_not_open_sends_nothing(
    as_alice: Client, outside: Outside, connected: None, settings: Settings
) -> None:
    settings.ENCRYPTION_KEYS = [keyring.generate_key()]
    assert "no longer has the encryption key" in post(as_alice, "verify/", environment="sandbox")
    assert outside.calls == []


def test_saving_the_identifier_names_what_was_chosen(as_alice: Client, accepted: None, pair_stored: None) -> None:
    said = post(as_alice, "", project_id=PROJECT_ID, data_space_id=TESTING_ID)
    assert "Saved: project “Fabrikam EU”, data space “Staging”." in said


def test_clearing_the_identifier_says_so(as_alice: Client, accepted: None, connected: None) -> None:
    assert "Saved: no project, no data space." in post(as_alice, "", project_id="", data_space_id="")


def test_the_first_pair_names_the_active_environment(as_alice: Client, outside: Outside, pair: Credentials) -> None:
    outside.accept(PRODUCTION)
    assert "Saved: Production keys, active environment Production." in post(as_alice, "", **sent(pair, PRODUCTION))


def test_one_message_says_what_was_saved_repaired_and_verified(
    as_alice: Client, accepted: None, pair: Credentials
) -> None:
    pasted = sent(pair, sandbox_private_key=f"\n\n   {pair.private_key.pem}")
    response = as_alice.post(CONFIGURATION, pasted, follow=True)
    (said,) = map(str, response.context["messages"])
    assert said == (
        "Saved: Sandbox keys, active environment Sandbox. "
        "The Sandbox private key was repaired before it was saved: blanks around the key. "
        "Sandbox: the key pair was verified for Fabrikam (MAG000000007)."
    )


def test_why_the_active_pair_is_not_verified_is_said_by_the_panel_alone(
    as_alice: Client, outside: Outside, pair: Credentials
) -> None:
    outside.refuse(SANDBOX, JWT_INVALID, 401)
    response = as_alice.post(CONFIGURATION, sent(pair), follow=True)
    assert [str(message) for message in response.context["messages"]] == [
        "Saved: Sandbox keys, active environment Sandbox. Sandbox: the key pair was not verified."
    ]
    assert text(response).count(advice().explanation) == 1


FORMER = "The former key …aaaa is no longer used by this Admin: delete it in the API Portal"


def test_once_a_new_pair_is_verified_the_former_key_may_go(
    as_alice: Client, accepted: None, connected: None, other_pair: Credentials
) -> None:
    said = post(as_alice, "", **sent(other_pair))
    assert "Saved: Sandbox keys. " in said
    assert FORMER in said


def test_one_message_says_of_a_whole_save_what_became_of_it(
    as_alice: Client, accepted: None, outside: Outside, connected: None, other_pair: Credentials
) -> None:
    outside.refuse(PRODUCTION, JWT_INVALID, 401)
    first = sent(other_pair) | sent(Credentials("b" * 32, other_pair.private_key), PRODUCTION)
    (said,) = as_alice.post(CONFIGURATION, first, follow=True).context["messages"]
    assert "Saved: Sandbox keys, Production keys. Sandbox: the key pair was verified for" in str(said)
    assert "Production: the key pair was not verified." in str(said)
    assert FORMER in str(said)
    assert said.level_tag == "warning"


def test_a_refused_save_points_to_what_its_fields_say(as_alice: Client, pair: Credentials) -> None:
    page = as_alice.post(CONFIGURATION, sent(pair, project_id="?", data_space_id="?")).content.decode()
    alert = page.split('role="alert"')[1].split("</div>")[0]
    assert re.findall('href="#(.*?)"', alert) == ["project_id", "data_space_id", "sandbox_private_key"]
    assert alert.count("Nothing was saved") == 1
    assert page.count("Nothing was saved") == 1


def test_a_switch_that_is_not_confirmed_points_to_the_environment(
    as_alice: Client, connected: None, other_pair: Credentials
) -> None:
    store(PRODUCTION, other_pair)
    page = as_alice.post(CONFIGURATION, {"active_environment": "production"}).content.decode()
    alert = page.split('role="alert"')[1].split("</div>")[0]
    assert re.findall('href="#(.*?)"', alert) == ["active_environment"]


def test_nothing_may_go_while_it_is_not_known_whether_the_new_pair_works(
    as_alice: Client, outside: Outside, connected: None, other_pair: Credentials
) -> None:
    outside.answer_all(SANDBOX, status=500)
    assert "Saved: Sandbox keys" in (said := post(as_alice, "", **sent(other_pair), insist="on"))
    assert "may still use it" not in said


def test_a_first_pair_and_the_same_key_again_leave_nothing_behind(
    as_alice: Client, accepted: None, pair: Credentials, other_pair: Credentials
) -> None:
    assert "may still use it" not in post(as_alice, "", **sent(pair))
    renewed = Credentials(pair.api_key, other_pair.private_key)
    assert "Saved: Sandbox keys" in (said := post(as_alice, "", **sent(renewed)))
    assert "may still use it" not in said


def test_a_key_that_the_other_section_uses_as_well_may_not_go(
    as_alice: Client, accepted: None, pair: Credentials, other_pair: Credentials
) -> None:
    store(PRODUCTION, pair)
    connect(pair)
    assert "Saved: Sandbox keys" in (said := post(as_alice, "", **sent(other_pair)))
    assert "may still use it" not in said


def test_an_emptied_api_key_is_reported_and_stays(as_alice: Client, pair: Credentials) -> None:
    connect(pair)
    said = post(as_alice, "", sandbox_api_key="", sandbox_private_key="")
    assert "The Sandbox API key was left empty, so the stored one was kept." in said
    assert connection.load().active.credentials == pair


def test_a_created_project_is_reported(as_alice: Client, outside: Outside, pair_stored: None) -> None:
    new = row(projectId="new", projectName="New shop")
    outside.accept(SANDBOX, rows=(new,))
    outside.answer(SANDBOX, f"{REGISTRY}/initialize", "POST", json={"results": [new]})
    said = post(as_alice, "create-project/", project_name="New shop")
    assert "Project created and chosen." in said
    assert "New shop" in said


@pytest.mark.parametrize("path", ["rename-project/", "rename-data-space/"])
def test_a_rename_is_reported(as_alice: Client, outside: Outside, connected: None, path: str) -> None:
    renamed = row(projectName="Renamed", environmentName="Renamed")
    outside.accept(SANDBOX, rows=(renamed,))
    outside.answer(SANDBOX, f"{REGISTRY}/projects/{PROJECT_ID}", "PATCH", json={"results": [renamed]})
    outside.answer(SANDBOX, f"{REGISTRY}/environments/{TESTING_ID}", "PATCH", json=renamed)
    assert "renamed." in post(as_alice, path, project_name="Renamed", data_space_name="Renamed")


@pytest.mark.parametrize("path", ["create-project/", "rename-project/", "rename-data-space/"])
@pytest.mark.parametrize("name", ["", "x" * 256])
def test_a_name_that_is_none_is_refused_in_its_dialog(
    as_alice: Client, outside: Outside, connected: None, path: str, name: str
) -> None:
    response = as_alice.post(CONFIGURATION + path, {"project_name": name, "data_space_name": name})
    assert f'id="{path[:-1]}-error"' in response.content.decode()
    assert outside.calls == []


@pytest.mark.usefixtures("outside")
@pytest.mark.parametrize("path", ["create-project/", "rename-project/", "rename-data-space/"])
def test_what_commerce_services_did_not_do_is_reported(as_alice: Client, connected: None, path: str) -> None:
    said = post(as_alice, path, project_name="Name", data_space_name="Name")
    assert "Nothing was changed: Commerce Services cannot be reached." in said


def test_what_needs_keys_says_so(as_alice: Client) -> None:
    assert "Enter the keys of the active environment first" in post(as_alice, "create-project/", project_name="Name")


def test_what_needs_a_project_says_so(as_alice: Client, pair_stored: None) -> None:
    assert "There is no project or data space to change." in post(as_alice, "rename-project/", project_name="Name")


def test_a_pair_that_cannot_be_moved_says_so(as_alice: Client, connected: None) -> None:
    assert "Nothing was moved: a verification did not find" in post(as_alice, "move-pair/", environment="sandbox")


@pytest.mark.parametrize("is_active", [True, False])
def test_a_moved_pair_is_reported_and_whether_the_active_environment_changed(
    as_alice: Client, outside: Outside, pair_stored: None, *, is_active: bool
) -> None:
    learn(SANDBOX, Cause.WRONG_ENVIRONMENT)
    set_instance(active_environment=PRODUCTION if is_active else SANDBOX)
    outside.accept(PRODUCTION)
    said = post(as_alice, "move-pair/", environment="sandbox")
    assert "The key pair was moved to Production Keys" in said
    assert ("the active environment is Production now" in said) is not is_active
    assert "Production: the key pair was verified" in said


def test_an_error_that_nobody_named_is_not_swallowed() -> None:
    with pytest.raises(ConnectorError):
        outcome.refused(RequestFactory().get("/"), ConnectorError())
