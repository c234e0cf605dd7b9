"""A renamed project or data space has its new name everywhere, whichever pair is active."""

from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.utils import timezone

from backend.audit.models import LoggedAction
from connector import connection
from connector.configuration import pairs, projects, protection, verify_now
from connector.configuration import save as saving
from connector.configuration.plan import SavePlan
from connector.errors import RefusedError
from connector.gateway.client import Credentials
from connector.models import Identifier, Instance
from tests.addresses import CONFIGURATION, PAYMENT_SERVICES
from tests.connector.configuration.test_locks import Meanwhile
from tests.factories import connect, learn, set_instance, store
from tests.gateways import LIVE_ID, PRODUCTION, PROJECT_ID, REGISTRY, ROWS, SANDBOX, TESTING_ID, Outside
from tests.markup import text

pytestmark = pytest.mark.django_db


def with_names(project: str = "Fabrikam EU", live: str = "Live") -> tuple[dict[str, Any], ...]:
    """Return the rows of the account with other names for the first project and its live data space."""
    return tuple(
        known
        | ({"projectName": project} if known["projectId"] == PROJECT_ID else {})
        | ({"environmentName": live} if known["environmentId"] == LIVE_ID else {})
        for known in ROWS
    )


@pytest.fixture(autouse=True)
def _both_pairs_know_the_account(pair: Credentials, other_pair: Credentials) -> None:
    store(PRODUCTION, other_pair)
    learn(PRODUCTION)
    connect(pair, data_space_id=LIVE_ID)


def rename(outside: Outside) -> None:
    """Rename the project and the data space with the sandbox pair."""
    outside.answer(SANDBOX, f"{REGISTRY}/projects/{PROJECT_ID}", "PATCH", json={"results": [ROWS[0]]})
    outside.accept(SANDBOX, rows=with_names(project="Shop"))
    projects.rename_project("Shop", connection.load())
    outside.answer(SANDBOX, f"{REGISTRY}/environments/{LIVE_ID}", "PATCH", json=ROWS[1])
    outside.accept(SANDBOX, rows=with_names(project="Shop", live="Web"))
    projects.rename_data_space("Web", connection.load())


def names() -> set[tuple[str, str, str]]:
    """Return the names of project and data space, and the name to type, with either pair active."""
    found = set()
    for environment in (SANDBOX, PRODUCTION):
        set_instance(active_environment=environment)
        known = connection.load()
        found.add((known.project_name, known.data_space_name, protection.name_to_type(known)))
    return found


def test_a_new_name_is_shown_and_asked_for_with_either_pair(outside: Outside) -> None:
    rename(outside)
    assert names() == {("Shop", "Web", "Web")}


def test_after_a_switch_the_pages_show_the_new_names_and_no_former_one(as_alice: Client, outside: Outside) -> None:
    rename(outside)
    pairs.switch_environment(PRODUCTION, connection.load())
    for address in (CONFIGURATION, PAYMENT_SERVICES, f"{PAYMENT_SERVICES}settings/"):
        said = text(as_alice.get(address))
        assert "Shop" in said
        assert "Web" in said
        assert "Fabrikam EU" not in said
        assert "Live (Production)" not in said


def test_the_former_identifier_has_the_new_names_too(outside: Outside) -> None:
    kept = vars(Identifier(PROJECT_ID, "Fabrikam EU", TESTING_ID, "Staging"))
    Instance.objects.update(former_identifier=kept, identifier_replaced_at=timezone.now())
    rename(outside)
    known = connection.load().former_identifier
    assert known
    assert known.label == "Shop / Staging"


def test_a_name_that_one_pair_reads_is_known_of_the_other(outside: Outside) -> None:
    outside.accept(PRODUCTION, rows=with_names(project="Shop", live="Web"))
    verify_now.verify(connection.load(), [PRODUCTION])
    assert names() == {("Shop", "Web", "Web")}


def test_a_name_that_a_save_reads_is_known_everywhere(outside: Outside) -> None:
    outside.accept(SANDBOX, rows=with_names(project="Shop", live="Web"))
    stored = connection.load()
    saving.save(SavePlan(stored, data_space_id=TESTING_ID, confirmation="Live"), None)
    after = connection.load()
    assert after.inactive.verification.data_spaces[1]["name"] == "Web"
    assert (after.instance.former_identifier or {})["data_space_name"] == "Web"


def test_what_the_other_pair_read_before_a_rename_does_not_undo_it(outside: Outside) -> None:
    outside.accept(PRODUCTION)
    before = connection.load()
    rename(outside)
    verify_now.verify(before, [PRODUCTION])
    assert names() == {("Shop", "Web", "Web")}


def test_reading_the_same_names_again_counts_as_no_rename(accepted: None) -> None:
    verify_now.verify(connection.load(), [SANDBOX])
    assert Instance.objects.current().renames == 0


def test_a_rename_that_is_refused_changes_no_name(outside: Outside) -> None:
    outside.answer(SANDBOX, f"{REGISTRY}/projects/{PROJECT_ID}", "PATCH", status=403, json={})
    with pytest.raises(RefusedError):
        projects.rename_project("Shop", connection.load())
    assert connection.load().project_name == "Fabrikam EU"
    assert LoggedAction.objects.get(action="project_renamed").result == "refused"


@pytest.mark.django_db(transaction=True)
def test_both_pairs_reading_new_names_at_once_is_no_deadlock(outside: Outside) -> None:
    outside.accept(SANDBOX, rows=with_names(live="Web"))
    outside.accept(PRODUCTION, rows=with_names(live="Web"))
    seen = connection.load()
    other = Meanwhile('UPDATE "connector_verification"', lambda: verify_now.verify(seen, [PRODUCTION]), after=True)
    with database.execute_wrapper(other):
        verify_now.verify(seen, [SANDBOX])
    other.result()
    assert names() == {("Fabrikam EU", "Web", "Web")}
