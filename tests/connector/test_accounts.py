"""Keys, projects and data spaces of two accounts: distinguished on every save."""

from typing import Any

import pytest

from connector import connection
from connector.errors import PairRejectedError, RefusedError
from connector.gateway.client import Credentials
from connector.verification.causes import Cause
from tests.connector.configuration.test_save import save
from tests.factories import connect, dump, learn, set_instance
from tests.gateways import LIVE_ID, NOT_FOUND, OTHER_MAGE_ID, PRODUCTION, REGISTRY, SANDBOX, TESTING_ID, Outside, row

pytestmark = pytest.mark.django_db


def test_pairs_of_two_accounts_are_distinguished(outside: Outside, connected: None, other_pair: Credentials) -> None:
    outside.accept(PRODUCTION, rows=(row(mageId=OTHER_MAGE_ID),), features=())
    saved = save(pairs={PRODUCTION: other_pair})
    assert saved.findings[PRODUCTION].cause is Cause.ACCOUNT_MISMATCH
    assert connection.load().slots[SANDBOX].is_verified


def theirs() -> tuple[dict[str, Any], ...]:
    """Return what the registry lists for another account."""
    return (row(mageId=OTHER_MAGE_ID, projectId="theirs", environmentId="theirs-1"),)


def test_a_pair_of_another_account_does_not_replace_a_working_one(
    outside: Outside, connected: None, other_pair: Credentials
) -> None:
    before = dump()
    outside.accept(SANDBOX, rows=theirs())
    with pytest.raises(PairRejectedError) as caught:
        save(pairs={SANDBOX: other_pair})
    assert caught.value.causes == {SANDBOX: "data_space_unknown"}
    assert OTHER_MAGE_ID in str(caught.value.text)
    assert dump() == before


def test_who_insists_on_it_may_then_choose_a_data_space_of_that_account(
    outside: Outside, connected: None, other_pair: Credentials
) -> None:
    outside.accept(SANDBOX, rows=theirs())
    outside.answer(SANDBOX, f"{REGISTRY}/environments/{TESTING_ID}", status=404, json=NOT_FOUND)
    save(pairs={SANDBOX: other_pair}, insist=True)
    assert connection.load().active.cause is Cause.DATA_SPACE_UNKNOWN
    assert not connection.load().is_connected
    save(project_id="theirs", data_space_id="theirs-1")
    assert connection.load().is_connected


def test_the_other_environment_needs_keys_of_the_same_account(
    outside: Outside, connected: None, other_pair: Credentials
) -> None:
    outside.accept(PRODUCTION, rows=())
    saved = save(pairs={PRODUCTION: other_pair})
    assert saved.findings[PRODUCTION].cause is Cause.DATA_SPACE_UNKNOWN
    assert connection.load().is_connected


def test_an_account_without_a_project_has_no_project_to_choose(outside: Outside, connected: None) -> None:
    outside.accept(SANDBOX, rows=())
    with pytest.raises(RefusedError, match="does not belong to the account"):
        save(data_space_id=LIVE_ID)


def test_another_data_space_ends_that_it_is_unknown(accepted: None, connected: None) -> None:
    set_instance(data_space_id="gone")
    learn(SANDBOX, Cause.DATA_SPACE_UNKNOWN, features=None)
    save(data_space_id=LIVE_ID)
    assert connection.load().is_connected


def test_without_a_chosen_data_space_none_is_unknown(outside: Outside, pair: Credentials) -> None:
    connect(pair)
    outside.accept(SANDBOX, rows=theirs())
    set_instance(data_space_id="")
    save(pairs={SANDBOX: pair})
    assert connection.load().active.is_verified
