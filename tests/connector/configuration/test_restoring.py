"""What was replaced or removed can be restored for 30 days."""

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from backend.audit.models import LoggedAction
from connector import connection
from connector.configuration import pairs
from connector.gateway.client import Credentials
from connector.keys import keyring
from connector.models import RESTORABLE, Instance, KeyPair
from tests.addresses import CONFIGURATION
from tests.connector.configuration.test_erasing import let_pass
from tests.factories import connect, lock, store
from tests.gateways import CLIENT_ID_INVALID, LIVE_ID, ROWS, SANDBOX, TESTING_ID, Outside
from tests.markup import field_error, form_of, text

pytestmark = pytest.mark.django_db
RESTORE = f"{CONFIGURATION}restore/"


def choose(client: Client, data_space_id: str) -> None:
    client.post(CONFIGURATION, form_of(client.get(CONFIGURATION)) | {"data_space_id": data_space_id})


def test_a_replaced_pair_is_restored_and_the_new_one_becomes_the_former(
    as_alice: Client, accepted: None, pair: Credentials, replaced: Credentials
) -> None:
    response = as_alice.post(f"{RESTORE}sandbox/", follow=True)
    slot = connection.load().slots[SANDBOX]
    assert "Restored: Sandbox keys" in text(response)
    assert (slot.credentials, slot.is_verified) == (replaced, True)
    assert slot.former
    assert slot.former.open("api_key") == pair.api_key


def test_restoring_is_logged_as_such(as_alice: Client, accepted: None, replaced: Credentials) -> None:
    as_alice.post(f"{RESTORE}sandbox/")
    row = LoggedAction.objects.get(action="keys_restored")
    assert replaced.private_key.fingerprint in row.after
    assert row.is_event


def test_a_removed_pair_is_restored(as_alice: Client, accepted: None, pair: Credentials) -> None:
    connect(pair)
    as_alice.post(f"{CONFIGURATION}remove-keys/sandbox/", {"confirmation": "sandbox"})
    as_alice.post(f"{RESTORE}sandbox/")
    slot = connection.load().slots[SANDBOX]
    assert (slot.credentials, slot.former) == (pair, None)


def test_a_pair_that_was_erased_at_once_is_not_offered(as_alice: Client, connected: None) -> None:
    as_alice.post(f"{CONFIGURATION}remove-keys/sandbox/", {"confirmation": "sandbox", "erase": "on"})
    assert as_alice.post(f"{RESTORE}sandbox/").status_code == 404
    assert not KeyPair.objects.exists()


def test_a_working_pair_is_not_replaced_by_a_former_one_that_is_rejected(
    as_alice: Client, outside: Outside, pair: Credentials, replaced: Credentials
) -> None:
    outside.refuse(SANDBOX, CLIENT_ID_INVALID)
    response = as_alice.post(f"{RESTORE}sandbox/", follow=True)
    slot = connection.load().slots[SANDBOX]
    assert "The pair that is stored works and was kept." in text(response)
    assert (slot.credentials, slot.is_verified) == (pair, True)
    assert slot.former
    assert slot.former.open("api_key") == replaced.api_key


def test_a_former_pair_that_cannot_be_checked_is_restored_by_who_insists(
    as_alice: Client, outside: Outside, pair: Credentials, replaced: Credentials
) -> None:
    outside.answer_all(SANDBOX, status=503)
    assert 'name="insist"' not in as_alice.get(f"{RESTORE}sandbox/").content.decode()
    response = as_alice.post(f"{RESTORE}sandbox/")
    assert 'name="insist"' in response.content.decode()
    assert "Try again later" in field_error(response, "id_insist")
    assert connection.load().slots[SANDBOX].credentials == pair
    as_alice.post(f"{RESTORE}sandbox/", {"insist": "on"})
    assert connection.load().slots[SANDBOX].credentials == replaced


def test_an_identifier_is_restored_and_back_again(as_alice: Client, accepted: None, connected: None) -> None:
    choose(as_alice, LIVE_ID)
    assert "Fabrikam EU / Staging (Testing)" in text(as_alice.get(CONFIGURATION))
    as_alice.post(f"{RESTORE}identifier/", {"confirmation": "Live"})
    assert connection.load().data_space_id == TESTING_ID
    as_alice.post(f"{RESTORE}identifier/")
    assert connection.load().data_space_id == LIVE_ID


def test_restoring_costs_what_choosing_would_cost(as_alice: Client, accepted: None, connected: None) -> None:
    choose(as_alice, LIVE_ID)
    refused = as_alice.post(f"{RESTORE}identifier/", {"confirmation": "no"})
    assert "Type “Live” here to confirm what this change costs." in text(refused)
    assert "“Fabrikam EU / Staging (Testing)” is looked up and put back." in text(refused)
    assert connection.load().data_space_id == LIVE_ID


