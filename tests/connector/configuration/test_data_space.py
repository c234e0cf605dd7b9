"""Cleaning the data space in use up, and the cloud project that it belongs to."""

import pytest
from django.utils import timezone

from backend.audit.models import LoggedAction
from connector import connection
from connector.configuration import data_space, protection, verify_now
from connector.errors import PairMissingError, RefusedError, StaleRevisionError
from connector.gateway.client import Credentials
from connector.models import Turn
from connector.models.turns import CHANGE
from connector.verification.causes import Cause
from tests.factories import choose_identifier, connect, dump, set_instance
from tests.gateways import NOT_FOUND, REGISTRY, ROWS, SANDBOX, TESTING_ID, Outside, row

pytestmark = pytest.mark.django_db
SPACE = f"{REGISTRY}/environments/{TESTING_ID}"
CLEANUP, CLOUD_ID = f"{SPACE}/cleanup", f"{SPACE}/cloudid/abc123"


def logged() -> list[tuple[str, str, str, str]]:
    rows = LoggedAction.objects.filter(action__in=["data_space_cleaned", "cloud_id_set"])
    return list(rows.values_list("action", "subject", "result", "cause"))


def test_a_data_space_is_cleaned_up_and_what_is_chosen_stays(outside: Outside, connected: None) -> None:
    outside.accept(SANDBOX)
    outside.answer(SANDBOX, CLEANUP, "POST", json=row(environmentName=None))
    before = connection.load()
    data_space.clean_up("staging", before)
    after = connection.load()
    assert (after.data_space_id, after.data_space_name) == (TESTING_ID, "Staging")
    assert logged() == [("data_space_cleaned", "Staging", "done", "")]


@pytest.mark.parametrize("typed", ["", "Live", TESTING_ID])
def test_only_its_name_confirms_that_a_data_space_is_cleaned_up(outside: Outside, connected: None, typed: str) -> None:
    before = dump()
    with pytest.raises(RefusedError, match="Type “Staging” here"):
        data_space.clean_up(typed, connection.load())
    assert (outside.calls, dump()) == ([], before)
    assert logged() == [("data_space_cleaned", "Staging", "refused", "not_confirmed")]


def test_what_cleaning_up_costs_names_who_works_there_too(outside: Outside, connected: None) -> None:
    text = "“Other shop” works in this data space too."
    assert protection.cost_of_clean_up(connection.load()).startswith("“Staging” becomes as empty as a new data space")
    assert text not in protection.cost_of_clean_up(connection.load())
    seen = {"id": "other", "name": "Other shop", "seenAt": timezone.now().isoformat()}
    outside.accept(SANDBOX, rows=(row(lastInstance=seen), *ROWS[1:]))
    verify_now.verify(connection.load(), [SANDBOX])
    assert text in protection.cost_of_clean_up(connection.load())


def test_without_an_answer_it_is_not_known_whether_it_was_cleaned_up(outside: Outside, connected: None) -> None:
    outside.accept(SANDBOX)
    outside.answer(SANDBOX, CLEANUP, "POST", status=502)
    with pytest.raises(RefusedError, match="it is not known whether it was done") as refused:
        data_space.clean_up("Staging", connection.load())
    assert refused.value.code == Cause.GATEWAY_ERROR
    assert logged() == [("data_space_cleaned", "Staging", "refused", "gateway_error")]


def test_nothing_is_cleaned_up_while_somebody_else_changes_it(outside: Outside, connected: None) -> None:
    stored = connection.load()
    Turn.objects.begin(CHANGE, stored.now)
    with pytest.raises(StaleRevisionError):
        data_space.clean_up("Staging", stored)
    assert outside.calls == []


def test_the_cloud_id_is_read_and_set(outside: Outside, connected: None) -> None:
    outside.accept(SANDBOX, rows=(row(cloudId="before"), *ROWS[1:]))
    outside.answer(SANDBOX, CLOUD_ID, "PUT", json={"status": 200})
    assert data_space.read_cloud_id(connection.load()) == "before"
    data_space.set_cloud_id("abc123", connection.load())
    assert logged() == [("cloud_id_set", "Staging", "done", "")]


def test_a_gateway_that_does_not_know_the_cloud_id_is_to_be_asked_again(outside: Outside, connected: None) -> None:
    outside.answer(SANDBOX, SPACE, json=NOT_FOUND, status=404)
    with pytest.raises(RefusedError, match=r"No usable answer from Commerce Services\. Try again"):
        data_space.read_cloud_id(connection.load())


def test_without_a_data_space_or_a_pair_nothing_is_asked(outside: Outside, pair_stored: None) -> None:
    with pytest.raises(RefusedError, match="There is no project or data space to change"):
        data_space.read_cloud_id(connection.load())
    with pytest.raises(RefusedError, match="There is no project or data space to change"):
        data_space.clean_up("", connection.load())
    choose_identifier()
    set_instance(active_environment="production")
    with pytest.raises(PairMissingError):
        data_space.read_cloud_id(connection.load())
    assert outside.calls == []


def test_a_cleaned_data_space_is_an_event_of_the_bell(outside: Outside, pair: Credentials) -> None:
    connect(pair)
    outside.accept(SANDBOX)
    outside.answer(SANDBOX, CLEANUP, "POST", json=row())
    data_space.clean_up("Staging", connection.load())
    assert LoggedAction.objects.get(action="data_space_cleaned").is_event
