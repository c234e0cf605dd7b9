"""Once payments depend on it, a change says what it costs and has to be confirmed."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from connector import connection
from connector.configuration import protection
from connector.environment import Environment
from connector.errors import RefusedError
from connector.gateway.client import Credentials, DataSpace
from tests.addresses import CONFIGURATION
from tests.connector.configuration.test_save import save
from tests.factories import connect, dump, learn, lock, store
from tests.gateways import LIVE_ID, OTHER_PROJECT_ID, OTHER_SPACE_ID, PRODUCTION, ROWS, SANDBOX, TESTING_ID, Outside
from tests.markup import field_error, form_of, sent, text

pytestmark = pytest.mark.django_db
COST = "This instance is connected to the Production data space “Live”."


@pytest.mark.parametrize(
    "wanted", [{"project_id": OTHER_PROJECT_ID}, {"project_id": ""}, {"data_space_id": TESTING_ID}]
)
def test_an_identifier_in_production_is_not_changed_unconfirmed(live: None, wanted: dict[str, str]) -> None:
    before = dump()
    with pytest.raises(RefusedError, match="to confirm what this change costs"):
        save(**wanted)
    assert dump() == before


@pytest.mark.parametrize("typed", ["", "Staging", "Liv"])
def test_only_its_name_confirms_it(live: None, typed: str) -> None:
    with pytest.raises(RefusedError, match="to confirm what this change costs") as caught:
        save(data_space_id=TESTING_ID, confirmation=typed)
    assert "“Live”" in str(caught.value)


@pytest.mark.parametrize("typed", ["Live", " live "])
def test_its_name_confirms_it(accepted: None, live: None, typed: str) -> None:
    save(data_space_id=TESTING_ID, confirmation=typed)
    assert connection.load().data_space_id == TESTING_ID


def test_in_a_testing_data_space_nothing_has_to_be_confirmed(accepted: None, connected: None) -> None:
    save(data_space_id=LIVE_ID)
    assert connection.load().data_space_id == LIVE_ID


@pytest.mark.parametrize("environment", Environment)
def test_a_verified_pair_is_not_replaced_unconfirmed(
    pair: Credentials, other_pair: Credentials, environment: Environment
) -> None:
    connect(pair, data_space_id=LIVE_ID)
    store(PRODUCTION, pair)
    learn(PRODUCTION)
    with pytest.raises(RefusedError, match="to confirm what this change costs"):
        save(pairs={environment: other_pair})


def test_a_pair_that_is_not_verified_is_replaced_at_once(
    outside: Outside, pair: Credentials, other_pair: Credentials
) -> None:
    connect(pair, data_space_id=LIVE_ID)
    store(PRODUCTION, pair)
    outside.accept(PRODUCTION)
    save(pairs={PRODUCTION: other_pair})
    assert connection.load().slots[PRODUCTION].credentials == other_pair


def test_the_protection_does_not_go_with_the_keys(live: None) -> None:
    save(environment=PRODUCTION, switches=True)
    for wanted in ({"data_space_id": ""}, {"project_id": ""}):
        with pytest.raises(RefusedError, match="to confirm what this change costs"):
            save(**wanted)


def test_a_name_is_typed_as_the_page_shows_it() -> None:
    assert protection.is_typed(" my  live\tspace ", "My Live   Space")
    assert protection.is_typed("Zürich", "Zu\u0308ri\u200bch")
    assert not protection.is_typed("mylivespace", "My Live Space")


def test_a_first_pair_may_come_with_its_identifier(accepted: None, pair: Credentials) -> None:
    save(pairs={SANDBOX: pair}, project_id=OTHER_PROJECT_ID, data_space_id=OTHER_SPACE_ID)
    assert connection.load().is_connected


def test_the_page_says_what_a_change_costs_before_it_is_made(as_alice: Client, live: None) -> None:
    shown = text(as_alice.get(CONFIGURATION))
    assert COST in shown
    assert "stay in “Live” and do not come along" in shown


def test_the_page_says_nothing_of_it_where_nothing_is_lost(as_alice: Client, connected: None) -> None:
    assert "What this change costs" not in text(as_alice.get(CONFIGURATION))


def test_what_the_environment_sets_costs_nothing_here(as_alice: Client, live: None, settings: Settings) -> None:
    lock(settings, project_id="p", data_space_id=LIVE_ID)
    assert "do not come along" not in text(as_alice.get(CONFIGURATION))


def test_the_field_asks_for_the_name_and_keeps_what_was_chosen(as_alice: Client, live: None) -> None:
    page = as_alice.get(CONFIGURATION)
    refused = as_alice.post(CONFIGURATION, form_of(page) | {"data_space_id": TESTING_ID, "confirmation": "Life"})
    assert "Type “Live” here to confirm what this change costs." in field_error(refused, "confirmation")
    assert f'<option value="{TESTING_ID}" selected' in " ".join(refused.content.decode().split())


def test_the_page_refuses_keys_and_identifier_in_one_save(
    as_alice: Client, connected: None, other_pair: Credentials
) -> None:
    both = form_of(as_alice.get(CONFIGURATION)) | sent(other_pair, data_space_id=LIVE_ID)
    before = dump()
    refused = as_alice.post(CONFIGURATION, both)
    assert "Keys and project or data space are not changed in one save" in text(refused)
    assert dump() == before


def test_removing_a_pair_that_production_depends_on_asks_for_the_data_space(as_alice: Client, live: None) -> None:
    refused = as_alice.post(f"{CONFIGURATION}remove-keys/sandbox/", {"confirmation": "Sandbox"})
    assert "This is not the name that was asked for." in text(refused)
    as_alice.post(f"{CONFIGURATION}remove-keys/sandbox/", {"confirmation": "Live"})
    assert not connection.load().slots[SANDBOX].is_stored


SEEN_ON = timezone.now() - timedelta(days=2)


def occupied(
    by: str = "3d1f7b0a-8a55-4f0e-9e39-0d4a5a8f7c10", seen_at: datetime = SEEN_ON, name: str = "Luma EU"
) -> tuple[Any, ...]:
    """Return the rows of the account while another instance works in the data space “Live”."""
    seen = {"lastInstance": {"id": by, "name": name, "seenAt": seen_at.isoformat()}}
    return tuple(known | seen if known["environmentId"] == LIVE_ID else known for known in ROWS)


def test_a_data_space_that_this_instance_was_seen_in_is_its_own(outside: Outside, connected: None) -> None:
    outside.accept(SANDBOX, rows=occupied(by=str(connection.load().instance.instance_id)))
    save(data_space_id=LIVE_ID)
    assert connection.load().data_space_id == LIVE_ID


def test_a_data_space_that_was_left_long_ago_is_free(outside: Outside, connected: None) -> None:
    outside.accept(SANDBOX, rows=occupied(seen_at=SEEN_ON - timedelta(days=30)))
    save(data_space_id=LIVE_ID)
    assert connection.load().data_space_id == LIVE_ID


def test_a_data_space_that_is_in_use_here_is_not_asked_about(outside: Outside, live: None) -> None:
    outside.accept(SANDBOX, rows=occupied())
    save(environment=SANDBOX, data_space_id=LIVE_ID, confirmation="Live")
    assert connection.load().data_space_id == LIVE_ID


def test_the_page_names_the_occupant_and_asks(as_alice: Client, outside: Outside, connected: None) -> None:
    outside.accept(SANDBOX, rows=occupied())
    chosen = form_of(as_alice.get(CONFIGURATION)) | {"data_space_id": LIVE_ID}
    refused = as_alice.post(CONFIGURATION, chosen)
    assert connection.load().data_space_id == TESTING_ID
    assert "“Luma EU” works in this data space; it was last seen there on" in field_error(refused, "data_space_id")
    as_alice.post(CONFIGURATION, chosen | {"shares": "on"})
    assert connection.load().data_space_id == LIVE_ID


def test_the_list_of_data_spaces_names_who_uses_one(as_alice: Client, connected: None) -> None:
    learn(SANDBOX, data_spaces=[DataSpace.from_row(known).to_json() for known in occupied()])
    assert "Live (Production), used by Luma EU" in text(as_alice.get(CONFIGURATION))


def test_an_occupant_without_a_name_is_called_by_its_id(outside: Outside, connected: None) -> None:
    outside.accept(SANDBOX, rows=occupied(name=""))
    with pytest.raises(RefusedError, match="works in this data space") as caught:
        save(data_space_id=LIVE_ID)
    assert "“3d1f7b0a”" in str(caught.value)