def test_what_comes_back_is_no_longer_former(as_alice: Client, accepted: None, connected: None) -> None:
    as_alice.post(CONFIGURATION, form_of(as_alice.get(CONFIGURATION)) | {"project_id": "", "data_space_id": ""})
    as_alice.post(f"{RESTORE}identifier/")
    assert connection.load().data_space_id == TESTING_ID
    assert Instance.objects.current().former_identifier is None


@pytest.mark.parametrize("what", ["sandbox", "identifier"])
def test_after_30_days_nothing_is_offered(replaced: Credentials, as_alice: Client, what: str) -> None:
    Instance.objects.update(former_identifier={"project_id": "p"})
    let_pass(RESTORABLE)
    assert as_alice.get(f"{RESTORE}{what}/").status_code == 404
    assert "It can be restored until" not in text(as_alice.get(CONFIGURATION))
    assert pairs.restorable(what, connection.load()) is None


@pytest.mark.parametrize("what", ["production", "identifier", "nothing"])
def test_what_is_not_there_cannot_be_restored(replaced: Credentials, as_alice: Client, what: str) -> None:
    assert as_alice.post(f"{RESTORE}{what}/").status_code == 404


@pytest.mark.usefixtures("replaced")
def test_a_former_pair_that_does_not_open_is_kept(as_alice: Client, pair: Credentials, settings: Settings) -> None:
    keys = settings.ENCRYPTION_KEYS
    settings.ENCRYPTION_KEYS = [keyring.generate_key()]
    response = as_alice.post(f"{RESTORE}sandbox/", follow=True)
    assert "does not open with any encryption key" in text(response)
    settings.ENCRYPTION_KEYS = keys
    assert connection.load().slots[SANDBOX].credentials == pair


def test_a_pair_that_does_not_open_is_replaced_and_can_still_be_restored(
    pair: Credentials, other_pair: Credentials, settings: Settings
) -> None:
    store(SANDBOX, pair)
    keys = settings.ENCRYPTION_KEYS
    settings.ENCRYPTION_KEYS = [keyring.generate_key()]
    store(SANDBOX, other_pair)
    settings.ENCRYPTION_KEYS = [*settings.ENCRYPTION_KEYS, *keys]
    stored = connection.load()
    before = stored.slots[SANDBOX].restorable
    assert before
    assert pairs.restoring(before, stored).pairs[SANDBOX] == pair


def test_removing_a_pair_that_never_worked_says_that_the_former_one_stays(
    as_alice: Client, pair: Credentials, other_pair: Credentials
) -> None:
    connect(pair)
    store(SANDBOX, other_pair)
    assert "It never worked, so it is erased; the former pair stays" in text(
        as_alice.get(f"{CONFIGURATION}remove-keys/sandbox/")
    )
    as_alice.post(f"{CONFIGURATION}remove-keys/sandbox/", {"confirmation": "Sandbox"})
    assert KeyPair.objects.get().open("api_key") == pair.api_key


@pytest.mark.parametrize("what", ["sandbox", "identifier"])
@pytest.mark.usefixtures("replaced")
def test_what_the_environment_sets_is_not_restored(as_alice: Client, settings: Settings, what: str) -> None:
    Instance.objects.update(former_identifier={"project_id": "p"}, identifier_replaced_at=timezone.now())
    lock(settings, sandbox_api_key="c" * 32, project_id="p", data_space_id=LIVE_ID)
    assert as_alice.post(f"{RESTORE}{what}/").status_code == 404
    assert "It can be restored until" not in text(as_alice.get(CONFIGURATION))


def test_a_pair_that_is_not_verified_is_replaced_by_the_former_one_without_a_name(
    as_alice: Client, accepted: None, pair: Credentials, other_pair: Credentials
) -> None:
    connect(pair, data_space_id=LIVE_ID)
    store(SANDBOX, other_pair)
    dialog = as_alice.get(f"{RESTORE}sandbox/").content.decode()
    assert 'id="restore-sandbox-input"' not in dialog
    as_alice.post(f"{RESTORE}sandbox/")
    assert connection.load().slots[SANDBOX].credentials == pair


def test_an_occupied_data_space_is_not_restored_and_the_way_out_is_shown(
    as_alice: Client, outside: Outside, connected: None
) -> None:
    outside.accept(SANDBOX)
    choose(as_alice, LIVE_ID)
    seen = {"id": "another", "name": "Luma EU", "seenAt": timezone.now().isoformat()}
    outside.accept(SANDBOX, rows=tuple(known | {"lastInstance": seen} for known in ROWS))
    response = as_alice.post(f"{RESTORE}identifier/", {"confirmation": "Live"}, follow=True)
    assert "“Luma EU” works in this data space; it was last seen there on" in text(response)
    assert "choose another data space, or choose this one below and confirm that you mean it" in text(response)
    assert connection.load().data_space_id == LIVE_ID


def test_what_can_be_restored_costs_the_page_no_query(
    replaced: Credentials, as_alice: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    as_alice.get(CONFIGURATION)
    with django_assert_num_queries(5):  # Among them are the bell and how far live onboarding is.
        assert "Former pair" in text(as_alice.get(CONFIGURATION))
